"""An error as one line of text, whoever raised it."""

from relmem_cli.blame import explain_or_raise
from relmem_cli.chat.lines import clean


def told(error: Exception) -> str:
    """What went wrong, as `explain_or_raise` says it, without what steers a terminal."""
    return clean(explain_or_raise(error))
