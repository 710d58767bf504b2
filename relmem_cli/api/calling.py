"""How the library calls the rest of relmem, which was made for a command line of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from relmem_cli.errors import RelmemError

_SET = re.compile(r"--set (?=\w+)")
_FLAG = re.compile(r"--(?=[a-z])")


@contextmanager
def told_in_python() -> Iterator[None]:
    """Errors name arguments, not the command line's options: "data", not "--data"."""
    try:
        yield
    except RelmemError as error:
        error.args = (_FLAG.sub("", _SET.sub("", str(error))),)
        raise


@contextmanager
def one_thread() -> Iterator[None]:
    """Torch computes with one thread meanwhile: these models are too small to gain from more."""
    import torch  # noqa: PLC0415  # whoever imports relmem_cli need not wait for it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
