"""The words of stories by role, from a TOML file: ours or anybody's."""

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import read_whole, typed_path
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import LONGEST_TOML, brief, brief_line, from_toml
from relmem_cli.stories.catalogue import TASKS, parse_tasks
from relmem_cli.world import nouns
from relmem_cli.world.inflection import plural
from relmem_cli.world.nouns import Noun

WORDS = ("babi", "everyday")
"""The lists that relmem has; any other is a file."""

_AS: dict[str, dict[str, Callable[[str], Noun]]] = {
    "person": {
        "she": partial(nouns.person, he="she"),
        "he": partial(nouns.person, he="he"),
        "my_she": lambda name: nouns.person(f"my {name}", he="she"),
        "my_he": lambda name: nouns.person(f"my {name}", he="he"),
        "my_it": lambda name: nouns.person(f"my {name}", he="it"),
    },
    "pet": {"she": partial(nouns.person, he="she"), "he": partial(nouns.person, he="he")},
    "place": {
        "in": partial(nouns.place, into=True),
        "room": partial(nouns.place, into=True, scene="house"),
        "at": partial(nouns.place, at="at"),
        "on": partial(nouns.place, at="on"),
        "town": partial(nouns.place, article="", scene="abroad"),
        "bare": partial(nouns.place, article="", at="at", goal=False),
        "home": partial(nouns.place, article="", at="at", to="", goal=False),
    },
    "spot": {
        "in": nouns.spot,
        "inside": partial(nouns.spot, at="inside"),
        "on": partial(nouns.spot, at="on", off="off"),
        "on_top": partial(nouns.spot, at="on top of", off="from"),
        "under": partial(nouns.spot, at="under", off="from under"),
        "underneath": partial(nouns.spot, at="underneath", off="from underneath"),
        "behind": partial(nouns.spot, at="behind", off="from behind"),
        "beside": partial(nouns.spot, at="beside", off="from beside"),
        "next_to": partial(nouns.spot, at="next to", off="from next to"),
        "by": partial(nouns.spot, at="by", off="from"),
    },
    "thing": {"the": nouns.thing, "my": partial(nouns.thing, article="my ")},
    "container": {"the": nouns.thing},
    "shape": {"the": nouns.thing},
    "animal": {"the": lambda name: nouns.species(name, plural(name))},
    "colour": {"as": nouns.plain},
    "verb": {
        "thing": nouns.to_do,
        "thing_open": partial(nouns.to_do, open=True),
        "person": partial(nouns.to_do, whom=True),
        "person_open": partial(nouns.to_do, whom=True, open=True),
        "get": partial(nouns.to_do, gets=True),
    },
    "relative": {
        "she": partial(nouns.person, he="she"),
        "he": partial(nouns.person, he="he"),
    },
}
"""How the words of each list of a role are used."""

ROLES = (*_AS, "motive")

_RESERVED = frozenset(
    ("a", "an", "and", "both", "either", "he", "i", "it", "me", "my", "no", "not", "nobody", "or")
) | {"she", "the", "they", "we", "you", "unknown", "maybe", "nothing", "yes"}
"""What no noun may be or have among its words: a sentence with it would mean something else."""


@dataclass(frozen=True, kw_only=True)
class Motive:
    """How somebody feels, the place where that leads them, and what they take there."""

    feeling: Noun
    place: Noun
    things: tuple[Noun, ...]


@dataclass(frozen=True, kw_only=True)
class Lexicon:
    """Nouns by role; `only` names those that a kind of story has where it has not all.

    smallest  names of containers, the smallest first, that are smaller than all others
    """

    name: str
    roles: Mapping[str, tuple[Noun, ...]]
    motives: tuple[Motive, ...]
    only: Mapping[str, Mapping[str, tuple[Noun, ...]]]
    smallest: tuple[str, ...] = ()

    def by_size(self, containers: Sequence[Noun]) -> list[Noun]:
        """The smallest first; those that are not named in their order."""
        places = {name: place for place, name in enumerate(self.smallest)}
        return sorted(containers, key=lambda noun: places.get(noun.name, len(places)))

    def of(self, role: str, kind: str) -> tuple[Noun, ...]:
        """The nouns of a role that a kind of story may have."""
        return self.only.get(kind, {}).get(role) or self.roles[role]

    def draw(self, role: str, kind: str, count: int, rng: Any) -> list[Noun]:
        """So many different ones, places of one scene where it has so many.

        Raises UsageError where there are fewer.
        """
        there = self.of(role, kind)
        if role == "place":
            sizes = Counter(place.scene for place in there)
            large = [place.scene for place in there if sizes[place.scene] >= count]
            if large:  # else of all
                scene = rng.choice(large)
                there = tuple(place for place in there if place.scene == scene)
        if len(there) < count:
            raise UsageError(
                f"kind {kind} needs {count} words of the role {role}, and {self.name} has "
                f"{len(there)}; give more, or ask for fewer."
            )
        found: list[Noun] = rng.sample(there, count)
        return found


@cache
def load_lexicon(words: str) -> Lexicon:
    """`babi`, `everyday`, or a file; roles that a file lacks are everyday's.

    Raises UsageError for a file that is none, with what is wrong in it.
    """
    if words in WORDS:
        text = files("relmem_cli.world").joinpath("words", f"{words}.toml").read_text("utf-8")
        return _lexicon(words, tomllib.loads(text), None)
    try:
        content = from_toml(read_whole(typed_path(words), 4 * LONGEST_TOML).decode())
    except FileNotFoundError:
        known, near = " nor ".join(WORDS), did_you_mean(words, WORDS)
        hint = f"; {near}" if near else "."
        raise UsageError(f"--words {brief(words)} is neither {known} nor a file{hint}") from None
    except OSError as error:
        raise RelmemError(f"{words} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{words} is no TOML: {error}.") from None
    return _lexicon(words, content, load_lexicon("everyday"))


def _lexicon(name: str, content: Mapping[str, Any], others: Lexicon | None) -> Lexicon:
    kinds = content.get("kinds", {})
    unknown = [role for role in content if role not in (*ROLES, "kinds", "smallest")]
    if unknown:
        raise UsageError(
            f"{name}: {brief(unknown[0])} is no role; the roles are {', '.join(ROLES)}."
        )
    roles = {role: _nouns(name, role, content[role]) for role in _AS if role in content}
    if others is not None:
        roles = {**others.roles, **roles}
    smallest = _pick(name, "container", content.get("smallest", []), roles)
    motives = tuple(_motives(name, content.get("motive", {}), roles))
    return Lexicon(
        name=name,
        roles=roles,
        motives=motives or (others.motives if others else ()),
        only=dict(_only(name, kinds, roles)),
        smallest=tuple(noun.name for noun in smallest),
    )


def _nouns(name: str, role: str, lists: Any) -> tuple[Noun, ...]:
    """A role's nouns; a bare list is that of its first class."""
    classes = _AS[role]
    if isinstance(lists, list):
        lists = {next(iter(classes)): lists}
    if not isinstance(lists, dict):
        raise UsageError(f"{name}: the role {role} is {brief(lists)}; it must be a list of words.")
    found: dict[str, Noun] = {}
    for how, words in lists.items():
        if how not in classes:
            raise UsageError(
                f"{name}: {role}.{brief_line(how, 40)} is no list of this role; "
                f"it has {', '.join(classes)}."
            )
        for word in _words(name, f"{role}.{how}", words):
            noun = classes[how](word)
            if noun.name.lower() in found:
                raise UsageError(f"{name}: the role {role} has {brief(word)} twice.")
            found[noun.name.lower()] = noun
    if not found:
        raise UsageError(f"{name}: the role {role} is empty; give words, or leave it out.")
    return tuple(found.values())


def _words(name: str, where: str, words: Any) -> Sequence[str]:
    if not isinstance(words, list):
        raise UsageError(f"{name}: {where} is {brief(words)}; it must be a list of words.")
    for word in words:
        if not isinstance(word, str) or not _is_word(word):
            raise UsageError(
                f"{name}: {where} has {brief(word)}; a word is letters, with blanks, hyphens or "
                "apostrophes between."
            )
        if reserved := _RESERVED.intersection(word.lower().split(" ")):
            raise UsageError(
                f"{name}: {where} has {brief(word)}; {min(reserved)!r} has a meaning of its own."
            )
    return words


def _is_word(text: str) -> bool:
    return bool(text) and all(
        part.replace("-", "").replace("'", "").isalpha() for part in text.split(" ")
    )


def _motives(name: str, table: Any, roles: Mapping[str, tuple[Noun, ...]]) -> Iterator[Motive]:
    if not isinstance(table, dict):
        raise UsageError(f"{name}: motive is {brief(table)}; it must be a table of feelings.")
    for feeling, goals in table.items():
        if not isinstance(goals, dict) or set(goals) != {"place", "thing"}:
            raise UsageError(
                f"{name}: motive.{brief_line(feeling, 40)} is {brief(goals)}; "
                "it must have a place and a list thing."
            )
        (place,) = _pick(name, "place", [goals["place"]], roles)
        yield Motive(
            feeling=nouns.plain(feeling),
            place=place,
            things=_pick(name, "thing", goals["thing"], roles),
        )


def _only(
    name: str, kinds: Any, roles: Mapping[str, tuple[Noun, ...]]
) -> Iterator[tuple[str, dict[str, tuple[Noun, ...]]]]:
    if not isinstance(kinds, dict) or not all(isinstance(one, dict) for one in kinds.values()):
        raise UsageError(
            f"{name}: kinds is {brief(kinds)}; it must be a table by kind, as [kinds.1]."
        )
    allowed: dict[str, dict[str, tuple[Noun, ...]]] = {str(task): {} for task in TASKS}
    for tasks, lists in kinds.items():
        try:
            numbers = parse_tasks(tasks)
        except UsageError as error:
            raise UsageError(
                f"{name}: kinds.{brief_line(tasks, 40)}: {brief_line(str(error))}"
            ) from None
        for role, words in lists.items():
            if role not in roles:
                raise UsageError(
                    f"{name}: kinds.{tasks}.{brief_line(role, 40)} is no role that it has."
                )
            if not words:
                raise UsageError(f"{name}: kinds.{tasks}.{role} is empty; leave it out.")
            for task in numbers:
                allowed[str(task)][role] = _pick(name, role, words, roles)
    yield from allowed.items()


def _pick(
    name: str, role: str, words: Any, roles: Mapping[str, tuple[Noun, ...]]
) -> tuple[Noun, ...]:
    by_name = {noun.name: noun for noun in roles.get(role, ())}
    for word in _words(name, role, words):
        if word not in by_name:
            raise UsageError(f"{name}: {brief(word)} is no word of the role {role}.")
    return tuple(by_name[word] for word in words)
