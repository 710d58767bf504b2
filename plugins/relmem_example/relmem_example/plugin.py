"""What relmem asks this plugin; light, so that `relmem variants` needs no torch."""

from dataclasses import dataclass

from relmem_cli import hookimpl
from relmem_cli.contract import ChatCommand, ChatPanel, Variant
from relmem_example.chat import score, words_used


@dataclass(frozen=True, kw_only=True)
class GruOptions:
    """dim: length of word vectors and of the reader's state."""

    dim: int = 64

    def __post_init__(self) -> None:
        if self.dim < 1:
            raise ValueError(f"dim is {self.dim}; it must be at least 1")


@dataclass(frozen=True, kw_only=True)
class FactsOptions:
    """dim: length of word vectors; facts: what missing a supporting fact costs beside answers."""

    dim: int = 64
    facts: float = 1.0


GRU = Variant(
    name="gru",
    summary="One vector for the whole story, written by a GRU: a baseline without slots.",
    reference="Cho et al. 2014, arXiv 1406.1078",
    options=GruOptions,
    model="relmem_example.model:GruReader",
)


FACTS = Variant(
    name="facts",
    summary="Looks at the sentences with the question in hand; learns from supporting facts.",
    reference="Sukhbaatar et al. 2015, arXiv 1503.08895; Weston et al. 2014, arXiv 1410.3916",
    options=FactsOptions,
    model="relmem_example.facts:FactsReader",
    training={"learning_rate": 0.005},
)


@hookimpl
def relmem_variants() -> list[Variant]:
    """The variants that this plugin adds."""
    return [GRU, FACTS]


@hookimpl
def relmem_chat_commands() -> list[ChatCommand]:
    """The one slash command that this plugin adds."""
    return [ChatCommand(name="used", summary="which known words were used", run=words_used)]


@hookimpl
def relmem_chat_panels() -> list[ChatPanel]:
    """The one panel that this plugin adds; `relmem chat --panel score` turns it on."""
    return [ChatPanel(name="score", summary="right answers so far, in a bAbI story", show=score)]
