"""How numbers are computed: subnormals are taken for zero, and with how many threads.

Numbers below 1e-38 mean nothing here, and come by the million where relations or gradients decay.
Intel's processors take over a hundred cycles for each: relation slots trained four times slower.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def subnormals_flushed() -> Iterator[None]:
    """What is computed inside, by this thread and by those that it starts, has no subnormals.

    Whatever computes with a model does it in here: the processor keeps the setting for each thread
    of its own, and code of others finds it outside as it was. Where a processor cannot do it,
    nothing changes. Works as a decorator of functions, too; not of generators.
    """
    before = flushed()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def flushed() -> bool:
    """Whether this thread takes subnormal numbers for zero."""
    return sys.float_info.min / 2 == 0


def use_threads(count: int) -> None:
    """Have torch compute with so many threads, all of which flush subnormals.

    They begin with the setting of the thread that first gives them work, and keep it.
    """
    torch.set_num_threads(count)
    if count > 1:
        with subnormals_flushed():
            torch.ones(1 << 20)
