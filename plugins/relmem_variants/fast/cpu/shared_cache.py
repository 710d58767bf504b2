"""Machine code on the disk, kept and found by several processes at once."""

from functools import cache
from pathlib import Path
from typing import Any

from filelock import FileLock
from numba.core.caching import FunctionCache


class SharedCache(FunctionCache):
    """Numba's cache on the disk, for processes that fill it at the same time.

    Numba numbers the files of a function's versions without a lock: two processes may give one
    name to two versions, and a third then runs machine code that is for other types.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """What is kept for a signature, or None."""
        with _lock(self.cache_path):
            return super().load_overload(sig, target_context)  # type: ignore[no-untyped-call]

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep it."""
        with _lock(self.cache_path):
            super().save_overload(sig, data)  # type: ignore[no-untyped-call]


@cache
def _lock(folder: str) -> FileLock:
    return FileLock(Path(folder) / "relmem.lock")
