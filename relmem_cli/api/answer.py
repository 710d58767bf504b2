"""An answer of a model: what it says, how sure it is, what of the story it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from relmem_cli.api.array import LabelledArray
from relmem_cli.api.calling import at_work
from relmem_cli.api.drawing import draw_shares
from relmem_cli.chat.story.memory_maps import memory_maps
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.turns import Why

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_SHOWN = 3
"""Answers that `repr` tells of."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Evidence:
    """A sentence of the story, and how much it weighs in an answer.

    number    its place in the story, from 1
    sentence  as it was told
    share     of all sentences' weight, 0 to 1
    words     each word that the model read, with its weight, at least 0
    """

    number: int
    sentence: str
    share: float
    words: tuple[tuple[str, float], ...]

    def __repr__(self) -> str:
        return f"<Evidence {self.share:.1%} of sentence {self.number}: {self.sentence!r}>"


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Answer:
    """The answer to a question, after the story as it was when it was asked.

    question       as it was asked
    text           the most probable answer; `str(answer)` is the same
    probability    how probable, 0 to 1
    probabilities  of every answer that is possible here, the most probable first. Where answers
                   have several words, or are spelled, they are those of the first word, and that
                   of the whole answer for `text`
    seconds        the time that answering took
    """

    question: str
    text: str
    probability: float
    probabilities: Mapping[str, float]
    seconds: float
    _session: Session = field(repr=False)

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """What each sentence weighs in the answer, in the order of the story.

        The weights are gradient times input (docs/why.md); they are computed when they are first
        asked for. Raises RelmemError where the variant cannot be looked into.
        """
        read = self._session.reader.tokens
        return tuple(
            Evidence(
                number=number,
                sentence=reason.said.text,
                share=reason.share,
                words=tuple(zip(read(reason.said), reason.words, strict=False)),
            )
            for number, reason in enumerate(self._why.reasons, start=1)
        )

    @cached_property
    def arrays(self) -> dict[str, LabelledArray]:
        """What the model shows for this question, by name.

        gates      how far each sentence opened each slot [sentences, slots]
        attention  what the answer was read from [hops, slots] or [steps, sentences]
        relations  which slots the latest sentence opened together [slots, slots], or what each
                   sentence read of the others [sentences, sentences]

        A variant may have others, or none. Raises RelmemError where no sentence was told.
        """
        with at_work():
            maps = memory_maps(self._session)
        return {name: LabelledArray(heat) for name, heat in maps.items()}

    def plot(self) -> "Figure":
        """The evidence as bars; raises RelmemError where matplotlib is not installed."""
        return draw_shares(self._why)

    @cached_property
    def _why(self) -> Why:
        with at_work():
            return self._session.why()

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        others = [
            f"{text!r} {p:.1%}" for text, p in self.probabilities.items() if text != self.text
        ]
        then = f", then {', '.join(others[: _SHOWN - 1])}" if others else ""
        return f"<Answer {self.text!r} {self.probability:.1%}{then}>"
