"""A line on stderr for as long as a terminal would show nothing: torch takes seconds to import.

The line is for terminals alone and goes when the waiting is over. The cursor stays before it, so
that what is written meanwhile, such as a warning, is written over it; of a shorter text the line's
end stays visible behind it.
"""

import os
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

from relmem_cli.door import behind, one_line

SLOW = ("torch", "numba", "distributed", "matplotlib")
"""Packages that take longer to import than people like to wait without a word."""


@contextmanager
def waiting(text: str) -> Iterator[None]:
    """Say on a terminal's stderr what is being waited for; what was said before comes back."""
    before = _line.text
    _line.show(text)
    try:
        yield
    finally:
        _line.show_again(before)


def now(text: str) -> None:
    """Say another thing until the `waiting` around this is over; "" where the work itself shows."""
    _line.show(text)


def announce_imports() -> None:
    """Have this process say so when its main thread begins to import one of the slow packages.

    This is where every command says it, a plugin's too: none can forget to. What is imported in
    the background is waited for elsewhere, and shown there.
    """
    sys.meta_path.insert(0, _Announcing())


class _Line:
    """What is shown at the moment, "" for nothing."""

    text = ""

    def show(self, text: str) -> None:
        """Another text, in place of the one before."""
        if text and self._lasts():
            sys.stderr.write(f"{text}...\n")
            sys.stderr.flush()
        else:
            self.show_again(text)

    def show_again(self, text: str) -> None:
        """The same, but for a terminal on which lines last: there it stands above already."""
        if self._lasts() or not _is_terminal():
            return
        text = one_line(text)
        now = f"{text}..."[: _columns() - 1] if text else ""
        before = f"{self.text}..." if self.text else ""
        stream = behind(sys.stderr)  # a door would let no carriage return through
        stream.write(f"{now:{min(len(before), _columns() - 1)}}\r")
        stream.flush()
        self.text = text

    @staticmethod
    def _lasts() -> bool:
        return _is_terminal() and os.environ.get("TERM", "dumb") in ("dumb", "unknown")


_line = _Line()


class _Announcing(MetaPathFinder):
    """Finds the slow packages as usual; their loaders say what they do."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Of a slow package, none of another module."""
        if fullname not in SLOW or threading.current_thread() is not threading.main_thread():
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec and spec.loader:
            spec.loader = _Announced(spec.loader)
        return spec


class _Announced(Loader):
    """Another loader, with a line for as long as it works."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """As the other does."""
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        """The same, and the module knows the other as its loader."""
        module.__loader__ = self._loader
        if module.__spec__:
            module.__spec__.loader = self._loader
        with waiting(f"importing {module.__name__}"):
            self._loader.exec_module(module)


def _is_terminal() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


def _columns() -> int:
    """Of the terminal; one that does not know says 0."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80
