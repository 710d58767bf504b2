"""How chat looks and is typed to; /set changes it while it goes on."""

from dataclasses import dataclass
from enum import StrEnum

from relmem_cli.chat.view.theme import Theme


class Keys(StrEnum):
    """Whose keys edit the line."""

    emacs = "emacs"
    vi = "vi"


@dataclass(slots=True, kw_only=True)
class Preferences:
    """What people choose for themselves.

    theme  the colours
    keys   whose keys edit the line
    slots  whether a line shows the slots that a sentence opened, or the sentences that an answer
           was read from
    """

    theme: Theme = Theme.auto
    keys: Keys = Keys.emacs
    slots: bool = True
