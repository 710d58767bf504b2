"""Memory for what a batch leaves behind, used again by later batches.

New memory costs a page fault for every 4 KiB: a tenth of a step on long stories.
"""

from collections import deque
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import torch

from relmem_variants.fast.cpu.arrays import LINE

Bytes = npt.NDArray[np.uint8]

LARGEST = 128 << 20
"""Bytes of the most that is kept for a batch; there are at most eight of these."""


class Space:
    """An array of rows that begin at a line of the cache, with anything in it.

    The memory that was given back last is taken first: some of it may still be in the cache.
    """

    _spare: ClassVar[deque[Bytes]] = deque(maxlen=8)  # its methods are safe among threads
    _most = LARGEST  # here, since modules are emptied before the last of these when Python ends

    def __init__(self, number: torch.dtype, rows: int, width: int) -> None:
        kind = np.dtype(str(number).removeprefix("torch."))
        need = rows * width * kind.itemsize
        self._buffer = self._find(need + LINE)
        begin = -self._buffer.ctypes.data % LINE
        self.array = self._buffer[begin : begin + need].view(kind).reshape(rows, width)

    def __del__(self) -> None:
        """Let others have what is not too large to be kept; its array must be done with."""
        buffer = getattr(self, "_buffer", None)  # none where there was no memory for it
        if buffer is not None and buffer.nbytes <= self._most:
            self._spare.append(buffer)

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
