"""Names, places and things of a story, whatever they are called (`--words open`)."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from relmem_cli.stories.cues import (
    in_names,
    is_bare_verb,
    is_subject,
    is_time,
    leaves_out_what,
    names_somebody,
    number_before,
    other_form,
    says_where,
    tells_of_kinds,
)
from relmem_cli.stories.dictionary import lemmas
from relmem_cli.stories.english import VERB, Word, words
from relmem_cli.stories.outside import StoryWords
from relmem_cli.stories.scales import LESS, MORE, compared
from relmem_cli.stories.subjects import Subject, is_pronoun, names_another, receiver_at, subject_at
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import OTHER_VERB, Vocabulary
from relmem_cli.stories.word_classes import (
    FIRST_NAMES,
    FUNCTION_WORDS,
    HOMES,
    NARRATOR,
    PREPOSITIONS,
    RELATED,
)
from relmem_cli.stories.written_names import OWNERS, WrittenNames, owner_at

_OF_NAMES = frozenset(("new", "great", "north", "south", "east", "west"))
"""What begins a name without an article: "to New York", "in South Africa"."""


_CALLED = "^"
"""What the base of a known word ends with where it is somebody's name."""


class _ReadId(NamedTuple):
    """An id, and the places of the tokens that it stands for.

    begin, end  of a name: where its words begin and end; else `end` is 0
    """

    number: int
    places: tuple[int, ...]
    begin: int = -1
    end: int = 0


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
        self._names = WrittenNames()
        self._count = 0
        self._answers_read: frozenset[int] = frozenset()
        self._scale = ""
        self._counted = 0
        self._subject = Subject()

    @property
    def outside(self) -> dict[str, int]:
        """The names that have come, as they were first written, with their ids."""
        closed = self._vocabulary.closed
        found: dict[str, int] = {}
        for number, name in enumerate(self._names.written[: self._count]):
            found.setdefault(name, closed + number)
        return found

    def names_but(self, asked: Iterable[int]) -> set[int]:
        """The ids of all names but some, and but theirs on a second scale."""
        written, closed = self._names.written[: self._count], self._vocabulary.closed
        out = {written[one - closed] for one in asked if closed <= one < closed + self._count}
        return {closed + place for place, name in enumerate(written) if name not in out}

    @property
    def answers_read(self) -> frozenset[int]:
        """The ids of the vocabulary's answers that a sentence had."""
        return self._answers_read

    @property
    def version(self) -> object:
        """What has come; a copy to which nothing came has an equal one."""
        return self._count, self._answers_read, self._scale, self._counted, self._subject

    def copy(self) -> "OpenWords":
        """The same, to which other words may come."""
        other = OpenWords(self._vocabulary, self._most)
        other._names, other._count = self._names, self._count
        other._answers_read = self._answers_read
        other._scale, other._counted = self._scale, self._counted
        other._subject = self._subject
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
            owned = max((n + 1 for n, word in enumerate(found) if word.base in OWNERS), default=0)
            name = tuple(word.base for word in found[owned:])
            known = self._known(name, owner_at(found, owned))
            if known is None and len(name) == 1:
                known = self._known((name[0] + _CALLED,), "")
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
        if is_sentence and tells_of_kinds(found):
            found = [word._replace(written=word.base) for word in found]
        found = [*self._with_first_names(found, is_sentence=is_sentence)]
        found = [
            word
            if word.base in self._vocabulary or self._known((word.base,), "") is not None
            else word._replace(base=word.base + VERB)
            if is_bare_verb(found, at)
            else word
            for at, word in enumerate(found)
        ]
        read = [*self._pieces(found, scale, is_sentence=is_sentence)]
        if is_sentence:
            read = self._with_subject(found, read)
        for one in read:
            if one.number:
                yield one

    def _pieces(self, found: Sequence[Word], scale: str, *, is_sentence: bool) -> Iterator[_ReadId]:
        """The ids of words and names one after another; 0 of a word that is left out."""
        at = 0
        while at < len(found):
            end = self._name_end(found, at, is_sentence=is_sentence)
            run = found[at : end or at + 1]
            if not end and self._is_an_owners(found, at, is_sentence=is_sentence):
                at += 1
                continue
            if end:
                owner = owner_at(found, at)
                number = self._name(run, owner, scale=scale, is_sentence=is_sentence)
            else:
                number = self._closed(run[0])
            if end and number_before(found, at):
                self._counted = number
            places = tuple(dict.fromkeys(word.place for word in run))
            yield _ReadId(number, places, at, end)
            at += len(run)
            bare = not end and self._counted and leaves_out_what(found, at)
            if bare and not (at < len(found) and self._name_end(found, at, is_sentence=True)):
                yield _ReadId(self._counted, (run[0].place,))

    def _with_subject(self, found: Sequence[Word], read: list[_ReadId]) -> list[_ReadId]:
        """What was read, with the name of whom several sentences are about (`Subject`)."""
        begin, before, self._subject = subject_at(found), self._subject, Subject()
        if begin == len(found):
            return read
        before = before.given(found, begin)
        word, named = found[begin], {one.begin: one for one in read if one.end}
        about = named.get(begin)
        while about and (theirs := named.get(about.end + 1)) and found[about.end].base == "'s":
            if found[theirs.begin].base not in RELATED:
                break
            about = theirs  # "Tom's mum" is about her, "Tom's keys" about him
        if about:
            several = about.end < len(found) and found[about.end].base in ("and", ",")
            subject = Subject() if several else Subject(about.number)
        else:
            subject = before.goes_on(word)
            if before.means(word):
                place = next(n for n, one in enumerate(read) if one.begin == begin)
                name = _ReadId(before.who, read[place].places)
                read = [*read[:place], name, *read[place + is_pronoun(word) :]]
        begun = about.begin if about else begin
        if receiver := named.get(receiver_at(found, named)):
            self._subject = Subject(receiver=receiver.number)
        elif not any(at > begun and names_another(found, at) for at in named):
            self._subject = subject
        return read

    def _with_first_names(self, found: list[Word], *, is_sentence: bool) -> Iterator[Word]:
        """The words; "will" with a mark where somebody is called so, as a first subject says."""
        names = FIRST_NAMES & self._vocabulary.ids.keys() if is_sentence else frozenset()
        for at, word in enumerate(found):
            name = word.base + _CALLED
            if self._known((name,), "") is not None:
                called = names_somebody(found, at)
            else:
                called = word.base in names and is_subject(found, at)
            yield word._replace(base=name) if called else word

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
        if found[at].base not in OWNERS - {"'s"} or at + 1 == len(found):
            return False
        end = self._name_end(found, at + 1, is_sentence=is_sentence)
        return 0 < end < len(found) and found[end].base == "'s"

    def _closed(self, word: Word) -> int:
        """A word that is no name; a verb's other form where the vocabulary has but that."""
        for base in (word.base, other_form(word.base)):
            if base in self._vocabulary:
                return self._vocabulary.ids[base]
        return self._vocabulary.ids.get(OTHER_VERB, 0) if word.base.endswith(VERB) else 0

    def _name_end(self, found: Sequence[Word], at: int, *, is_sentence: bool) -> int:
        """Where the name ends that begins at a word; 0 where none does."""
        if says_where(found, at):
            known = self._known((found[at].base,), owner_at(found, at))
            return at + 1 if is_sentence or known is not None else 0
        end = self._run_end(found, at)
        if end == at:
            return 0
        if is_sentence:
            owned = at > 0 and found[at - 1].base in OWNERS and end > at + 1
            return end if owned or any(map(self._is_open, found[at:end])) else 0
        bases = tuple(word.base for word in found[at:end])
        for last in range(end, at, -1):
            if self._known(bases[: last - at], owner_at(found, at)):
                return last
        return at + 1 if self._is_open(found[at]) else 0

    def _run_end(self, found: Sequence[Word], at: int) -> int:
        """Where the words end that may be one name; `at` where there are none."""
        before = found[at - 1].base if at else ""
        owned = before in OWNERS
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
            not HOMES.isdisjoint((word.base, found[end - 1].base)) or is_time(found[end - 1])
        ):
            return False
        if word.base == NARRATOR:
            return False
        if self._is_open(word):
            return True
        if not noun or not in_names(word) or (end > at and is_bare_verb(found, end)):
            return False
        following = found[end + 1] if end + 1 < len(found) else None
        opens = following is not None and (self._is_open(following) or following.base in OWNERS)
        return opens != (end > at) or (end == at and following is not None and in_names(following))

    def _is_open(self, word: Word) -> bool:
        if word.base in self._vocabulary or word.base in FUNCTION_WORDS:
            return False
        if other_form(word.base) in self._vocabulary and "NOUN" not in lemmas(word.base):
            return False
        if word.base.endswith(VERB):
            return False
        return word.base in HOMES or lemmas(word.written).keys() != {"ADV"}

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
        self._names.add(bases, owner, written, head=head)
        self._count += 1
        return self._vocabulary.closed + self._count - 1

    def _known(self, bases: tuple[str, ...], owner: str) -> int | None:
        found = self._names.find(bases, owner, self._count)
        return None if found is None else self._vocabulary.closed + found
