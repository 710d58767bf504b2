"""Unknown names are read as known ones of a closed vocabulary, and answered by their own names."""

import pytest

from relmem_cli.chat.story.stand_ins import StandIns
from relmem_cli.stories.follows import follows
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import tokenize
from relmem_cli.stories.vocabulary import Vocabulary

SAID = (
    "mary went to the kitchen .",
    "john went to the garden .",
    "john moved to the kitchen .",
    "mary moved to the garden .",
)
STORIES = [
    Story(
        sentences=tuple(tuple(tokenize(said)) for said in SAID),
        questions=tuple(
            Question(text=("where", "is", who, "?"), answer="garden", position=4)
            for who in ("mary", "john", "mary", "john")
        ),
    )
]
VOCABULARY = Vocabulary.of(STORIES)


@pytest.fixture
def words() -> StandIns:
    return StandIns(VOCABULARY, follows(STORIES))


def read(words: StandIns, text: str) -> str:
    return " ".join(VOCABULARY.items[i] for i in words.encode(tokenize(text), 6) if i)


def test_a_name_is_read_as_one_that_stands_where_it_does(words: StandIns) -> None:
    told = read(words, "Alice went to the library.")
    assert told.split()[1:4] == ["went", "to", "the"]
    assert words.stands["alice"] in ("mary", "john")
    assert words.stands["library"] in ("kitchen", "garden")


def test_it_stays_the_same_and_is_answered_by_its_own_name(words: StandIns) -> None:
    read(words, "Alice went to the library.")
    before = dict(words.stands)
    read(words, "Alice moved to the library.")
    assert words.stands == before
    assert words.item(words.id("library")) == "library"
    assert words.item(words.id("alice")) == "alice"


def test_no_two_names_share_a_word_whoever_comes_first(words: StandIns) -> None:
    read(words, "Alice went to the kitchen.")
    taken = words.stands["alice"]
    told = read(words, f"{taken} went to the garden.")
    assert told.split()[0] != taken
    assert words.item(words.id(taken)) == taken


def test_a_word_that_was_told_stands_for_none(words: StandIns) -> None:
    read(words, "Mary went to the kitchen.")
    read(words, "Alice went to the attic.")
    assert (words.stands["alice"], words.stands["attic"]) == ("john", "garden")


def test_what_nothing_can_stand_for_is_missing(words: StandIns) -> None:
    assert words.without_stand_in(tokenize("Alice drove to the library.")) == ["drove"]
    for name in ("alice", "bob"):
        read(words, f"{name} went to the kitchen.")
    assert words.without_stand_in(tokenize("Carol went to the kitchen.")) == ["carol"]


def test_a_misspelt_word_is_no_name(words: StandIns) -> None:
    assert words.without_stand_in(tokenize("Mary went to the kitchn.")) == ["kitchn"]


def test_a_copy_keeps_to_itself(words: StandIns) -> None:
    other = words.copy()
    read(other, "Alice went to the library.")
    assert words.stands == {}
