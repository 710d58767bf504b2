from collections.abc import Callable, Sequence
from random import Random

import pytest

from relmem_cli.stories.tokens import tokenize
from relmem_cli.world.kinds import KINDS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.solver.check import Checker
from relmem_cli.world.teller import Level, Line, Teller, Voice

ALL = {**KINDS, MIXTURE.name: MIXTURE}

Tell = Callable[..., Teller]
Ask = Callable[..., str]


@pytest.fixture(scope="session")
def tell() -> Tell:
    """A story of a kind."""

    def told(kind: str, seed: int, words: str, style: str, **level: int) -> Teller:
        voice = Voice(lexicon=load_lexicon(words), style=load_style(style))
        teller = Teller(kind, voice, Random(seed), Level(**level))
        ALL[kind].tell(teller)
        return teller

    return told


@pytest.fixture(scope="session")
def checker() -> Checker:
    return Checker()


@pytest.fixture(scope="session")
def solve(checker: Checker) -> Ask:
    """The solver's answer to a question after some sentences."""

    def answer(sentences: Sequence[str], question: str, *, strict: bool = True) -> str:
        solver = checker.solver(strict=strict)
        for sentence in sentences:
            solver.tell(tokenize(sentence))
        return solver.ask(tokenize(question))

    return answer


def sentences_before(lines: Sequence[Line], place: int) -> list[str]:
    return [line.text for line in lines[:place] if line.answer is None]


def same(kind: str, one: str, other: str) -> bool:
    """Whether two answers are the same; lists are in any order, paths are not."""
    one, other = one.lower(), other.lower()
    return one == other or (
        kind != "19"
        and not set(one.split(",")) <= set("nesw")
        and sorted(one.split(",")) == sorted(other.split(","))
    )
