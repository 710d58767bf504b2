"""English is read by lemmas, short forms are written out, sentences are parted into clauses."""

import pytest

from relmem_cli.stories.english import clauses, words
from relmem_cli.stories.tokens import tokenize


def read(text: str) -> str:
    return " ".join(word.base for word in words(tokenize(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mary went to the kitchen.", "mary go~ to the kitchen"),
        ("Wolves are afraid of mice.", "wolf is afraid of mouse"),
        ("I'm not at work", "i is not at work"),
        ("Where's my sister now?", "where is my sister now"),
        ("My sister's in the hotel", "my sister is in the hotel"),
        ("Nina's got Tom's bike.", "nina have get~ tom 's bike"),
        ("She's just gone", "she have just go~"),
        ("He can't find the boys' ball", "he can not find the boy 's ball"),
        ("Tom left the shop", "tom leave~ the shop"),
        ("The ball is to the left of the box", "the ball is to the left of the box"),
        ("Ravi is feeling very bored.", "ravi is feel~ very bored"),
        ("It was handed to me by Bill", "it was handed to i by bill"),
        ("Susan, Lydia and Iris", "susan , lydia and iris"),
        ("What colour's Squirt?", "what colour is squirt"),
        ("Which place's the dog in?", "which place is the dog in"),
        ("Tom's an artist", "tom is a artist"),
        ("Tom's sad.", "tom is sad"),
        ("Tom's left the kitchen", "tom have leave~ the kitchen"),
        ("Ann saw Tom's hungry dog", "ann see~ tom 's hungry dog"),
        ("Rose went to the park", "rose go~ to the park"),
        ("Where is Rose?", "where is rose"),
        ("The sun rose", "the sun rise~"),
        ("Tom visits Anna in the hospital", "tom visit~ anna in the hospital"),
        ("Tom plays chess", "tom play~ chess"),
        ("Toms friends left", "tom friend leave~"),
        ("Tom never went onto the roof", "tom not go~ on the roof"),
        ("“Paris”, said James!", "paris , say~ james"),
    ],
)
def test_a_text_is_read_by_its_lemmas(text: str, expected: str) -> None:
    assert read(text) == expected


def test_each_word_knows_how_it_was_written_and_where() -> None:
    found = words(["sara's", "gone", "home,"])
    assert [(word.written, word.place) for word in found] == [
        ("sara", 0), ("have", 0), ("gone", 1), ("home", 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("I'm at work and my wife is at the gym", 2),
        ("Sara isn't at school anymore, she's at the beach", 2),
        ("Grandma baked a cake and gave it to Leo.", 2),
        ("It walked to the porch, then it went to the attic.", 2),
        ("Lea and Noor went to the museum.", 1),
        ("Tom's bike and Nina's ball are in the shed", 1),
        ("Craig is either in the cellar or in the hall.", 1),
        ("If you go north from the hut, you come to the park.", 1),
        ("Mary went to the kitchen.", 1),
        ("I'm tired and bored.", 1),
        ("Tom is tired and went home.", 2),
        ("Tom put the cup on the table and the spoon in the drawer.", 1),
    ],
)
def test_a_sentence_is_parted_where_it_tells_two_things(text: str, parts: int) -> None:
    told = tokenize(text)
    found = list(clauses(told))
    assert len(found) == parts
    assert [token for part in found for token in part] == told


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Dad picked up the mug, the pen and his glasses there.",
            [
                "dad picked up the mug there .",
                "dad picked up the pen there .",
                "dad picked up his glasses there .",
            ],
        ),
        (
            "Ann gave the cake and the tea to Bob",
            ["ann gave the cake to bob", "ann gave the tea to bob"],
        ),
        ("Ann took the cake and the cat slept", ["ann took the cake", "and the cat slept"]),
        (
            "Tom took an apple and a pear to the hut",
            ["tom took an apple to the hut", "tom took a pear to the hut"],
        ),
        (
            "Ann took the cup of tea and the old map",
            ["ann took the cup of tea", "ann took the old map"],
        ),
        ("Ann took the cake and Bob", ["ann took the cake and bob"]),
        ("The cat and the dog slept", ["the cat and the dog slept"]),
        ("Ann put the cake in the box", ["ann put the cake in the box"]),
    ],
)
def test_a_verb_with_a_list_of_things_tells_of_each(text: str, parts: list[str]) -> None:
    assert [" ".join(part) for part in clauses(tokenize(text))] == parts


def test_a_long_list_is_parted_in_time_that_grows_with_its_length() -> None:
    told = tokenize(f"{', '.join(f'the thing{n}' for n in range(3000))} are in the park.")
    assert list(clauses(told)) == [tuple(told)]
