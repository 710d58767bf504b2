"""Questions as in the Children's Book Test, made from any plain text: `relmem data cloze`."""

import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from relmem_cli.stories.cbt import BLANK, SPLITS

CONTEXT = 20
"""Sentences before a query (Hill et al. 2016, section 2.1)."""

CANDIDATES = 10
"""Words that an answer is one of."""

SHARES = {"train": 0.8, "valid": 0.9, "test": 1.0}
"""Up to where in a book each split's sentences come from."""

_HEADER = re.compile(r"\*\*\* ?START OF [^\n]*\n")
_FOOTER = re.compile(r"\*\*\* ?END OF ")
_ENDS = re.compile(r"[.!?:;,]['\u2019\u201d\")]*$")
_APOSTROPHE = re.compile(r"(?<=\w)[\u2019'](?=\w)")
_OPENING = re.compile(r"(?:(?<=[\s(\[—])|(?<![\s\S]))([\"'])")
_PENN = str.maketrans(
    {"\u201c": "``", "\u201d": "''", "\u2018": "`", "\u2019": "'", "\u2014": "--"}
)
_LATE = re.compile(r"(?:(?<=n) |(?<= )|^)(') (ll|m|s|d|re|ve|t)(\.?)(?= |$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tagged:
    """A word, its Penn Treebank tag, and whether a sentence or a speech begins with it."""

    word: str
    tag: str
    first: bool

    @property
    def plain(self) -> bool:
        """Whether it is a word of more than one letter and nothing else."""
        return len(self.word) > 1 and self.word.isalpha()


@dataclass(frozen=True, slots=True)
class Cloze:
    """A passage, and one of a sentence's words that is to be guessed from candidates."""

    context: tuple[str, ...]
    query: str
    answer: str
    candidates: tuple[str, ...]

    def lines(self) -> str:
        """As the Children's Book Test's files have it, with a blank line after it."""
        told = "".join(f"{number} {text}\n" for number, text in enumerate(self.context, start=1))
        asked = f"{self.query}\t{self.answer}\t\t{'|'.join(self.candidates)}"
        return f"{told}{len(self.context) + 1} {asked}\n\n"


Sentence = tuple[Tagged, ...]
Sentences = Sequence[Sentence]


def tagged_sentences(text: str) -> list[Sentence]:
    """The sentences of a text, their words apart and tagged, in the order of the text.

    Left out are a Project Gutenberg book's header and footer, and what ends without a mark, as
    headings do. Needs TextBlob, whose tagger is Tom De Smedt's Pattern.
    """
    from textblob.en import tag, tokenize  # noqa: PLC0415  # half a second, and an extra's package

    with warnings.catch_warnings(action="ignore", category=ResourceWarning):  # it leaves files open
        told = (_as_published(text) for text in tokenize(_plain(text)) if _is_sentence(text))
        return [_tagged(tag(sentence, tokenize=False)) for sentence in told]


def _is_sentence(text: str) -> bool:
    return bool(_ENDS.search(text.replace(" ", "")))


def _as_published(sentence: str) -> str:
    """The sentence with the marks that the published files have: `` and '', n't and 'll."""
    return " ".join(_LATE.sub(r"\1\2 \3", sentence.translate(_PENN)).split())


def _tagged(words: Sequence[tuple[str, str]]) -> Sentence:
    before = ["``", *(word for word, _ in words)]
    return tuple(
        Tagged(word, name, first=not last[-1].isalnum())
        for last, (word, name) in zip(before, words, strict=False)
    )


def _plain(text: str) -> str:
    """The book alone, with its quotes told apart from apostrophes."""
    begin, end = _HEADER.search(text), _FOOTER.search(text)
    text = text[begin.end() if begin else 0 : end.start() if end else len(text)]
    text = text.replace("_", "").replace("--", "—").replace("—", " — ")
    text = _APOSTROPHE.sub("\0", text)
    text = _OPENING.sub(lambda mark: "\u201c" if mark[1] == '"' else "\u2018", text)
    return text.replace('"', "\u201d").replace("'", "\u2019").replace("\0", "'")


def words_of(kind: str, book: Sentences) -> Callable[[Tagged], bool]:
    """Which words of a book are of a kind: NE, CN, V or P.

    A named entity is a proper noun that the book never has in small letters, and once at least
    where no sentence begins.
    """
    if kind == "NE":
        small = {one.word for told in book for one in told if one.word.islower()}
        names = {
            one.word
            for told in book
            for one in told
            if one.tag.startswith("NNP") and one.plain and not one.first and one.word.istitle()
        }
        names = {name for name in names if name.lower() not in small}
        return lambda one: one.word in names
    tags = {"CN": ("NN", "NNS"), "V": ("VB", "VBD", "VBG", "VBN", "VBP", "VBZ"), "P": ("IN",)}[kind]
    return lambda one: one.tag in tags and one.plain and one.word.islower()


def split_of(book: Sentences, split: str) -> Sentences:
    """A split's part of a book: the first four fifths train, the last tenth tests."""
    ends = [0, *(int(share * len(book)) for share in SHARES.values())]
    place = SPLITS.index(split)
    return book[ends[place] : ends[place + 1]]


def cloze_questions(
    book: Sentences, kind: str, split: str, *, seed: int = 0, candidates: int = CANDIDATES
) -> list[Cloze]:
    """A question for each sentence of the split that one can be asked of, in the book's order.

    A word of the kind is left out that the query has once and the 20 sentences before it have,
    too; the other candidates are words of the kind from these sentences that the query has not.
    What cannot be asked so is left out. The same seed asks the same.
    """
    random = Random(f"{seed} {kind} {split}")  # noqa: S311  # a choice of words, no secret
    part, chosen = split_of(book, split), words_of(kind, book)
    passages = (part[place - CONTEXT : place + 1] for place in range(CONTEXT, len(part)))
    return [made for told in passages if (made := _cloze(told, chosen, random, candidates))]


def _cloze(
    told: Sentences, chosen: Callable[[Tagged], bool], random: Random, count: int
) -> Cloze | None:
    *context, query = told
    asked = [one.word.lower() for one in query]
    offered = {one.word.lower(): one.word for one in _all(context) if chosen(one)}
    once = [
        place
        for place, one in enumerate(query)
        if chosen(one) and one.word.lower() in offered and asked.count(one.word.lower()) == 1
    ]
    others = sorted(word for small, word in offered.items() if small not in asked)
    if not once or len(others) < count - 1 or BLANK.lower() in asked:
        return None
    place = random.choice(once)
    among = [query[place].word, *random.sample(others, count - 1)]
    random.shuffle(among)
    left = [BLANK if at == place else one.word for at, one in enumerate(query)]
    return Cloze(
        context=tuple(" ".join(one.word for one in sentence) for sentence in context),
        query=" ".join(left),
        answer=query[place].word,
        candidates=tuple(among),
    )


def _all(sentences: Iterable[Sentence]) -> Iterator[Tagged]:
    return (one for sentence in sentences for one in sentence)


def spread(questions: Sequence[Cloze], most: int) -> list[Cloze]:
    """At most so many of the questions, from all places alike; 0 for all."""
    if not most or len(questions) <= most:
        return list(questions)
    return [questions[place * len(questions) // most] for place in range(most)]
