"""`relmem data cloze`: questions as in the Children's Book Test, made from any plain text."""

from pathlib import Path

import typer

from relmem_cli.errors import RelmemError, UsageError


def cloze(
    books: list[Path] = typer.Argument(metavar="BOOK...", help="Plain text, UTF-8."),
    kind: str = typer.Option("NE,CN,V,P", "--kind", "-k", help="Of the words left out."),
    candidates: int = typer.Option(10, min=2, max=100, help="Words that an answer is one of."),
    questions: int = typer.Option(0, min=0, help="At most so many a file; 0 for all."),
    seed: int = typer.Option(0, min=0, help="Other words are left out."),
    out: Path = typer.Option(..., help="A folder; its files are named as the test's are."),
) -> None:
    """Make cloze questions from books.

    Each sentence is asked about once for each kind of word: a named entity (NE), a common noun
    (CN), a verb (V), a preposition (P) that the 20 sentences before it have, too, is left out, and
    is to be found among words of its kind from these sentences. The first four fifths of each book
    train, the next tenth validates, the last tests.

    Examples:

      relmem data cloze alice.txt oz.txt --out questions

      relmem data cloze *.txt --kind NE --candidates 5 --out names

      relmem train --variant aoa-reader --data cbt:questions --task CN --set extra=200
    """
    from relmem_cli.commands.shared.waiting import waiting
    from relmem_cli.files import write_atomically
    from relmem_cli.stories.cbt import SPLITS
    from relmem_cli.stories.cloze import cloze_questions, spread, tagged_sentences
    from relmem_cli.stories.text_files import read_lines

    kinds = _kinds(kind)
    _check_tagger()
    read = []
    for book in books:
        text = "\n".join(read_lines(book, "text"))
        with waiting(f"reading {book.name}"):
            read.append(tagged_sentences(text))
    files: dict[Path, str] = {}
    for name in kinds:
        for split in SPLITS:
            made = [
                question
                for book in read
                for question in cloze_questions(book, name, split, seed=seed, candidates=candidates)
            ]
            if not made:
                raise RelmemError(
                    f"no question of kind {name} can be made to {_TO[split]}: take more books, or "
                    "fewer --candidates."
                )
            lines = (question.lines() for question in spread(made, questions))
            files[out / f"cbtest_{name}_{split}.txt"] = "".join(lines)
    for path, text in files.items():
        try:
            write_atomically(path, text)
        except OSError as error:
            raise RelmemError(f"{path} cannot be written: {error.strerror}.") from error
        typer.echo(path)


_TO = {"train": "train on", "valid": "validate on", "test": "test on"}


def _kinds(text: str) -> list[str]:
    from relmem_cli.stories.cbt import KINDS

    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in KINDS:
            raise UsageError(f"--kind {name!r} is none of {', '.join(KINDS)}.")
    return list(dict.fromkeys(names))


def _check_tagger() -> None:
    from importlib.util import find_spec

    if find_spec("textblob") is None:
        raise RelmemError(
            "relmem data cloze needs the package textblob, which relmem's extra `cloze` installs: "
            "pip install 'relmem[cloze]'."
        )
