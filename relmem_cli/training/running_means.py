"""The losses of an epoch, summed up as they come."""

import math
import time

import torch


class Losses:
    """The mean loss of an epoch's questions, or of each part of it; a GPU is seldom waited for."""

    def __init__(self) -> None:
        self._sums, self._questions = [0.0], 0
        self._waiting: list[tuple[torch.Tensor, int]] = []
        self._looked = -math.inf

    def add(self, loss: torch.Tensor, questions: int) -> None:
        """A batch's mean loss or its parts [parts], and over how many questions it is taken."""
        self._waiting.append((loss, questions))

    def recent(self) -> float:
        """The mean as it was a tenth of a second ago or later."""
        if time.perf_counter() - self._looked > 0.1:
            self._looked = time.perf_counter()
            return sum(self.means())
        return sum(self._sums) / self._questions

    def means(self) -> list[float]:
        """The means up to now, of the parts or of the whole."""
        for loss, questions in self._waiting:
            values = loss.view(-1).tolist()
            self._sums += [0.0] * (len(values) - len(self._sums))
            for place, value in enumerate(values):
                self._sums[place] += value * questions
            self._questions += questions
        self._waiting.clear()
        return [each / self._questions for each in self._sums]
