"""The tour of a plugin: one is written, loaded, checked, trained for a moment, and asked."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import invalidate_caches
from importlib.metadata import EntryPoint
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from rich.syntax import Syntax
from rich.text import Text

from relmem_cli.chat.tour.guide import Guide, TourStep
from relmem_cli.chat.tour.training import new_run, tested, trained
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import write_atomically
from relmem_cli.plugins import GROUP, load_also, registry

PACKAGE, VARIANT, EPOCHS = "my_memory", "my-memory", 5
SOURCES = ("__init__.py", "plugin.py", "model.py")
TRAINED = "my-memory-1"
"""The folder of the model, in that of the plugin."""

PROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "my-memory"
version = "0.1"
dependencies = ["relmem"]

[project.entry-points.relmem]
my-memory = "my_memory.plugin"
"""

TEST = """\
from my_memory.plugin import MY_MEMORY
from relmem_cli.testing import check_variant


def test_my_memory_keeps_the_contract():
    check_variant(MY_MEMORY)
"""


def tour(guide: Guide, folder: Path, device: str, *, kept: bool, light: bool) -> list[TourStep]:
    """Write the plugin, check and train it; returns the steps that talk to it, which is the rest.

    Its package has to be `importable`. Raises LeftError where nobody wants to go on.
    """
    _show_files(guide, light=light)
    guide.say("Written and loaded, it is one of relmem's variants:")
    write(folder)
    _show_written(guide, folder)
    _check(guide)
    variant = registry().variants.get_or_explain(VARIANT)
    run = new_run(variant, folder / TRAINED, device, epochs=EPOCHS)
    guide.say(
        "It trains as every variant does. Each bar is how many held-out questions it answers "
        "wrongly after an epoch:"
    )
    record = trained(guide, run, folder / TRAINED if kept else None)
    guide.say("And on questions that it has never seen:")
    guide.show(tested(record))
    return [*CONVERSATION, TourStep(_end(folder, kept=kept), ("/clear",))]


CONVERSATION = (
    TourStep(
        "Chat, undo, files, /compare and /why come from relmem.",
        ("Mary went to the kitchen.", "John went to the garden.", "Mary moved to the bathroom."),
    ),
    TourStep(
        "A new place for Mary has taken the old one's; John's is where it was.",
        ("Where is Mary?", "/why", "Where is John?"),
    ),
)


@contextmanager
def importable(folder: Path) -> Iterator[None]:
    """For as long as the package can be imported from a folder, and is then forgotten.

    Raises UsageError where there is a package of that name already.
    """
    if VARIANT in registry().variants or find_spec(PACKAGE):
        raise UsageError(f"{PACKAGE} is installed already; uninstall it to see how it is made.")
    bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.dont_write_bytecode = bytecode
        for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
            del sys.modules[name]
        registry.cache_clear()


def write(folder: Path) -> None:
    """The plugin's files."""
    texts = {f"{PACKAGE}/{name}": _source(name) for name in SOURCES}
    for name, text in {"pyproject.toml": PROJECT, **texts, "tests/test_my_memory.py": TEST}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, text)
    invalidate_caches()  # an import since `importable` has found no such folder


def _source(name: str) -> str:
    return (files("relmem_cli.chat.tour") / PACKAGE / name).read_text(encoding="utf-8")


def _show_files(guide: Guide, *, light: bool) -> None:
    """The parts of the two files that matter."""
    theme = "default" if light else "monokai"
    for says, name, first, end in _PARTS:
        code = _source(name)
        code = code[code.index(first) : code.index(end)].strip("\n")
        guide.say(says)
        guide.show(Syntax(code, "python", theme=theme, background_color="default", word_wrap=True))


_PARTS = (
    (
        "A memory of your own is a plugin of two files. plugin.py says what there is:",
        "plugin.py",
        "@dataclass",
        "@hookimpl",
    ),
    (
        "model.py is the memory itself: a state, which is all that is remembered, and parameters, "
        "which are learned.",
        "model.py",
        "class Matrix",
        "    def begin",
    ),
    (
        "It says what an empty memory is, how a sentence is written, and how a question is "
        "answered. relmem does all else.",
        "model.py",
        "    def begin",
        "    def explain",
    ),
)
"""What is said of a part of a file, the file, where the part begins, and what comes after it."""


def _show_written(guide: Guide, folder: Path) -> None:
    loaded = load_also(EntryPoint(VARIANT, f"{PACKAGE}.plugin", GROUP))
    if loaded.faults:
        raise RelmemError(f"the plugin cannot be used: {loaded.status}.")
    guide.show(Text(f"  {folder}", style="relmem.quiet"))
    for path in sorted(folder.rglob("*.*")):
        if path.is_file():
            guide.show(Text(f"    {path.relative_to(folder)}", style="relmem.quiet"))
    guide.show(Text(f"\n  {loaded.name}: {loaded.status}, {loaded.summary}"))


def _check(guide: Guide) -> None:
    guide.say(
        "One line of a test holds a variant against all that relmem relies on: nothing is changed "
        "in place, pads change nothing, it is saved and loaded to the same bits, gradients reach "
        "every parameter, it learns."
    )
    guide.type("check_variant(MY_MEMORY)", ">>> ")
    from relmem_cli.testing import check_variant  # noqa: PLC0415  # torch

    check_variant(registry().variants.get_or_explain(VARIANT))
    guide.show(Text(f"  {VARIANT} keeps the contract", style="relmem.good"))


def _end(folder: Path, *, kept: bool) -> str:
    where = (
        f"It stays in {folder}. Change it, and install it with pip install -e {folder} (or uv pip "
        "install -e): relmem variants, train, eval and chat then have it."
        if kept
        else "Nothing of this stays on your disk; relmem demo plugin --out FOLDER keeps it."
    )
    return f"{where} docs/plugins.md has all that a plugin can do. A clean page: your turn."
