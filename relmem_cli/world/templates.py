"""Stories held against stories: words, templates, lengths, answers, supports."""

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

from relmem_cli.stories.story import Story
from relmem_cli.world.lexicon import Lexicon


@dataclass(frozen=True, kw_only=True)
class Profile:
    """Counts of some stories.

    words      all that occur, in sentences, questions and answers
    sentences  templates, words of a role given as the role: "PERSON went to the PLACE ."
    questions  likewise
    answers    what is answered
    lengths    sentences before each question
    supports   how many sentences each answer needs
    distances  sentences after the latest of these
    """

    words: Counter[str]
    sentences: Counter[str]
    questions: Counter[str]
    answers: Counter[str]
    lengths: Counter[int]
    supports: Counter[int]
    distances: Counter[int]


def profile(stories: Iterable[Story], lexicon: Lexicon) -> Profile:
    """What the stories are made of."""
    roles = dict(_roles(lexicon))
    template = cache(lambda *tokens: _template(tokens, roles))  # the same come up again and again
    found = Profile(
        words=Counter(),
        sentences=Counter(),
        questions=Counter(),
        answers=Counter(),
        lengths=Counter(),
        supports=Counter(),
        distances=Counter(),
    )
    for story in stories:
        for sentence in story.sentences:
            found.words.update(sentence)
            found.sentences[template(*sentence)] += 1
        for question in story.questions:
            found.words.update(question.text)
            found.words.update(question.answer.lower().split(","))
            found.questions[template(*question.text)] += 1
            found.answers[question.answer] += 1
            found.lengths[question.position] += 1
            found.supports[len(question.supports)] += 1
            latest = max(question.supports, default=question.position)
            found.distances[question.position - 1 - latest] += 1
    return found


def _roles(lexicon: Lexicon) -> Iterator[tuple[tuple[str, ...], str]]:
    for role, nouns in lexicon.roles.items():
        for noun in nouns:
            yield tuple(noun.name.lower().split(" ")), role.upper()
            if noun.all:
                yield tuple(noun.all.split(" ")), role.upper()
    for motive in lexicon.motives:
        yield (motive.feeling.name,), "MOTIVE"
    for direction in ("north", "east", "south", "west"):
        yield (direction,), "DIRECTION"


def _template(tokens: Sequence[str], roles: Mapping[tuple[str, ...], str]) -> str:
    """The tokens with the longest names of a role given as the role."""
    words: list[str] = []
    place = 0
    while place < len(tokens):
        size = next((n for n in (3, 2, 1) if tuple(tokens[place : place + n]) in roles), 0)
        words.append(roles[tuple(tokens[place : place + size])] if size else tokens[place])
        place += size or 1
    return " ".join(words)


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Two counts of the same kind held against each other.

    only_here, only_there  what occurs on one side alone
    chi                    chi-square of the frequencies, with its degrees of freedom
    p                      how likely so much is where both are drawn alike
    """

    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    chi: float
    freedom: int
    p: float


def compare(here: Counter[Hashable], there: Counter[Hashable]) -> Difference:
    """Chi-square of two samples; what is rare (below 5 expected) counts as one."""
    total = here.total() + there.total()
    share = here.total() / total
    both = here + there
    rare = [key for key, count in both.items() if count * min(share, 1 - share) < 5]
    cells = [(here[key], there[key]) for key in both if key not in set(rare)]
    left = sum(here[key] for key in rare), sum(there[key] for key in rare)
    cells += [left] if sum(left) * min(share, 1 - share) >= 5 else []
    chi = 0.0
    for one, other in cells:
        for seen, part in ((one, share), (other, 1 - share)):
            expected = (one + other) * part
            chi += (seen - expected) ** 2 / expected
    freedom = max(len(cells) - 1, 0)
    return Difference(
        only_here=tuple(sorted(map(str, here.keys() - there.keys()))),
        only_there=tuple(sorted(map(str, there.keys() - here.keys()))),
        chi=chi,
        freedom=freedom,
        p=_upper_tail(chi, freedom),
    )


def _upper_tail(chi: float, freedom: int) -> float:
    """How likely chi-square is at least so large; Wilson and Hilferty 1931."""
    if freedom == 0:
        return 1.0
    spread = 2 / (9 * freedom)
    z: float = ((chi / freedom) ** (1 / 3) - (1 - spread)) / spread**0.5
    return 1 - NormalDist().cdf(z)
