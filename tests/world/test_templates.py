from collections import Counter

import pytest

from relmem_cli.stories.story import Question, Story
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.templates import compare, profile

STORY = Story(
    sentences=(
        ("mary", "got", "the", "football", "there", "."),
        ("the", "box", "of", "chocolates", "fits", "inside", "the", "box", "."),
        ("wolves", "are", "afraid", "of", "mice", "."),
    ),
    questions=(
        Question(text=("where", "is", "mary", "?"), answer="park", position=2, supports=(0,)),
    ),
)


def test_words_of_a_role_are_the_role() -> None:
    found = profile([STORY], load_lexicon("babi"))
    assert set(found.sentences) == {
        "PERSON got the THING there .",
        "the CONTAINER fits inside the CONTAINER .",
        "ANIMAL are afraid of ANIMAL .",
    }
    assert set(found.questions) == {"where is PERSON ?"}
    assert found.lengths == {2: 1}
    assert found.supports == {1: 1}
    assert found.distances == {1: 1}
    assert found.words["park"] == 1


def test_alike_counts_are_likely_and_others_not() -> None:
    here = Counter(a=500, b=500)
    assert compare(here, Counter(a=510, b=490)).p > 0.5
    assert compare(here, Counter(a=600, b=400)).p < 0.001
    # scipy.stats.chi2_contingency([[500, 500], [540, 460]], correction=False)
    found = compare(here, Counter(a=540, b=460))
    assert found.chi == pytest.approx(3.2051, abs=1e-3)
    assert found.p == pytest.approx(0.0734, abs=0.005)


def test_what_is_on_one_side_alone_is_named() -> None:
    found = compare(Counter(a=100, b=3), Counter(a=100, c=2))
    assert (found.only_here, found.only_there) == (("b",), ("c",))


def test_many_kinds_of_equal_frequency() -> None:
    here = Counter(dict.fromkeys(range(21), 100))
    assert compare(here, here).p > 0.99
