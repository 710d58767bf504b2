"""Sentences are parted into clauses: one for each thing that they tell."""

import pytest

from relmem_cli.stories.clauses import clauses
from relmem_cli.stories.tokens import tokenize


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
        ("After lunch, Tom went to the park and Ann stayed home.", 2),
        ("After he left the park, Tom went to the hut.", 1),
        ("If you leave the hut, you come to the park.", 1),
        ("I'm tired and bored.", 1),
        ("Tom is tired and went home.", 2),
        ("Ann is going to the shop and Tom is at home.", 2),
        ("Going to the hall, Ann dropped the cup and left.", 1),
        ("Tom left after lunch and Ann stayed home.", 2),
        ("Then after he left, Tom went to the hut.", 1),
        ("The sun rose and Tom left.", 2),
        ("Rose and Tom went to the park.", 1),
        ("Mum took the kids to school.", 1),
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
        (
            "Tom put the cup on the table and the big spoon in the drawer",
            ["tom put the cup on the table", "tom put the big spoon in the drawer"],
        ),
        (
            "Ann gave the cake to Bob and the tea to Tim",
            ["ann gave the cake to bob", "ann gave the tea to tim"],
        ),
        (
            "Ann is in the hut with the cat and the dog",
            ["ann is in the hut with the cat and the dog"],
        ),
        (
            "I grabbed an apple and a banana off the counter",
            ["i grabbed an apple off the counter", "i grabbed a banana off the counter"],
        ),
        ("Ann took the cake and Bob", ["ann took the cake and bob"]),
        (
            "I bought eggs, milk and cheese",
            ["i bought eggs", "i bought milk", "i bought cheese"],
        ),
        (
            "Tom picked up three apples and two pears in the park.",
            ["tom picked up three apples in the park .", "tom picked up two pears in the park ."],
        ),
        ("They talked about cats and dogs", ["they talked about cats and dogs"]),
        ("Ann gave Tom and Bob apples", ["ann gave tom and bob apples"]),
        ("Ann gave Bob bread and butter", ["ann gave bob bread and butter"]),
        ("Ann bought red and green apples", ["ann bought red and green apples"]),
        ("Ann took Tom home and Bob to school", ["ann took tom home and bob to school"]),
        ("Ann ate three apples and Bob two", ["ann ate three apples and bob two"]),
        ("The dog is black and white", ["the dog is black and white"]),
        ("Ann took milk and quickly left", ["ann took milk", "and quickly left"]),
        ("Ann went home with Bob and Tom", ["ann went home with bob and tom"]),
        ("Ann walked home and Bob slept", ["ann walked home", "and bob slept"]),
        ("The cat and the dog slept", ["the cat and the dog slept"]),
        ("Ann put the cake in the box", ["ann put the cake in the box"]),
    ],
)
def test_a_verb_with_a_list_of_things_tells_of_each(text: str, parts: list[str]) -> None:
    assert [" ".join(part) for part in clauses(tokenize(text))] == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "Tom carried the box from the attic to the old mill.",
            ["tom was in the attic", "tom carried the box to the old mill ."],
        ),
        (
            "Then he flew from London to Paris and then to Rome",
            ["then he was in london", "then he flew to paris", "then he flew to rome"],
        ),
        (
            "Ann took the cup and the mug from my aunt's house into the hall",
            [
                "ann was in my aunt's house",
                "ann took the cup into the hall",
                "ann took the mug into the hall",
            ],
        ),
        ("I've walked from home to school", ["i was in home", "i've walked to school"]),
        ("I've just walked from home to work", ["i was in home", "i've just walked to work"]),
        ("Tom um ran from the hut to the van", ["tom was in the hut", "tom um ran to the van"]),
        (
            "Tom ran from work straight to the hut",
            ["tom was in work", "tom ran straight to the hut"],
        ),
        ("Tom ran from the hut back to the van", ["tom was in the hut", "tom ran back to the van"]),
        (
            "Tom ran to the hut and then out to the van",
            ["tom ran to the hut", "tom ran to the van"],
        ),
        ("Tom ran to the hut , then to the van", ["tom ran to the hut", "tom ran to the van"]),
        ("My dad drove from Oslo to Bergen", ["my dad was in oslo", "my dad drove to bergen"]),
        ("Tom went to the hut, then the park", ["tom went to the hut", "tom went to the park"]),
        ("Tom ran home, then on to the hut", ["tom ran home", "tom ran to the hut"]),
        ("Tom went to the hut and then home", ["tom went to the hut", "tom went home"]),
        (
            "Ann gave the cake to Bob and to Tim",
            ["ann gave the cake to bob", "ann gave the cake to tim"],
        ),
        *(
            (one, [one.lower()])
            for one in (
                "Tom came from the park",
                "Tom worked from Monday to Friday",
                "Tom worked from 9 to 5",
                "Tom worked from nine to five",
                "Nobody ran from the hut to the van",
                "Mum read from the book to the kids",
                "Mum poured the tea from the pot into the cup",
                "Tom lived there from May to July",
                "He went from room to room",
                "Max is black from head to toe",
                "The pen passed from Ann to Bob",
                "My coat was sent from Ann to my aunt",
                "You must go north to get from the hut to the park",
                "Ann dug the ball from next to the box",
                "Tom left from the hut to help out",
                "Tom went from the hut to get to the park",
                "Ann took Tom home and Bob to school",
                "Ann gave the cake to Bob and then the tea to Tim",
            )
        ),
    ],
)
def test_a_way_with_several_places_is_parted_into_its_stages(text: str, parts: list[str]) -> None:
    assert [" ".join(part) for part in clauses(tokenize(text))] == parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (
            "My hut is north of the park and south of the old mill.",
            ["my hut is north of the park", "my hut is south of the old mill ."],
        ),
        (
            "Tom is older than my aunt and younger than Bob.",
            ["tom is older than my aunt", "tom is younger than bob ."],
        ),
        (
            "Tom is older than Ann and the dog is older than Kim.",
            ["tom is older than ann", "and the dog is older than kim ."],
        ),
        (
            "The cup lies below the box, to the right of the pen and above the cap",
            ["the cup lies below the box, to the right of the pen", "the cup lies above the cap"],
        ),
        (
            "The cup is left of the pen and to the right of the cap and below it",
            [
                "the cup is left of the pen",
                "the cup is to the right of the cap",
                "the cup is below it",
            ],
        ),
        (
            "Ann is north of the park and Tom is home",
            ["ann is north of the park", "and tom is home"],
        ),
        ("Ann went north and south", ["ann went north", "ann went south"]),
    ],
)
def test_where_something_is_on_two_sides_is_told_of_each(text: str, parts: list[str]) -> None:
    assert [" ".join(part) for part in clauses(tokenize(text))] == parts


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("The dog may be in the hut.", "the dog may be in the hut or elsewhere ."),
        ("Ann might be at home", "ann might be at home or elsewhere"),
        ("Ann could be in the hut or in the park", "ann could be in the hut or in the park"),
        ("Ann may be tired", "ann may be tired"),
        ("Ann may not be in the hut", "ann may not be in the hut"),
    ],
)
def test_who_may_be_somewhere_may_be_elsewhere(text: str, read: str) -> None:
    assert [" ".join(part) for part in clauses(tokenize(text))] == [read]


def test_a_way_without_end_is_one_part() -> None:
    told = tokenize(f"Tom went to the hut{' and then to the park' * 3000}")
    assert list(clauses(told)) == [tuple(told)]


def test_a_long_list_is_parted_in_time_that_grows_with_its_length() -> None:
    told = tokenize(f"{', '.join(f'the thing{n}' for n in range(3000))} are in the park.")
    assert list(clauses(told)) == [tuple(told)]
