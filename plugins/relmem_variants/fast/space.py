"""Memory for what a batch leaves behind, used again by later batches.

New memory costs a page fault for every 4 KiB: a tenth of a step on long stories.
"""

from collections import deque
from itertools import accumulate
from math import prod
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from relmem_variants.fast.arrays import LINE
from relmem_variants.fast.tile import Array

Bytes = npt.NDArray[np.uint8]

LARGEST = 128 << 20
"""Bytes of the most that is kept for a batch; there are at most eight of these."""


class Space:
    """Arrays of one type of numbers, each at the beginning of a line of the cache.

    The memory that was given back last is taken first: some of it may still be in the cache.
    """

    _spare: ClassVar[deque[Bytes]] = deque(maxlen=8)  # its methods are safe among threads

    def __init__(self, number: torch.dtype, *shapes: tuple[int, ...]) -> None:
        self._number = np.dtype(str(number).removeprefix("torch."))
        sizes = [-(-prod(shape) * self._number.itemsize // LINE) * LINE for shape in shapes]
        self._buffer = self._find(sum(sizes) + LINE)
        begins = accumulate(sizes, initial=-self._buffer.ctypes.data % LINE)
        self.arrays = [self._array(begin, shape) for begin, shape in zip(begins, shapes)]

    def __del__(self) -> None:
        """Let others have what is not too large to be kept; its arrays must be done with."""
        if self._buffer.nbytes <= LARGEST:
            self._spare.append(self._buffer)

    def _array(self, begin: int, shape: tuple[int, ...]) -> Array:
        end = begin + prod(shape) * self._number.itemsize
        return self._buffer[begin:end].view(self._number).reshape(shape)

    def _find(self, need: int) -> Bytes:
        unfit = []
        try:
            while True:
                buffer = self._spare.pop()
                if need <= buffer.nbytes <= 4 * need:
                    return buffer
                unfit.append(buffer)
        except IndexError:
            return np.empty(need * 5 // 4, np.uint8)
        finally:
            self._spare.extend(reversed(unfit))
