"""What a model knows, to be shown: its words by role, and stories of each kind to try."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from relmem_cli.chat.words import typeable
from relmem_cli.stories.english import FUNCTION_WORDS, VERB, lemmas
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.training.cards import ModelCard
from relmem_cli.world.kinds import KINDS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.teller import Level, Line, Teller, Voice

ANY = "any word"

_TRIES = 40
"""Stories that are told for an example, of which the shortest is shown."""

_SHORT = Level(sentences=4, people=2, distractors=1)


def words_by_role(card: ModelCard) -> dict[str, list[str]]:
    """A model's words in groups, by what the group is called.

    Where words are open, names, places and things are ANY; else they are the roles that training
    found, each called by its first words, as far as the model's card has them.
    """
    if card.vocabulary.is_open:
        return {"names, places, things": [ANY], **_open_groups(card.vocabulary)}
    groups = {
        f"role {number}": sorted(words)
        for number, words in enumerate(_roles(card.record.get("roles")), start=1)
    }
    in_roles = {word for words in groups.values() for word in words}
    others = [word for word in typeable(card.vocabulary) if word not in in_roles]
    return groups | ({"other words": others} if others else {})


def _open_groups(vocabulary: Vocabulary) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item in vocabulary.items[: vocabulary.closed]:
        if item[0].isalpha():
            groups.setdefault(_group(item), []).append(item.removesuffix(VERB))
    return {name: sorted(set(groups[name])) for name in _GROUPS if name in groups}


_GROUPS = ("verbs", "how and where", "other nouns", "function words")


def _group(item: str) -> str:
    if item.endswith(VERB):
        return "verbs"
    kinds = lemmas(item).keys()
    if item in FUNCTION_WORDS or not kinds:
        return "function words"
    if kinds & {"ADJ", "ADV"}:
        return "how and where"
    return "verbs" if kinds == {"VERB"} else "other nouns"


def _roles(kept: Any) -> Iterator[set[str]]:
    """The roles of a card's record, alike ones of several tasks together."""
    found: list[set[str]] = []
    for roles in kept.values() if isinstance(kept, Mapping) else ():
        for role in roles:
            words = {word for member in role for word in member}
            alike = [other for other in found if other & words]
            found = [other for other in found if other not in alike]
            found.append(words.union(*alike))
    yield from sorted(found, key=len, reverse=True)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A short story of a kind, with its questions and their answers."""

    kind: str
    title: str
    lines: tuple[Line, ...]


def kinds_to_try() -> tuple[str, ...]:
    """The kinds that there are examples of: 1 to 20, and the mixture."""
    return (*KINDS, MIXTURE.name)


def example(kind: str, *, style: str, rng: Random) -> Example:
    """A short story of a kind, in other words each time.

    style  babi or everyday: whose words, and how it is said
    """
    found = MIXTURE if kind == MIXTURE.name else KINDS[kind]
    voice = Voice(lexicon=load_lexicon(style), style=load_style(style))
    level = _SHORT if kind == MIXTURE.name else Level()
    stories = []
    for _ in range(_TRIES):
        teller = Teller(found.name, voice, rng, level)
        found.tell(teller)
        stories.append(_to_first_question(teller.lines))
    return Example(kind=kind, title=found.title, lines=min(filter(None, stories), key=len))


def _to_first_question(lines: Sequence[Line]) -> tuple[Line, ...]:
    asked = next((n for n, line in enumerate(lines) if line.answer is not None), None)
    return () if asked is None else tuple(lines[: asked + 1])
