"""The Children's Book Test's files (Hill et al. 2016, arXiv 1511.02301): `--data cbt:FOLDER`."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from sys import intern

from relmem_cli.errors import RelmemError
from relmem_cli.files import can_exist, typed_path
from relmem_cli.plain import brief
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.sources import MissingFileError
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.text_files import FormatError, read_lines

KINDS = {"NE": "Named Entities", "CN": "Common Nouns", "V": "Verbs", "P": "Prepositions"}
"""The kinds of word that are left out, each a task."""

SPLITS = ("train", "valid", "test")

BLANK = "XXXXX"
"""What stands in a query for the word that is left out; as a token it is in lower case."""

_BLANK = re.compile(BLANK, re.IGNORECASE)
_WANTED = f"numbered sentences, then a query with {BLANK}, its answer and candidates"


@dataclass(frozen=True, kw_only=True)
class Cbt:
    """A folder with cbtest_<kind>_<split>.txt or cbtest_<kind>_<split>_<number>ex.txt.

    folder  None until it is opened: then there are no stories
    """

    folder: Path | None = None

    @property
    def name(self) -> str:
        """What people type."""
        return "cbt" if self.folder is None else f"cbt:{self.folder}"

    @property
    def summary(self) -> str:
        """What it is."""
        where = "cbt:FOLDER" if self.folder is None else self.folder
        return f"The Children's Book Test's files in {where}: a word of a sentence is left out."

    @property
    def tasks(self) -> Mapping[TaskName, str]:
        """Those whose training file is there; all four where none is, or no folder was named."""
        found = [kind for kind in KINDS if self._files(kind, "train")]
        return {kind: KINDS[kind] for kind in found or KINDS}

    splits = SPLITS
    opens_folder = True

    def open(self, argument: str) -> "Cbt":
        """The files of a folder; raises ValueError where it has none."""
        folder = typed_path(argument)
        found = Cbt(folder=folder)
        if not argument or not can_exist(folder) or not folder.is_dir():
            raise ValueError("there is no such folder")
        if not any(found._files(kind, split) for kind in KINDS for split in SPLITS):
            raise ValueError("the folder has no file such as cbtest_NE_train.txt")
        return found

    def stories(self, task: TaskName, split: str) -> list[Story]:
        """The passages of a kind of word, each with its one question."""
        return read_cbt(self.file(str(task), split), task=str(task))

    def file(self, kind: str, split: str) -> Path:
        """The file of a task; raises RelmemError where there is none, or more than one."""
        if self.folder is None:
            raise RelmemError("--data cbt needs the folder of its files: --data cbt:FOLDER.")
        found = self._files(kind, split)
        if not found:
            missing = self.folder / f"cbtest_{kind}_{split}.txt"
            raise MissingFileError(f"{missing} is missing, and so is cbtest_{kind}_{split}_*.txt.")
        if len(found) > 1:
            names = " and ".join(path.name for path in found[:2])
            raise RelmemError(f"{self.folder} has both {names}; keep one of them.")
        return found[0]

    def _files(self, kind: str, split: str) -> list[Path]:
        if self.folder is None:
            return []
        names = (f"cbtest_{kind}_{split}.txt", f"cbtest_{kind}_{split}_*.txt")
        return sorted(path for name in names for path in self.folder.glob(name))


def read_cbt(path: Path, *, task: str | None = None) -> list[Story]:
    """All passages of a file, in order.

    Words are those of the file, in lower case, and a query's blank is the word "xxxxx".

    Raises FormatError with file:line, what is wrong and what was expected, and RelmemError where
    the file cannot be read at all.
    """
    return list(parse_cbt(read_lines(path, _WANTED), str(path), task=task))


def parse_cbt(lines: Iterable[str], name: str, *, task: str | None = None) -> Iterator[Story]:
    """Stories of a file's lines: each ends with its query. Raises FormatError; the file is `name`.

    A question's line has a tab before the answer and two before the candidates.
    """
    told: list[tuple[str, ...]] = []
    place = 0
    for place, line in enumerate(lines, start=1):  # it is the last one's, too
        try:
            if not line.strip():
                if told:
                    raise ValueError(f"a passage without a question; expected {_WANTED}")
                continue
            text = _after_number(line, len(told) + 1)
            if "\t" in text:
                asked = _question(text, len(told))
                yield Story(sentences=tuple(told), questions=(asked,), task=task)
                told = []
            else:
                told.append(_words(text))
        except ValueError as error:
            raise FormatError(f"{name}:{place}: {error}.") from None
    if told:
        raise FormatError(
            f"{name}:{place}: the last passage has no question; the file may have been cut off."
        )


def _after_number(line: str, wanted: int) -> str:
    """The text of a numbered line."""
    number, _, text = line.strip(" ").partition(" ")
    if number != str(wanted):
        raise ValueError(f"starts with {brief(number)}; expected the line number {wanted}")
    if not text.strip():
        raise ValueError(f"nothing after line number {wanted}; expected a sentence or a query")
    return text


def _words(text: str) -> tuple[str, ...]:
    return tuple(map(intern, text.lower().split()))


def _question(text: str, position: int) -> Question:
    query, *columns = text.split("\t")
    if len(columns) != 3:
        raise ValueError(
            f"{len(columns)} tabs; expected query, tab, answer, two tabs and candidates"
        )
    answer = columns[0].strip().lower()
    options = (option.strip().lower() for option in columns[2].split("|"))
    candidates = tuple(dict.fromkeys(map(intern, filter(None, options))))
    if not _BLANK.search(query):
        raise ValueError(f"a query without {BLANK}; expected it in the missing word's place")
    if not answer or answer not in candidates:
        raise ValueError(f"the answer {brief(answer)} is none of the candidates")
    return Question(
        text=_words(_BLANK.sub(f" {BLANK} ", query)),
        answer=intern(answer),
        position=position,
        candidates=candidates,
    )
