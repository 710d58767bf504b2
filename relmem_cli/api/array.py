"""What a model shows of its memory, as NumPy arrays that know what their axes are."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from relmem_cli.api.drawing import draw_heat
from relmem_cli.chat.story.maps import HeatMap

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class LabelledArray:
    """A NumPy array with two axes, and what its rows and columns are.

    name           "gates", "attention", "relations", or a variant's own
    title          what it shows, in a line
    values         float64 [rows, columns], each at least 0
    rows, columns  what a row and a column is: "sentence", "slot", "hop", ...
    row_labels, column_labels  a text for each: the sentence itself, or "slot 1"

    NumPy takes it for the array that it holds. With pandas
    `DataFrame(array.values, array.row_labels, array.column_labels)` is a table of it.
    """

    def __init__(self, heat: HeatMap) -> None:
        self._heat = heat
        self.name, self.title = heat.name, heat.title
        self.rows, self.columns = heat.rows, heat.columns
        self.values: NDArray[np.float64] = np.array(heat.values, dtype=np.float64)
        down, across = self.values.shape
        rows, columns = map(heat.row_number, range(down)), map(heat.column_number, range(across))
        self.row_labels = _labels(heat.row_labels, heat.rows, rows)
        self.column_labels = _labels(heat.column_labels, heat.columns, columns)

    @property
    def shape(self) -> tuple[int, int]:
        """How many rows and columns."""
        down, across = self.values.shape
        return down, across

    def plot(self) -> "Figure":
        """A heat map; raises RelmemError where matplotlib is not installed."""
        return draw_heat([self._heat])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The values, for NumPy."""
        return np.array(self.values, dtype=dtype) if copy else np.asarray(self.values, dtype=dtype)

    def __repr__(self) -> str:
        return f"<LabelledArray {self.name!r} {self.shape}: {self.rows} x {self.columns}>"


def _labels(labels: Sequence[str], what: str, numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(labels) or tuple(f"{what} {number}" for number in numbers)
