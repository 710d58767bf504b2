"""Ways to say what happens and to ask about it, from a TOML file.

A phrase is a sentence with slots, such as "{who} <past go|walk> {to place}.": a slot names a part
of what is said and, before it, a form of its noun; <past go|walk> is one of these verbs in that
form, (a|b) one of these words.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from graphlib import TopologicalSorter
from importlib.resources import files
from itertools import pairwise, product
from typing import Any

from relmem_cli.errors import UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.world.inflection import verb
from relmem_cli.world.nouns import Noun

STYLES = ("babi", "everyday")
"""Those that the solver reads."""
VARIED = "varied"
"""Many more ways to say the same, of which some read as more than one thing by themselves."""
HELD_OUT = "held-out"
"""The style that is kept apart from training: what a model makes of phrasings it never saw."""

SLOTS: dict[str, tuple[str, ...]] = {
    "move": ("who", "place"),
    "at": ("who", "place"),
    "was_at": ("who", "place"),
    "leave": ("who", "place"),
    "not_at": ("who", "place"),
    "either": ("who", "place", "place2"),
    "take": ("who", "thing"),
    "take_there": ("who", "thing"),
    "drop": ("who", "thing"),
    "drop_there": ("who", "thing"),
    "drop_at": ("who", "thing", "place"),
    "give": ("who", "thing", "whom"),
    "carry": ("who", "thing", "place"),
    "lies": ("thing", "place"),
    "put": ("who", "thing", "place"),
    "take_from": ("who", "thing", "place"),
    "hide": ("who", "place"),
    "has_many": ("who", "thing"),
    "gets_many": ("who", "thing"),
    "loses_many": ("who", "thing"),
    "are_many": ("place", "thing"),
    "come_many": ("place", "thing"),
    "go_many": ("place", "thing"),
    "move_with": ("who", "whom", "place"),
    "did": ("who", "verb", "thing"),
    "did_not": ("who", "verb", "thing"),
    "did_at": ("who", "verb", "thing", "place"),
    "did_when": ("who", "verb", "thing", "time"),
    "did_why": ("who", "verb", "thing", "reason"),
    "did_feeling": ("who", "verb", "thing", "motive"),
    "called": ("who", "animal", "pet"),
    "heading": ("place", "direction", "place2"),
    "above": ("thing", "thing2"),
    "below": ("thing", "thing2"),
    "left_of": ("thing", "thing2"),
    "right_of": ("thing", "thing2"),
    "bigger": ("thing", "thing2"),
    "fits": ("thing", "thing2"),
    "is_a": ("who", "animal"),
    "afraid": ("animal", "animal2"),
    "coloured": ("who", "colour"),
    "feels": ("who", "motive"),
    "aside": ("who",),
    "where": ("what",),
    "where_was": ("what",),
    "where_before": ("what", "place"),
    "where_after": ("what", "place"),
    "where_first": ("what",),
    "where_when": ("what", "time"),
    "where_while": ("what", "who", "thing"),
    "did_go": ("who", "place"),
    "is_at": ("what", "place"),
    "with": ("who", "whom"),
    "company": ("who",),
    "went_with": ("who", "place"),
    "other": ("what",),
    "has": ("who", "thing"),
    "holder": ("thing",),
    "who_at": ("place",),
    "what_at": ("place",),
    "count_at": ("place",),
    "carrying": ("who",),
    "how_many": ("who",),
    "how_many_of": ("who", "thing"),
    "how_many_both": ("who", "whom", "thing"),
    "how_many_at": ("place", "thing"),
    "who_did": ("verb", "thing"),
    "what_did": ("who", "verb"),
    "whom_did": ("who", "verb"),
    "did_it": ("who", "verb", "thing"),
    "where_did": ("who", "verb", "thing"),
    "when_did": ("who", "verb", "thing"),
    "why_did": ("who", "verb", "thing"),
    "what_called": ("who", "animal"),
    "whose": ("animal", "pet"),
    "what_taken": ("who",),
    "who_took": ("thing",),
    "what_dropped": ("who",),
    "who_dropped": ("thing",),
    "where_dropped": ("who", "thing"),
    "who_put": ("thing", "place"),
    "what_put": ("who", "place"),
    "what_given": ("who", "whom"),
    "giver": ("thing",),
    "giver_to": ("thing", "whom"),
    "receiver": ("thing",),
    "receiver_of": ("who", "thing"),
    "what_heading": ("direction", "place"),
    "heading_of": ("place", "direction"),
    "is_heading": ("place", "direction", "place2"),
    "is_above": ("thing", "thing2"),
    "is_below": ("thing", "thing2"),
    "is_left_of": ("thing", "thing2"),
    "is_right_of": ("thing", "thing2"),
    "what_above": ("thing",),
    "what_below": ("thing",),
    "what_left_of": ("thing",),
    "what_right_of": ("thing",),
    "is_bigger": ("thing", "thing2"),
    "biggest": (),
    "smallest": (),
    "does_fit": ("thing", "thing2"),
    "path": ("place", "place2"),
    "afraid_of": ("who",),
    "which_colour": ("who",),
    "what_kind": ("who",),
    "where_will": ("who",),
    "who_feels": ("motive",),
    "why_go": ("who", "place"),
    "why_get": ("who", "thing"),
}
"""What can be said or asked, with its parts in order."""

_FORMS = {"base": "VB", "past": "VBD", "en": "VBN", "ing": "VBG", "s": "VBZ"}
_NOUN = {"": "np", "is": "is_", "was": "was", "has": "has", "does": "does"}
_CHOICE = re.compile(r"\(([^()]*)\)|<(\w+) ([^<>]*)>")
_SPACE = re.compile(r" +(?=[ .?,])")
_SLOT = re.compile(r"\{(?:(\w+) )?(\w+)\}")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to say something: text before, between and after slots (number, form of the noun)."""

    meaning: str
    text: str
    slots: tuple[tuple[int, str], ...]

    def say(self, parts: Sequence[Noun]) -> str:
        """The sentence about these nouns; "" where one of them lacks the form that it needs."""
        words = [getattr(parts[number], form) for number, form in self.slots]
        if "" in words:
            return ""
        said = self.text % tuple(words)
        return said[0].upper() + said[1:]


@dataclass(frozen=True, kw_only=True)
class Style:
    """All phrases by what they mean; of each written way there may be many forms.

    often   how often it is so: narrator, that one of the people is I; owned, a thing somebody's;
            both, "both A and B"; contracted, "isn't"; unmarked, that a question has no mark; tail,
            that a sentence has one; aside, that one tells nothing that a question is about
    tails   words at the end that have nothing to do with what a sentence tells: "for lunch"
    then    words that begin a sentence which goes on from the one before
    times   words for times, each list in order
    """

    name: str
    ways: Mapping[str, tuple[tuple[Phrase, ...], ...]]
    often: Mapping[str, float]
    tails: tuple[str, ...]
    then: tuple[str, ...]
    times: tuple[tuple[str, ...], ...]

    def times_in_order(self) -> tuple[str, ...]:
        """All of them, each after those that it follows in some list."""
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for times in self.times:
            sorter.add(times[0])
            for earlier, later in pairwise(times):
                sorter.add(later, earlier)
        return tuple(sorter.static_order())


@cache
def load_style(name: str) -> Style:
    """A style that relmem has; raises UsageError for another."""
    if name not in (*STYLES, VARIED, HELD_OUT):
        known = (*STYLES, VARIED, HELD_OUT)
        hint = did_you_mean(name, known, f"the styles are {', '.join(known)}.")
        raise UsageError(f"--style {name!r} is unknown; {hint}")
    text = files("relmem_cli.world").joinpath("phrases", f"{name}.toml").read_text("utf-8")
    content = tomllib.loads(text)
    lists = content.get("lists", {})
    ways = {
        meaning: tuple(tuple(_phrases(meaning, one, lists)) for one in written)
        for section in ("say", "ask")
        for meaning, written in content[section].items()
    }
    return Style(
        name=name,
        ways=ways,
        often=content.get("often", {}),
        tails=tuple(content.get("tails", ())),
        then=tuple(content["then"]),
        times=tuple(tuple(times) for times in content["times"]),
    )


def _phrases(meaning: str, written: str, lists: Mapping[str, Sequence[str]]) -> list[Phrase]:
    """All forms of a written phrase."""
    choices = list(_CHOICE.finditer(written))
    options = [_options(found, lists) for found in choices]
    phrases = []
    for chosen in product(*options):
        words = iter(chosen)
        text = _CHOICE.sub(lambda _, words=words: next(words), written)  # type: ignore[misc]
        phrases.append(_phrase(meaning, _SPACE.sub("", text).strip()))
    return phrases


def _options(found: re.Match[str], lists: Mapping[str, Sequence[str]]) -> list[str]:
    plain, form, verbs = found.groups()
    if plain is not None:
        return [word for part in plain.split("|") for word in _listed(part, lists)]
    return [verb(one, _FORMS[form]) for part in verbs.split("|") for one in _listed(part, lists)]


def _listed(part: str, lists: Mapping[str, Sequence[str]]) -> Sequence[str]:
    return lists[part[1:]] if part.startswith("@") else [part]


def _phrase(meaning: str, text: str) -> Phrase:
    names = SLOTS[meaning]
    slots = tuple(_slot(names, *found) for found in _SLOT.findall(text))
    return Phrase(meaning, _SLOT.sub("%s", text.replace("%", "%%")), slots)


def _slot(names: Sequence[str], form: str, name: str) -> tuple[int, str]:
    """A slot's number and the noun's form; a form alone is that of the first."""
    if name not in names:
        form, name = name, names[0]
    return names.index(name), _NOUN.get(form, form)


_CONTRACTIONS = (
    (re.compile(r"\b(is|are|was) not\b"), r"\1n't"),
    (re.compile(r"\bI am\b(?! right)(?= \w)"), "I'm"),
    (re.compile(r"\bI have (got|just|now)\b"), r"I've \1"),
    (re.compile(r"\b([Ss]?he|[Ww]here|[Ww]hat|[Ww]ho) is\b"), r"\1's"),
    (re.compile(r"\b([Tt]hey|[Ww]e) are\b"), r"\1're"),
    (re.compile(r"^([A-Z]\w+) is (in|at|on|now|currently|waiting)\b"), r"\1's \2"),
    (re.compile(r"^([A-Z]\w+) has (got|just)\b"), r"\1's \2"),
)


def contracted(sentence: str) -> str:
    """The same with "isn't" and the like."""
    for pattern, short in _CONTRACTIONS:
        sentence = pattern.sub(short, sentence)
    return sentence


def phrased(  # noqa: PLR0913  # each is a way to choose
    style: Style,
    meaning: str,
    parts: Sequence[Noun],
    rng: Any,
    *,
    past: bool = False,
    subject_first: bool = False,
) -> str:
    """A sentence: one of the ways, each as likely as another, in one of its forms.

    `past` leaves out those that tell how things are now, which do not go with "then";
    `subject_first` those that do not begin with the first noun.
    """
    ways = style.ways[meaning]
    while True:
        forms = ways[int(rng.random() * len(ways))]
        phrase = forms[int(rng.random() * len(forms))]
        if past and any(form in ("is_", "has") for _, form in phrase.slots):
            continue
        if subject_first and not (phrase.text.startswith("%s ") and phrase.slots[0] == (0, "np")):
            continue
        if said := phrase.say(parts):
            return said
