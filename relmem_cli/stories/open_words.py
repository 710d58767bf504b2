"""Names, places and things of a story, whatever they are called (`--words open`)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import FIGURES, VERB, Word, is_noun, is_plural, words
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.scales import LESS, MORE, compared
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import OTHER_VERB, Vocabulary
from relmem_cli.stories.word_classes import (
    DETERMINERS,
    FUNCTION_WORDS,
    HOMES,
    PREPOSITIONS,
    RELATED,
    TIMES,
)

_SPOTS = frozenset(("bed", "bus", "train", "taxi", "cab", "water"))
"""Nouns of common phrases, which are names where they say where: "on the bus", "under my bed"."""

_WHERE = frozenset(
    ("in", "on", "under", "behind", "beside", "near", "inside", "underneath", "beneath", "into")
) | {"off"}

_DO = frozenset(("did", "do", "will", "would", "can", "could", "should"))
"""What somebody, and then a verb as it is looked up, comes after in a question."""

_COUNTS = frozenset(FIGURES.values()) - {"none"}
_COUNTED_BY = frozenset(("him", "me", "them", "us", "have", "and", "then", ""))
"""What may stand before a number that leaves out of what: "gave him two", "has two", "Two left"."""

_GOES_ON = frozenset(
    ("to", "from", "in", "on", "at", "back", "away", "there", "and", "but", ",", "")
)

_OF_NAMES = frozenset(("new", "great", "north", "south", "east", "west"))
"""What begins a name without an article: "to New York", "in South Africa"."""

_ARTICLES = frozenset(("a", "the", "some", "any", "another"))
_OWNERS = DETERMINERS - {"this", "that", "these", "those", "no", "every", "each"}
_WHOSE = _OWNERS - _ARTICLES | {"the"}


class _WrittenNames:
    """Names as they come: what each is looked up by, how it is written, what its last word means.

    written  a name's place in it is its number; it is never changed, only added to
    """

    def __init__(self) -> None:
        self.numbers: dict[tuple[str, ...], list[int]] = {}
        self.owners: list[str] = []
        self.written: list[str] = []
        self.heads: dict[str, list[int]] = {}

    def first(self, count: int) -> "_WrittenNames":
        """A copy with so many of them."""
        other = _WrittenNames()
        other.owners, other.written = self.owners[:count], self.written[:count]
        other.numbers = {k: [n for n in some if n < count] for k, some in self.numbers.items()}
        other.heads = {k: [n for n in some if n < count] for k, some in self.heads.items()}
        return other

    def add(self, name: tuple[str, ...], owner: str, written: str, *, head: bool) -> None:
        """One more."""
        number = len(self.written)
        self.numbers.setdefault(name, []).append(number)
        self.owners.append(owner)
        self.written.append(written)
        if head:
            self.heads.setdefault(name[-1], []).append(number)
        if len(name) > 1 and owner and name[0] in RELATED:
            self.numbers.setdefault(name[:1], []).append(number)

    def find(self, name: tuple[str, ...], owner: str, count: int) -> int | None:
        """The number of a name among the first `count`, by all of its words or its last one.

        Of several it is the latest; one of another owner, "my car" and "Tom's car", is another.
        """
        heads = self.heads.get(name[0], []) if len(name) == 1 else []
        for numbers in (self.numbers.get(name, []), heads):
            for number in reversed(numbers):
                theirs = self.owners[number] if number < count else ""
                if number < count and (owner == theirs or not owner or not theirs):
                    return number
        return None


class _ReadId(NamedTuple):
    """An id, and the places of the tokens that it stands for."""

    number: int
    places: tuple[int, ...]


class OpenWords(StoryWords):
    """The ids of one story's words where names, places and things are open (`--words open`).

    Neighbouring open words are one name: "bus stop"; its last word alone means it too, unless that
    names something else. A verb that the vocabulary lacks is read as OTHER_VERB, an adverb is left
    out. A copy shares the names so far, so that chat keeps them once for all sentences.

    room  how many names get an id, from the vocabulary's `closed` on; None for any number
    """

    def __init__(self, vocabulary: Vocabulary, room: int | None) -> None:
        super().__init__(vocabulary, 0)
        self._most = room
        self._names = _WrittenNames()
        self._count = 0
        self._answers_read: frozenset[int] = frozenset()
        self._scale = ""
        self._counted = 0

    @property
    def outside(self) -> dict[str, int]:
        """The names that have come, as they were first written, with their ids."""
        closed = self._vocabulary.closed
        found: dict[str, int] = {}
        for number, name in enumerate(self._names.written[: self._count]):
            found.setdefault(name, closed + number)
        return found

    @property
    def answers_read(self) -> frozenset[int]:
        """The ids of the vocabulary's answers that a sentence had."""
        return self._answers_read

    @property
    def version(self) -> object:
        """What has come; a copy to which nothing came has an equal one."""
        return self._count, self._answers_read, self._scale, self._counted

    def copy(self) -> "OpenWords":
        """The same, to which other words may come."""
        other = OpenWords(self._vocabulary, self._most)
        other._names, other._count = self._names, self._count
        other._answers_read = self._answers_read
        other._scale, other._counted = self._scale, self._counted
        return other

    def encode(self, tokens: Sequence[str], length: int, *, is_sentence: bool = True) -> list[int]:
        """`length` ids of the words and names of a text, then pads."""
        ids = [one.number for one in self._read(tokens, is_sentence=is_sentence)][:length]
        answers = self._vocabulary.answer_ids.intersection(ids)
        if is_sentence and not answers <= self._answers_read:
            self._answers_read |= answers
        return ids + [0] * (length - len(ids))

    def places(self, tokens: Sequence[str], *, is_sentence: bool = True) -> list[tuple[int, ...]]:
        """Which tokens each id that `encode` gives is about."""
        return [one.places for one in self._read(tokens, is_sentence=is_sentence)]

    def id(self, item: str) -> int:
        """The id of a word or name that has come, or of an item of the vocabulary; else 0."""
        tokens = tokenize(item)
        for text in (tokens, ["the", *tokens]):  # "drawing" is a verb, "the drawing" is none
            found = words(text)
            owned = max((n + 1 for n, word in enumerate(found) if word.base in _OWNERS), default=0)
            name = tuple(word.base for word in found[owned:])
            known = self._known(name, _owner(found, owned))
            if len(name) == 1 and name[0] in self._vocabulary and known is None:
                return self._vocabulary.ids[name[0]]
            if known is not None:
                return known
        return self.outside.get(item, 0)

    def item(self, number: int) -> str:
        """What has an id, as it was first written; "" for one that this story has not."""
        place = number - self._vocabulary.closed
        if place < 0:
            return self._vocabulary.items[number]
        return self._names.written[place] if place < self._count else ""

    def text(self, numbers: Sequence[int]) -> str:
        """The words of an answer, with commas between; pads are left out."""
        return ",".join(self.item(number) for number in numbers if number)

    def _read(self, tokens: Sequence[str], *, is_sentence: bool) -> Iterator[_ReadId]:
        """The ids of a text's words and names."""
        found, scale = self._on_scale(words(tokens), is_sentence=is_sentence)
        if is_sentence and _tells_of_kinds(found):
            found = [word._replace(written=word.base) for word in found]
        found = [
            word
            if word.base in self._vocabulary
            else word._replace(base=word.base + VERB)
            if _is_bare_verb(found, at)
            else word
            for at, word in enumerate(found)
        ]
        at = 0
        while at < len(found):
            end = self._name_end(found, at, is_sentence=is_sentence)
            run = found[at : end or at + 1]
            if not end and self._is_an_owners(found, at, is_sentence=is_sentence):
                at += 1
                continue
            if end:
                owner = _owner(found, at)
                number = self._name(run, owner, scale=scale, is_sentence=is_sentence)
            else:
                number = self._closed(run[0])
            if end and _number_before(found, at):
                self._counted = number
            at += len(run)
            if number:
                yield _ReadId(number, tuple(dict.fromkeys(word.place for word in run)))
            bare = not end and self._counted and _leaves_out_what(found, at)
            if bare and not (at < len(found) and self._name_end(found, at, is_sentence=True)):
                yield _ReadId(self._counted, (run[0].place,))

    def _on_scale(self, found: list[Word], *, is_sentence: bool) -> tuple[list[Word], str]:
        """The words, a comparison read as one of sizes; and its scale unless it is the first one.

        Names that are compared on another are others there: Tom may be taller and younger than Ann.
        """
        comparison = compared(found)
        if comparison is None or not self._vocabulary.ids.keys() >= {MORE, LESS}:
            return found, ""
        scale, more, begin, end = comparison
        if is_sentence and not self._scale:
            self._scale = scale
        first = self._scale or MORE  # what fits into what is said without a comparison
        named = any(word.base == "than" for word in found)
        if scale != first and not named:
            return found, ""  # "Who is the oldest?" names nobody
        word = found[end - 1]
        if scale != MORE:
            found = [*found[:begin], word._replace(base=MORE if more else LESS), *found[end:]]
        if not (is_sentence or named or found[begin - 1].base == "the"):
            found.insert(begin, word._replace(base="the"))  # "Who is older?" is "the oldest"
        return found, scale * (scale != first)

    def _is_an_owners(self, found: Sequence[Word], at: int, *, is_sentence: bool) -> bool:
        """Whether a word goes with an owner: "the dentist's house" is read as "Ann's house" is."""
        if found[at].base not in _OWNERS - {"'s"} or at + 1 == len(found):
            return False
        end = self._name_end(found, at + 1, is_sentence=is_sentence)
        return 0 < end < len(found) and found[end].base == "'s"

    def _closed(self, word: Word) -> int:
        """A word that is no name; a verb's other form where the vocabulary has but that."""
        for base in (word.base, _other_form(word.base)):
            if base in self._vocabulary:
                return self._vocabulary.ids[base]
        return self._vocabulary.ids.get(OTHER_VERB, 0) if word.base.endswith(VERB) else 0

    def _name_end(self, found: Sequence[Word], at: int, *, is_sentence: bool) -> int:
        """Where the name ends that begins at a word; 0 where none does."""
        if _says_where(found, at):
            known = self._known((found[at].base,), _owner(found, at))
            return at + 1 if is_sentence or known is not None else 0
        end = self._run_end(found, at)
        if end == at:
            return 0
        if is_sentence:
            owned = at > 0 and found[at - 1].base in _OWNERS and end > at + 1
            return end if owned or any(map(self._is_open, found[at:end])) else 0
        bases = tuple(word.base for word in found[at:end])
        for last in range(end, at, -1):
            if self._known(bases[: last - at], _owner(found, at)):
                return last
        return at + 1 if self._is_open(found[at]) else 0

    def _run_end(self, found: Sequence[Word], at: int) -> int:
        """Where the words end that may be one name; `at` where there are none."""
        before = found[at - 1].base if at else ""
        owned = before in _OWNERS
        end = at
        if found[at].base in _OF_NAMES and (not at or before in PREPOSITIONS):
            end += at + 1 < len(found) and self._is_open(found[at + 1])
        while end < len(found) and self._goes_on(
            found, at, end, noun=owned or before in PREPOSITIONS
        ):
            end += 1
        if end > at + 1 and not owned and end < len(found) and found[end].base == "'s":
            end -= 1  # "sold Ann Tom's mask"
        while end > at and end + 1 < len(found) and found[end].base == "of":
            if not self._is_open(found[end + 1]):
                break
            end += 2
        return end

    def _goes_on(self, found: Sequence[Word], at: int, end: int, *, noun: bool) -> bool:
        """Whether a word is part of a name that begins at another.

        noun  whether a noun is to be expected, as after an article: then it may have closed words
        """
        word = found[end]
        if end > at and (
            not HOMES.isdisjoint((word.base, found[end - 1].base)) or _is_time(found[end - 1])
        ):
            return False
        if self._is_open(word):
            return True
        if not noun or not _is_noun(word) or (end > at and _is_bare_verb(found, end)):
            return False
        following = found[end + 1] if end + 1 < len(found) else None
        opens = following is not None and (self._is_open(following) or following.base in _OWNERS)
        return opens != (end > at) or (end == at and following is not None and _is_noun(following))

    def _is_open(self, word: Word) -> bool:
        if word.base in self._vocabulary or word.base in FUNCTION_WORDS:
            return False
        if _other_form(word.base) in self._vocabulary and "NOUN" not in lemmas(word.base):
            return False
        if word.base.endswith(VERB):
            return False
        return lemmas(word.written).keys() != {"ADV"}

    def _name(self, run: Sequence[Word], owner: str, *, scale: str, is_sentence: bool) -> int:
        bases = (*(word.base for word in run), *((f"on {scale}",) if scale else ()))
        known = self._known(bases, owner)
        if known is not None:
            return known
        if self._most is not None and self._count >= self._most:
            return 0
        if len(self._names.written) != self._count:  # another copy has gone on in another way
            self._names = self._names.first(self._count)
        head = is_sentence and len(bases) > 1 and "of" not in bases and not scale
        called = bool(owner) and head and bases[0] in RELATED
        said = run[1:] if called else run  # "my boss Karen" is Karen
        written = " ".join(word.written for word in said).replace(",", " ")
        written = written if called else owner + written
        self._names.add(bases, _somebody(owner), written, head=head)
        self._count += 1
        return self._vocabulary.closed + self._count - 1

    def _known(self, bases: tuple[str, ...], owner: str) -> int | None:
        found = self._names.find(bases, _somebody(owner), self._count)
        return None if found is None else self._vocabulary.closed + found


def _number_before(found: Sequence[Word], at: int) -> bool:
    """Whether it is told how many there are of what begins at a word: "two coins", "two more"."""
    at -= at > 1 and found[at - 1].base == "more"
    return at > 0 and found[at - 1].base in _COUNTS


def _leaves_out_what(found: Sequence[Word], end: int) -> bool:
    """Whether a number ends there that does not say of what: "lost two", "two more", "how many"."""
    after = found[end].base if end < len(found) else ""
    if found[end - 1].base == "many":
        left = [word.base for word in found[end + 1 : end + 2]] == ["leave" + VERB]
        return after in ("do", "did", "have") or left
    begin = end - 1 - (found[end - 1].base == "more")
    before = found[begin - 1].base if begin > 0 else ""
    if begin < 0 or found[begin].base not in _COUNTS:
        return False
    counted = before in _COUNTED_BY or before.endswith(VERB)
    return counted and (after in _GOES_ON or after.endswith(VERB))


def _says_where(found: Sequence[Word], at: int) -> bool:
    """Whether a word says where: "on the bus", "under Tom's bed", "to bed"."""
    if found[at].base == "bed" and at and found[at - 1].base in ("to", "in", "into", "from"):
        return True
    if found[at].base not in _SPOTS or at < 2 or found[at - 1].base not in _WHOSE:
        return False
    before, owned = found[at - 2], found[at - 1].base == "'s"
    if owned and at > 2:
        before = found[at - 3]
    after = found[at + 1].base if at + 1 < len(found) else ""
    ends = not after or after in FUNCTION_WORDS | TIMES or lemmas(after).keys() == {"ADV"}
    return before.base in _WHERE and ends


def _is_bare_verb(found: Sequence[Word], at: int) -> bool:
    """Whether a word is a verb: "did not mend it", "wanted to mend the chair", "did Ann mend"."""
    word, before = found[at], found[at - 1].base if at else ""
    if word.written not in lemmas(word.written).get("VERB", ()) or before in DETERMINERS:
        return False
    if before == "not":
        return True
    if before == "to":
        return at + 1 < len(found) and found[at + 1].base in DETERMINERS
    asked = [place for place, one in enumerate(found[: at - 1]) if one.base in _DO]
    between = found[asked[-1] + 1 : at] if asked else ()
    return bool(between) and not any(
        one.base.endswith(VERB) or one.base in PREPOSITIONS for one in between
    )


def _other_form(base: str) -> str:
    """A verb's lemma as it is looked up where it is its sentence's verb, or is not."""
    return base.removesuffix(VERB) if base.endswith(VERB) else base + VERB


def _somebody(owner: str) -> str:
    """An owner who can be told from others; "" for one like "his ", who may be anybody."""
    if owner.endswith("'s "):
        return f"{owner.rsplit(maxsplit=1)[-1]} "  # "my aunt's " is "the aunt's "
    return owner if owner in ("my ", "our ", "your ") else ""


def _owner(found: Sequence[Word], at: int) -> str:
    """Whose a name is that begins at a word, as written: "my ", "my aunt's "; else ""."""
    before = found[at - 1] if at else None
    if before is None or before.base not in _OWNERS:
        return ""
    if before.base == "'s":
        return f"{_owner(found, at - 2)}{found[at - 2].written}'s " if at > 1 else ""
    return "" if before.base in _ARTICLES else f"{before.written} "


def _is_time(word: Word) -> bool:
    """Whether a word tells when: a name ends there, "last night Mary", "in 2019 Mary"."""
    return word.base in TIMES or word.base.isdecimal()


def _tells_of_kinds(found: Sequence[Word]) -> bool:
    """Whether a sentence is about all of a kind: its names are given as one's, wolf for wolves.

    So are bAbI's answers: "Sheep are afraid of wolves. ... What is Gertrude afraid of? wolf".
    """
    first = next((word for word in found if word.base not in ("all", "most")), None)
    if first is None or any(word.base in DETERMINERS for word in found):
        return False
    return is_plural(first.written, first.base)


def _is_noun(word: Word) -> bool:
    """Whether a closed word may be part of a name: "bus", "waiting"."""
    if word.written.endswith("ing") and not word.base.endswith(VERB):
        return True
    plain = "VERB" not in lemmas(word.base) or word.written == word.base  # "lies" is a verb
    return plain and is_noun(word.base)
