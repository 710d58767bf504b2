"""The commands that README and docs show, found in their Markdown."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "models" / "README.md",
    ROOT / "plugins" / "relmem_example" / "README.md",
    *(path for path in sorted(ROOT.glob("docs/**/*.md")) if path.name != "commands.md"),
]
"""What shows commands; those of --help are on a page of their own, which is made from it."""

FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?:^ {4,}\S.*\n)(?:(?:^ {4}.*)?\n)*", re.MULTILINE)
INLINE = re.compile(r"(?<!`)`([^`\n]+(?:\n[^`\n]+)?)`(?!`)")


@dataclass(frozen=True)
class Shown:
    """One command: what stands before and after it in its line, and where.

    words   of the command itself, without redirections
    whole   whether it is an example to type, and no mention in a sentence
    """

    page: str
    words: tuple[str, ...]
    whole: bool
    line: str = ""

    def __str__(self) -> str:
        return f"{self.page}: {' '.join(self.words)}"


def commands(path: Path) -> Iterator[Shown]:
    """Every command on a page that is relmem's own or a script of the repository."""
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(ROOT))
    bare = FENCED.sub("\n", text)
    blocks = [body for kind, body in FENCED.findall(text) if kind in ("", "sh", "bash", "console")]
    blocks += [block for block in _indented(bare) if not _is_talk(block)]
    for block in blocks:
        for line in block.replace("\\\n", " ").splitlines():
            for words in _simple(line.strip()):
                yield Shown(name, words, whole=True, line=line.strip())
    for words in INLINE.findall(INDENTED.sub("\n", bare)):
        if words.startswith(("relmem ", "uv run ", "python ")):
            yield from (
                Shown(name, found, whole=False) for found in _simple(" ".join(words.split()))
            )


def _indented(text: str) -> list[str]:
    """The indented blocks of a page, without their indentation; a blank line ends one."""
    blocks = [block for whole in INDENTED.findall(text) for block in re.split(r"\n\s*\n", whole)]
    return [re.sub(r"^ {4}", "", block.rstrip(), flags=re.MULTILINE) for block in blocks]


def _is_talk(block: str) -> bool:
    return block.startswith(">")


def talks(path: Path) -> list[list[str]]:
    """The lines of every conversation on a page."""
    text = FENCED.sub("\n", path.read_text(encoding="utf-8"))
    return [block.splitlines() for block in _indented(text) if _is_talk(block)]


def _simple(line: str) -> Iterator[tuple[str, ...]]:
    """The commands of a line, of a pipe and a list of them: only those that can be looked up."""
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        tokens = list(lexer)
    except ValueError:  # prose or code
        return
    command: list[str] = []
    for token in [*tokens, ";"]:
        if token in ("|", "&&", "||", ";", "&"):
            words = _stripped(command)
            if words[:1] == ["relmem"] or (words[:1] == ["python"] and len(words) > 1):
                yield tuple(words)
            command = []
        else:
            command.append(token)


def _stripped(words: list[str]) -> list[str]:
    """Without variables, `uv run`, and what is read from or written to files."""
    while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
        words = words[1:]
    if words[:2] == ["uv", "run"]:
        words = words[2:]
        while words[:1] == ["--group"]:
            words = words[2:]
        words = [word for word in words if word != "--no-sync"]
    if words[:1] and words[0].endswith("/relmem"):
        words = ["relmem", *words[1:]]
    cut = next((place for place, word in enumerate(words) if word in ("<", ">", ">>")), len(words))
    return words[:cut]
