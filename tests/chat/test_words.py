import pytest

from relmem_cli.chat.words import near_words, spelled_out, typeable
from relmem_cli.stories.vocabulary import Vocabulary

WORDS = "<pad> . ? where is mary john went to the office not so wasn't e,n Bill bill"
VOCABULARY = Vocabulary(tuple(WORDS.split()))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Where's Mary?", "Where is Mary?"),
        ("So, where\u2019s Mary?!", "So where is Mary?"),
        ("Mary went to the office! Where is Mary?", "Mary went to the office. Where is Mary?"),
        ('"Mary" isn\'t (to) the office!!', "Mary is not to the office."),
        ("Mary wasn't here", "Mary wasn't here"),
    ],
)
def test_everyday_spelling_becomes_the_models_words(typed: str, read: str) -> None:
    assert spelled_out(typed, VOCABULARY) == read


@pytest.mark.parametrize(
    "line",
    [
        "Mary went to the office.",
        "1 Where is Mary?\te,n\t1 2",
        "Zog's here",
        "Mary's",
        "zog, bar;",
        "/edit 1 Where's Mary!",
        "",
    ],
)
def test_what_needs_no_other_spelling_or_has_none_stays(line: str) -> None:
    assert spelled_out(line, VOCABULARY) == line


def test_what_only_appears_as_an_answer_cannot_be_typed() -> None:
    assert {"e,n", "Bill", "?"}.isdisjoint(typeable(VOCABULARY))
    assert near_words(VOCABULARY, "bil") == ["bill"]
