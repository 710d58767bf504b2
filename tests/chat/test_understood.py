"""What people type in their own ways, and what the model that ships answers."""

import pytest

import relmem_cli
from relmem_cli.library import DEFAULT_MODEL


@pytest.fixture(scope="module")
def model() -> relmem_cli.Model:
    return relmem_cli.load(DEFAULT_MODEL)


@pytest.mark.parametrize(
    ("told", "asked", "answer"),
    [
        ("Tom drove to my aunt's farm.", "Where is Tom?", "my aunt's farm"),
        ("Our kids are at the dentist's office.", "Where are our kids?", "dentist's office"),
        ("Ann flew from Oslo to Rome.", "Where is Ann?", "rome"),
        ("Ann flew from Oslo to Rome.", "Where was Ann before Rome?", "oslo"),
        (
            "Ann took the lute from the loft to the barn and then to the van.",
            "Where was the lute before the van?",
            "barn",
        ),
        ("Tom ran to the shop, then to the lake.", "Where is Tom?", "lake"),
        ("Tom is older than Ann. Ann is older than Kim.", "Who is the oldest?", "tom"),
        ("Tom is older than Ann. Ann is older than Kim.", "Is Kim younger than Tom?", "yes"),
        ("Tom is older than Ann.", "Who is younger, Tom or Ann?", "ann"),
        ("Tom is older than Ann.", "Is Tom taller than Ann?", "unknown"),
        ("Tom is older than Ann. Ann is taller than Tom.", "Is Tom taller than Ann?", "no"),
        ("A tram is faster than a bus.", "What is faster?", "tram"),
        ("The dog may be in the yard.", "Is the dog in the yard?", "maybe"),
        ("Ann is in the yard.", "Is Ann in the hut or in the yard?", "yard"),
        ("My mum just got home.", "Where is my mum?", "home"),
        ("Ann went to bed.", "Where is Ann?", "bed"),
        (
            "Tom found a cup. He took it to the yard and left it there. Then he went home.",
            "Where is Tom?",
            "home",
        ),
        (
            "Ann took her bag to the lab. She put it down and ran to the hut.",
            "Where is Ann?",
            "hut",
        ),
        ("Leo gave Mia the book. Then she gave it to Zoe.", "Who has the book?", "zoe"),
        ("Ann ran to the bus.", "Where is Ann?", "bus"),
        ("Will went to the hut. Rob ran to the lake.", "Where did Will go?", "hut"),
        ("Will went to the hut. Rob ran to the lake.", "Who is at the lake?", "rob"),
        ("Ann went to New York.", "Where is Ann?", "new york"),
        ("In the attic I found a coin.", "Where am I?", "attic"),
        ("Bob is in the kitchen. Bob went outside.", "Where is Bob?", "outside"),
        ("Bob is in the kitchen. Bob went abroad.", "Where is Bob?", "abroad"),
        ("I'm going to the gym and my wife is at the bank.", "Where am I?", "gym"),
        ("Tom's running to the park. Ann's in the hut.", "Who is in the park?", "tom"),
        ("Rose lives in Paris. Tom lives in Rome.", "Who lives in Paris?", "rose"),
        ("Mum is in the park. Mum read from the book to the kids.", "Where is mum?", "park"),
        ("The dogs' bowl is in the hall.", "What is in the hall?", "dogs' bowl"),
        ("Tom is older than Ann and younger than Bob.", "Is Bob older than Tom?", "yes"),
        ("Ann is older than Tom. Bob is older than Ann.", "Who is older, Ann, Bob or Tom?", "bob"),
        (
            "Ann is in the hut. The box is bigger than the bag. Tom is older than Ann.",
            "Who is younger than Tom?",
            "ann",
        ),
        ("Tom is in the kitchen.", "Is Tom in the hall or not?", "no"),
        ("Ann baked 6 pies and ate 2.", "How many pies does Ann have?", "four"),
    ],
)
def test_it_is_understood(model: relmem_cli.Model, told: str, asked: str, answer: str) -> None:
    assert model.story(told).ask(asked).text == answer
