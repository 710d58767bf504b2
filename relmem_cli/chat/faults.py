"""An error as one line of text, whoever raised it."""

import os

from relmem_cli.chat.lines import clean
from relmem_cli.errors import RelmemError


def told(error: Exception) -> str:
    """What went wrong; an error that is not relmem's own is named by its kind.

    With RELMEM_DEBUG=1 such an error is raised again, for its traceback.
    """
    if isinstance(error, RelmemError):
        return _line(str(error))
    if os.environ.get("RELMEM_DEBUG") == "1":
        raise error
    return _line(f"{type(error).__name__}: {error}")


def _line(text: str) -> str:
    return " ".join(clean(text.replace("\n", " ")).split())
