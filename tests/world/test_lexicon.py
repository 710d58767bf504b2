import re
from pathlib import Path
from random import Random

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.world.kinds import KINDS
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.mixture import MIXTURE
from relmem_cli.world.phrases import load_style
from relmem_cli.world.story_stream import tell_stories
from relmem_cli.world.teller import Level, Voice

WORDS = """
person = ["Bob", "Ann", "Tim", "Zed"]
[place]
in = ["lab", "pit", "den", "spa", "pub", "zoo"]
"""


def lexicon(tmp_path: Path, text: str):
    file = tmp_path / "words.toml"
    file.write_text(text)
    return load_lexicon(str(file))


def test_a_file_has_its_own_words_and_everydays_for_the_rest(tmp_path: Path) -> None:
    found = lexicon(tmp_path, WORDS)
    assert {noun.name for noun in found.draw("person", "1", 4, Random(0))} == {
        "Bob", "Ann", "Tim", "Zed",
    }  # fmt: skip
    assert found.of("thing", "2") == load_lexicon("everyday").of("thing", "2")


def test_a_kind_has_babis_own_words_of_it() -> None:
    found = load_lexicon("babi")
    assert {noun.name for noun in found.of("person", "5")} == {"Bill", "Fred", "Jeff", "Mary"}
    assert {noun.name for noun in found.of("place", "14")} == {
        "bedroom", "cinema", "kitchen", "office", "park", "school",
    }  # fmt: skip
    assert len(found.of("person", "mixture")) > 10


def test_the_words_that_the_page_shows_tell_stories(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "stories.md"
    (text,) = re.findall(r"(?m)^    person = .*\n(?:    .*\n)+", page.read_text("utf-8"))
    words = tmp_path / "words.toml"
    words.write_text(re.sub(r"(?m)^    ", "", text))
    voice = Voice(lexicon=load_lexicon(str(words)), style=load_style("everyday"))
    for kind in (KINDS["1"], MIXTURE):
        assert len(list(tell_stories(kind, voice, seed=0, questions=100))) > 10


def test_where_there_is_nobody_else_nobody_keeps_a_diary(tmp_path: Path) -> None:
    words = tmp_path / "two.toml"
    words.write_text('person = ["Ann", "Bob"]')
    voice = Voice(lexicon=load_lexicon(str(words)), style=load_style("babi"))
    stories = tell_stories(MIXTURE, voice, seed=0, questions=200, level=Level(distractors=6))
    asked = [line for lines in stories for line in lines if line.answer]
    assert len(asked) == 200
    assert "where_when" not in {line.said[0][0] for line in asked}


def test_places_of_different_scenes_are_drawn_where_none_has_enough(tmp_path: Path) -> None:
    text = '[place]\nroom = ["den", "loft"]\nat = ["dock", "quay"]\ntown = ["Ulm", "Bonn"]'
    assert len(lexicon(tmp_path, text).draw("place", "1", 6, Random(0))) == 6


def test_places_of_a_story_go_together() -> None:
    found = load_lexicon("everyday")
    for seed in range(30):
        assert len({place.scene for place in found.draw("place", "1", 6, Random(seed))}) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('person = ["Bob", "bob"]', "the role person has 'bob' twice"),
        ("person = []", "the role person is empty; give words, or leave it out"),
        ('people = ["Bob"]', "'people' is no role; the roles are person, pet,"),
        ('[place]\nat = ["lab"]\nunder = ["bed"]', "place.under is no list of this role; it has"),
        ('person = ["R2D2"]', "person.she has 'R2D2'; a word is letters"),
        ("person = [3]", "person.she has 3; a word is letters"),
        ('person = "Bob"', "the role person is 'Bob'; it must be a list of words"),
        ('[person]\nhe = "Bob"', "person.he is 'Bob'; it must be a list of words"),
        ("person = [", "is no TOML"),
        ('[motive]\nsad = ["bed"]', "motive.sad is ['bed']; it must have a place and a list thing"),
        ('[motive]\nsad = { place = "moon", thing = [] }', "'moon' is no word of the role place"),
        ("[[kinds]]", "kinds is [{}]; it must be a table"),
        ('[kinds."1"]\nperson = ["Gwen"]', "'Gwen' is no word of the role person"),
        ('[kinds."1"]\npersn = ["Ann"]', "kinds.1.persn is no role that it has"),
        ('[kinds."1"]\nperson = []', "kinds.1.person is empty; leave it out"),
        ("[kinds.abc]", "words.toml: kinds.abc: task 'abc'"),
        ('smallest = ["zzz"]', "'zzz' is no word of the role container"),
        ('person = ["They"]', "person.she has 'They'; 'they' has a meaning of its own"),
        ('place = ["lost and found"]', "has 'lost and found'; 'and' has a meaning of its own"),
    ],
)
def test_what_is_wrong_with_a_file_is_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        lexicon(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(UsageError, match="--words 'nope' is neither babi nor everyday nor a file"):
        load_lexicon("nope")


def test_more_people_than_names(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="kind 1 needs 9 words of the role person, and .* has 4"):
        lexicon(tmp_path, WORDS).draw("person", "1", 9, Random(0))
