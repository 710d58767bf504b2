"""How the library calls the rest of relmem, which was made for a command line of its own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from relmem_cli.errors import RelmemError
from relmem_cli.plugin_faults import plugin_fault
from relmem_cli.sealing import origin, sealed

_SET = re.compile(r"--set (?=\w+)")
_FLAG = re.compile(r"--(?=[a-z])")


@contextmanager
def told_in_python() -> Iterator[None]:
    """Errors name arguments, not the command line's options: "data", not "--data".

    Those of plugins are told as `faults_told` does.
    """
    try:
        with faults_told():
            yield
    except RelmemError as error:
        error.args = (_FLAG.sub("", _SET.sub("", str(error))),)
        raise


@contextmanager
def faults_told() -> Iterator[None]:
    """What a plugin's code raises is RelmemError, with the sentence that the command line has."""
    try:
        with sealed():
            yield
    except RelmemError:
        raise
    except Exception as error:
        if told := plugin_fault(error):
            raise RelmemError(told) from origin(error)
        raise


@contextmanager
def at_work() -> Iterator[None]:
    """A model is at work: its faults are told, as `faults_told` does.

    Torch computes with one thread meanwhile: these models are too small to gain from more.
    """
    import torch  # noqa: PLC0415  # whoever imports relmem_cli need not wait for it

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with faults_told():
            yield
    finally:
        torch.set_num_threads(before)
