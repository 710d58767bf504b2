"""Pictures of results. Imports matplotlib, which would read a matplotlibrc of the working folder.

That may be anybody's, and have matplotlib run LaTeX.
"""

from contextlib import chdir
from pathlib import Path

with chdir(Path(__file__).parent):
    import matplotlib as mpl  # noqa: F401
