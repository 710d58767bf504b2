"""What a model knows, to be shown: its words by role."""

from collections.abc import Iterator, Mapping
from typing import Any

from relmem_cli.chat.story.words import typeable_words
from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import VERB
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.stories.word_classes import FUNCTION_WORDS, NARRATOR
from relmem_cli.training.cards import ModelCard

ANY = "any word"

_ONE_LETTER = ("a", NARRATOR)
"""Words of one letter; others, such as n for north, are answers alone."""


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
    others = [word for word in typeable_words(card.vocabulary) if word not in in_roles]
    return groups | ({"other words": others} if others else {})


def _open_groups(vocabulary: Vocabulary) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for item in vocabulary.items[: vocabulary.closed]:
        if item[0].isalpha() and (len(item) > 1 or item in _ONE_LETTER):
            groups.setdefault(_group(item), []).append(item.removesuffix(VERB))
    return {name: sorted(set(groups[name])) for name in _GROUPS if name in groups}


_GROUPS = ("verbs", "adjectives and adverbs", "other nouns", "function words", "other words")


def _group(item: str) -> str:
    if item.endswith(VERB):
        return "verbs"
    kinds = lemmas(item).keys()
    if item in FUNCTION_WORDS or item == NARRATOR:
        return "function words"
    if not kinds:
        return "other words"
    if kinds & {"ADJ", "ADV"}:
        return "adjectives and adverbs"
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
