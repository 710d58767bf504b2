"""Writes docs/reference/: every command's --help, and the docstrings that plugins build on.

uv run python docs/make_reference.py
"""

import ast
import inspect
import io
import os
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from pathlib import Path
from unittest.mock import patch

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).with_name("reference")
AGAIN = "uv run python docs/make_reference.py"

COMMANDS_HEAD = f"""\
# Commands

What `--help` says, for every command; made by `{AGAIN}`.

"""
CONTRACT_HEAD = f"""\
# The contract

What a plugin hands over and builds on, from the code's own docstrings; made by `{AGAIN}`.
[Plugins](../plugins.md) has an example for each part of it.

"""

CONTRACT = {
    "relmem_cli.hookspecs": "Hooks",
    "relmem_cli.contract": "What hooks return",
    "relmem_cli.stories.sources:Source": "Data sources",
    "relmem_cli.world.kind:Kind": "Kinds of story",
    "relmem_cli.contract.model": "Models",
    "relmem_cli.contract.window": "Models that read with the question in hand",
    "relmem_cli.contract.pointing": "Answers that are words of the story",
    "relmem_cli.stories.batch:StoryBatch": "Batches",
    "relmem_cli.stories.vocabulary:Sizes": "Sizes",
    "relmem_cli.stories.story": "Stories",
    "relmem_cli.contract.chat": "Chat, as slash commands and panels see it",
    "relmem_cli.testing": "Tests",
}
"""Heading by module, or by module and the one name of it that belongs to the contract."""


def pages() -> dict[str, str]:
    """The text of each page by its file's name."""
    return {
        "commands.md": COMMANDS_HEAD + "\n".join(_command(*path) for path in _paths()),
        "contract.md": CONTRACT_HEAD
        + "\n".join(_section(place, title) for place, title in CONTRACT.items()),
    }


def _paths() -> Iterator[tuple[str, ...]]:
    """Every command's words: (), ("chat",), ... ("params",), ("params", "table"), ..."""
    import typer  # noqa: PLC0415

    from relmem_cli.app import app  # noqa: PLC0415
    from relmem_cli.builtin import COMMANDS  # noqa: PLC0415

    root = typer.main.get_command(app)
    context = root.make_context("relmem", [], resilient_parsing=True)
    yield ()
    for name in COMMANDS:
        yield (name,)
        command = root.get_command(context, name)  # type: ignore[attr-defined]
        yield from ((name, below) for below in getattr(command, "commands", {}))


def _command(*path: str) -> str:
    """A command's section: its --help at 80 columns, whatever is set here."""
    from relmem_cli.app import main  # noqa: PLC0415

    kept = {key: value for key, value in os.environ.items() if not key.startswith("RELMEM_")}
    kept |= {"COLUMNS": "80"}
    written = io.StringIO()
    with (
        patch.dict(os.environ, kept, clear=True),
        patch.object(sys, "argv", ["relmem", *path, "--help"]),
        redirect_stdout(written),
        suppress(SystemExit),
    ):
        main()
    lines = [line.rstrip() for line in written.getvalue().strip().splitlines()]
    title = " ".join(["relmem", *path])
    return f"## {title}\n\n```text\n" + "\n".join(lines) + "\n```\n"


def _section(place: str, title: str) -> str:
    """A module's public names, in the order of the file."""
    module, _, only = place.partition(":")
    path = ROOT / (module.replace(".", "/") + ".py")
    if not path.exists():
        path = path.with_suffix("") / "__init__.py"
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef)
        and (node.name == only if only else not node.name.startswith("_"))
        and ast.get_docstring(node)
    ]
    return f"## {title}\n\nFrom `{module}`.\n\n" + "\n".join(_name(node) for node in found)


def _name(node: ast.ClassDef | ast.FunctionDef) -> str:
    """A class or function: its heading, its signature, what its docstring says, its methods."""
    parts = [f"### {node.name}\n", f"```python\n{_signature(node)}\n```\n", _text(node)]
    if isinstance(node, ast.ClassDef):
        parts += [
            f"#### {node.name}.{method.name}\n\n```python\n{_signature(method)}\n```\n\n{_text(method)}"
            for method in node.body
            if isinstance(method, ast.FunctionDef)
            and not method.name.startswith("_")
            and ast.get_docstring(method)
        ]
    return "\n".join(parts)


def _signature(node: ast.ClassDef | ast.FunctionDef) -> str:
    """As it stands in the code, with decorators; of a class the fields with their defaults."""
    marks = [f"@{ast.unparse(mark)}" for mark in node.decorator_list]
    if isinstance(node, ast.FunctionDef):
        returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
        line = f"def {node.name}({ast.unparse(node.args)}){returned}"
        return "\n".join([*marks, _folded(line)])
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    fields = [
        f"    {ast.unparse(field)}"
        for field in node.body
        if isinstance(field, ast.AnnAssign | ast.Assign)
    ]
    return "\n".join([*marks, f"class {node.name}" + (f"({bases})" if bases else ""), *fields])


def _folded(line: str) -> str:
    """A long signature with an argument a line."""
    if len(line) <= 88:
        return line
    head, _, tail = line.partition("(")
    inner, _, returned = tail.rpartition(")")
    pieces = re.split(r", (?=\*?\*?\w+(?::|=|,|$)|\*,)", inner)
    return head + "(\n" + "".join(f"    {piece},\n" for piece in pieces) + ")" + returned


FIELD = re.compile(r"([\w.\"]+(?:, [\w.\"]+)*)  +(\S.*)")
"""A name and, after two blanks, what it is: a line of a list in a docstring."""


def _text(node: ast.ClassDef | ast.FunctionDef) -> str:
    """A docstring as Markdown: its lists of names as tables."""
    paragraphs = inspect.cleandoc(ast.get_docstring(node) or "").split("\n\n")
    return "\n\n".join(_paragraph(text) for text in paragraphs) + "\n"


def _paragraph(text: str) -> str:
    first, *more = text.splitlines()
    if not FIELD.fullmatch(first) or any(
        not FIELD.fullmatch(line) and not line.startswith(" ") for line in more
    ):
        return text
    rows: list[tuple[str, str]] = []
    for line in text.splitlines():
        if found := FIELD.fullmatch(line):
            rows.append((found[1], found[2]))
        else:
            rows[-1] = rows[-1][0], f"{rows[-1][1]} {line.strip()}"
    return "| | |\n|---|---|\n" + "\n".join(f"| `{name}` | {what} |" for name, what in rows)


def main() -> None:
    """Write the pages."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
