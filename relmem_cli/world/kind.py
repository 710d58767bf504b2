"""What a kind of story is; light, for plugins to make their own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from relmem_cli.world.teller import Teller


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of story, which `relmem data generate --kind NAME` tells.

    name   what people type
    title  what it is about, in a few words
    tell   makes one story with a teller: whom and what it has, what happens, what is asked
    """

    name: str
    title: str
    tell: Callable[["Teller"], None]
