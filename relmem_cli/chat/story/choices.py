"""Questions that name their possible answers: "Who is older, Tom or Ann?"."""

from collections.abc import Sequence
from dataclasses import replace

from relmem_cli.chat.story.lines import Utterance
from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import words
from relmem_cli.stories.scales import compared
from relmem_cli.stories.short_forms import bare
from relmem_cli.stories.subjects import GIVING
from relmem_cli.stories.word_classes import HOMES, PREPOSITIONS, STOPS

_ASKS = frozenset(("who", "which", "what", "where", "who's", "what's", "where's"))
_WHERE = frozenset(
    ("in", "at", "on", "to", "into", "near", "inside", "under", "outside", "behind", "beside")
)
_TO_SOMEBODY = GIVING | {"show", "tell", "talk"}
_BEING = frozenset(("is", "was", "are", "were", "am", "did"))


def without_choice(said: Utterance) -> Utterance:
    """The question as it is asked without the answers that it names, neither of which may be right.

    "Where is Ann, at home or at work?" and "Is Ann at home or at work?" are "Where is Ann?"; "Who
    is older, Tom or Ann?" is "Is Tom older than Ann?", of which yes is Tom and no is Ann.
    """
    plain = [bare(token) for token in said.tokens[:-1]]
    if plain.count("or") != 1:
        return said
    between = plain.index("or")
    comma = next((at for at, token in enumerate(said.tokens) if token[-1] in STOPS), between)
    if plain[0] in _ASKS and comma < between - 1:
        head, one, other = plain[: comma + 1], plain[comma + 1 : between], plain[between + 1 :]
        if any(token[-1] in STOPS for token in said.tokens[comma + 1 : between]):
            return replace(said, tokens=(*head, said.tokens[-1]))  # of three and more
        return _of_two(said, head, one, other)
    where = next((at for at, word in enumerate(plain) if word in PREPOSITIONS), between)
    if 1 < where < between - 1 and plain[0] in _BEING and _are_places(plain):
        return replace(said, tokens=("where", *said.tokens[:where], said.tokens[-1]))
    return said


def _are_places(plain: Sequence[str]) -> bool:
    """Whether the choice is of places: none of "in the hall or not", "to Ann or Bob"."""
    given = any(base in _TO_SOMEBODY for word in plain for base in lemmas(word).get("VERB", ()))
    where = PREPOSITIONS.intersection(plain) <= _WHERE
    last = lemmas(plain[-1])
    return where and not given and (not last or "NOUN" in last or plain[-1] in HOMES)


def _of_two(said: Utterance, head: list[str], one: list[str], other: list[str]) -> Utterance:
    """The question without its choice; which of two has more as whether the first one has."""
    found, mark = words(head), said.tokens[-1]
    comparison = compared(found)
    if comparison is None or found[comparison.begin - 1].base == "the" or not other:
        return replace(said, tokens=(*head, mark))
    more = [word.written for word in found[comparison.begin : comparison.end]]
    names = " ".join(one), " ".join(other)
    return replace(said, tokens=("is", *one, *more, "than", *other, mark), versus=names)
