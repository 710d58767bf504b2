"""Questions made from text of our own, whose words are tagged."""

from itertools import pairwise
from random import Random

import pytest

from relmem_cli.stories.cbt import BLANK, parse_cbt
from relmem_cli.stories.cloze import (
    CONTEXT,
    Cloze,
    Sentences,
    cloze_questions,
    split_of,
    spread,
    tagged_sentences,
)

NAMES = ["Ann", "Bob", "Cid", "Dora", "Emil", "Fay", "Gus", "Hal", "Ida", "Jon", "Kay", "Leo"]
THINGS = ["apple", "basket", "candle", "kettle", "engine", "feather", "garden", "hammer", "island"]
DONE = ["carried", "painted", "washed", "buried", "hid"]


def book(sentences: int) -> str:
    random = Random(0)
    told = []
    for _ in range(sentences):
        one, other = random.sample(NAMES, 2)
        first, second = random.sample(THINGS, 2)
        told.append(f"Then {one} {random.choice(DONE)} the {first} of {other} behind the {second}.")
    return "\n".join(told)


@pytest.fixture(scope="module")
def tagged() -> Sentences:
    return tagged_sentences(book(300))


def said(text: str) -> list[str]:
    return [" ".join(one.word for one in sentence) for sentence in tagged_sentences(text)]


def test_sentences_are_told_apart_and_words_are_as_in_the_published_files() -> None:
    text = (
        "“I can't,” said Mr. Fox; \"it's the King's.\"\n\n'Won't you?'\n\nIt was -- well -- late."
    )
    assert said(text) == [
        "`` I ca n't , '' said Mr. Fox ; `` it 's the King 's . ''",
        "` Wo n't you ? '",
        "It was -- well -- late .",
    ]


def test_headings_and_what_project_gutenberg_adds_are_left_out() -> None:
    text = (
        "Free to use.\n*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nCHAPTER ONE\n\n"
        "Ann left.\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\nA licence.\n"
    )
    assert said(text) == ["Ann left ."]


@pytest.mark.parametrize(("kind", "known"), [("NE", NAMES), ("CN", THINGS), ("V", DONE)])
def test_the_answer_is_in_the_passage_and_once_asked_among_words_of_its_kind(
    tagged: Sentences, kind: str, known: list[str]
) -> None:
    made = cloze_questions(tagged, kind, "train", candidates=5)
    assert len(made) > 100
    for one in made:
        words = " ".join(one.context).split()
        assert len(one.context) == CONTEXT
        assert len(set(one.candidates)) == 5
        assert {one.answer, *one.candidates} <= set(known)
        assert set(one.candidates) <= set(words)
        query = one.query.split()
        assert query.count(BLANK) == 1
        assert not set(query) & set(one.candidates)


def test_names_are_told_from_words_that_only_begin_a_sentence(tagged: Sentences) -> None:
    made = cloze_questions(tagged, "NE", "train", candidates=2)
    assert all("Then" not in one.candidates for one in made)


def test_splits_are_parts_of_the_book_one_after_another(tagged: Sentences) -> None:
    parts = [split_of(tagged, split) for split in ("train", "valid", "test")]
    assert [len(part) for part in parts] == [240, 30, 30]
    assert [one for part in parts for one in part] == list(tagged)
    asked = cloze_questions(tagged, "CN", "test", candidates=2)
    told = {" ".join(one.word for one in sentence) for sentence in parts[2]}
    assert asked
    assert all(set(one.context) <= told for one in asked)


def test_the_same_seed_asks_the_same_and_another_something_else(tagged: Sentences) -> None:
    first, again, other = (
        cloze_questions(tagged, "V", "test", seed=s, candidates=3) for s in "001"
    )
    assert first == again != other


def test_too_few_words_of_a_kind_make_no_question(tagged: Sentences) -> None:
    assert cloze_questions(tagged, "P", "train") == []  # "of" and "behind" alone


def test_a_part_of_the_questions_comes_from_all_places(tagged: Sentences) -> None:
    made = cloze_questions(tagged, "CN", "train", candidates=3)
    assert spread(made, 0) == made
    some = spread(made, 10)
    assert len(some) == 10
    places = [made.index(one) for one in some]
    steps = [later - one for one, later in pairwise(places)]
    assert max(steps) - min(steps) <= 1


def test_a_question_is_written_as_in_the_published_files() -> None:
    one = Cloze(context=("a b .", "c ."), query="XXXXX d", answer="Bob", candidates=("Bob", "Ann"))
    assert one.lines() == "1 a b .\n2 c .\n3 XXXXX d\tBob\t\tBob|Ann\n\n"
    assert len(list(parse_cbt(one.lines().splitlines() * 2, "here"))) == 2
