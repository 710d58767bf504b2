import pytest

from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.words import near_words, parse_typed, typeable_words
from relmem_cli.stories.vocabulary import Vocabulary

WORDS = "<pad> . ? where is mary john went to the office not so wasn't wow! e,n Bill bill"
VOCABULARY = Vocabulary(tuple(WORDS.split()))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("Where's Mary?", ["Where is Mary?"]),
        ("So, where\u2019s Mary?!", ["So where is Mary?"]),
        ("Mary, John went! Where is Mary?", ["Mary John went.", "Where is Mary?"]),
        ('"Mary" isn\'t (to) the office!!', ["Mary is not to the office."]),
        ('"Where is Mary?"', ["Where is Mary?"]),
        ("(Mary went.) Where is Mary?", ["Mary went.", "Where is Mary?"]),
        ("Mary , John went!.", ["Mary John went."]),
    ],
)
def test_everyday_spelling_is_read_in_the_models_words(typed: str, read: list[str]) -> None:
    parsed = parse_typed(typed, VOCABULARY)
    assert isinstance(parsed, list)
    assert [said.text for said in parsed] == read
    assert all(set(said.tokens) <= set(VOCABULARY.items) for said in parsed)


@pytest.mark.parametrize(
    "line",
    [
        "Mary went to the office.",
        "Mary wasn't wow! here",
        "1 Mary, went!\te,n\t1 2",
        "Zog's here",
        "Mary's",
        "zog, bar;",
        "/edit 1 Where's Mary!",
        "...",
        "",
    ],
)
def test_what_needs_no_other_spelling_or_has_none_is_read_as_it_stands(line: str) -> None:
    assert parse_typed(line, VOCABULARY) == parse_line(line)


def test_what_only_appears_as_an_answer_cannot_be_typed() -> None:
    assert {"e,n", "Bill", "?"}.isdisjoint(typeable_words(VOCABULARY))
    assert near_words(VOCABULARY, "bil") == ["bill"]
