"""matplotlib, imported so that a working folder's matplotlibrc is not read.

That may be anybody's, and have matplotlib run LaTeX. Whatever draws imports this first.
"""

from contextlib import chdir
from pathlib import Path

with chdir(Path(__file__).parent):
    import matplotlib as mpl

__all__ = ["mpl"]
