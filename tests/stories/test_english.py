"""English is read by lemmas, short forms are written out."""

import pytest

from relmem_cli.stories.english import words
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
        ("My dog is black and my cat's orange.", "my dog is black and my cat is orange"),
        ("I took Tom's orange.", "i take~ tom 's orange"),
        ("There are 3 balloons in the hall.", "there is three balloon in the hall"),
        ("Ann brought two balloons to the park.", "ann bring~ two balloon to the park"),
        ("Ann balloons to the park.", "ann balloon~ to the park"),
        ("She's just gone", "she have just go~"),
        ("He can't find the boys' ball", "he can not find the boy 's ball"),
        ("Tom left the shop", "tom leave~ the shop"),
        ("The ball is to the left of the box", "the ball is to the left of the box"),
        ("Ravi is feeling very bored.", "ravi is feel~ very bored"),
        ("It was handed to me by Bill", "it was handed to i by bill"),
        ("Susan, Lydia and Iris", "susan , lydia and iris"),
        ("What colour's Squirt?", "what colour is squirt"),
        ("im at work and hes not", "i is at work and he is not"),
        ("wheres Dave", "where is dave"),
        ("The lake's north of the tent", "the lake is north of the tent"),
        ("My bag's way bigger than Tom's bag", "my bag is way big than tom 's bag"),
        (
            "Tom's cup of tea is in the lake's north corner",
            "tom 's cup of tea is in the lake 's north corner",
        ),
        ("my brothers at work, moms home lol", "my brother is at work , mom is home"),
        ("my brothers left", "my brother leave~"),
        ("I met my brothers at work", "i meet~ my brother at work"),
        ("Tom's running to the hut", "tom is run~ to the hut"),
        ("Tom's running shoes are here", "tom 's running shoe is here"),
        ("Left em there cos I fell", "leave~ them there because i fall~"),
        ("They drove to Grandma's", "they drive~ to grandma's"),
        ("The baker's is south of the bank", "the baker's is south of the bank"),
        ("The baker's hat is at Ann's", "the baker 's hat is at ann's"),
        ("My sister's at the dentist's.", "my sister is at the dentist's"),
        ("Which place's the dog in?", "which place is the dog in"),
        ("My mum just got home", "my mum just come~ home"),
        ("They got back home late", "they come~ back home late"),
        ("Tom got the kite home", "tom get~ the kite home"),
        ("Tom's an artist", "tom is a artist"),
        ("Tom's sad.", "tom is sad"),
        ("Who's carrying the kettle now", "who is carry~ the kettle now"),
        ("Tom's left the kitchen", "tom have leave~ the kitchen"),
        ("Tom has 3 pens and got 2", "tom have three pen and get~ two"),
        ("Tom went to room 5", "tom go~ to room 5"),
        ("Ann is ok", "ann is ok"),
        ("Bo is an rn", "bo is a rn"),
        ("Dad's put it on the shelf", "dad have put~ it on the shelf"),
        ("Ann's taken him to the park", "ann have take~ him to the park"),
        ("ok so max is here rn tho", "so max is here right now"),
        ("Ann saw Tom's hungry dog", "ann see~ tom 's hungry dog"),
        ("Rose went to the park", "rose go~ to the park"),
        ("Where is Rose?", "where is rose"),
        ("The sun rose", "the sun rise~"),
        ("Rose lives in the hut", "rose live~ in the hut"),
        ("Tom met Rose", "tom meet~ rose"),
        ("Tom drew a cat", "tom draw~ a cat"),
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
    "text", ["That is Dad's", "Dad's", "'s", "Is it Ann's?", ",", "and, and", "left's", "5", ""]
)
def test_a_text_of_scraps_is_read(text: str) -> None:
    assert all(word.base for word in words(tokenize(text)))
