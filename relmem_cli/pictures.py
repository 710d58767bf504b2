"""matplotlib, imported so that a working folder's matplotlibrc is not read.

That may be anybody's, and have matplotlib run LaTeX. Whatever draws imports this first.
"""

from contextlib import chdir
from io import BytesIO
from pathlib import Path

with chdir(Path(__file__).parent):
    import matplotlib as mpl
    from matplotlib import figure as _figure

__all__ = ["Figure", "mpl"]


class Figure(_figure.Figure):
    """A figure that notebooks show, whether pyplot was imported before or not."""

    def _repr_png_(self) -> bytes:
        data = BytesIO()
        self.savefig(data, format="png")
        return data.getvalue()
