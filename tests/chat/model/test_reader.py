import math
from collections.abc import Callable

import pytest
import torch

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.answers import TooLongError, UnknownWordsError
from relmem_cli.chat.story.lines import Utterance, parse_line
from relmem_cli.chat.story.session import Session
from relmem_cli.contract.model import Chart
from relmem_cli.errors import RelmemError
from tests.chat.windows import likest

WORDS = ["mary went home .", "where is mary ?"]


def said(line: str) -> Utterance:
    parsed = parse_line(line)
    assert isinstance(parsed, list)
    return parsed[0]


def test_it_answers_from_what_it_has_read(reader: Reader) -> None:
    state = reader.read(reader.begin(), said("Mary went to the kitchen."))
    answer = reader.answer(state, said("Where is Mary?"))
    assert answer.answer == "kitchen"
    assert answer.probability > 0.5
    assert answer.seconds > 0


def test_probabilities_of_all_answers_sum_to_1_and_fall(reader: Reader) -> None:
    answer = reader.answer(reader.begin(), said("Where is Mary?"))
    values = [answer.probability, *(p for _, p in answer.alternatives)]
    assert len(values) == len(reader.vocabulary.answers)
    assert sum(values) == pytest.approx(1)
    assert values == sorted(values, reverse=True)


def test_only_words_that_were_answers_are_answered(untrained: Callable[..., Reader]) -> None:
    reader = untrained("entnet", WORDS, answers=("home", "bed"))
    answer = reader.answer(reader.begin(), said("Where is Mary?"))
    assert {answer.answer, answer.alternatives[0][0]} == {"home", "bed"}
    assert len(answer.alternatives) == 1


def test_a_model_that_names_no_answers_never_answers_with_a_pad(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("entnet", WORDS)
    with torch.no_grad():
        reader._model.readout.R[0] = 100 * reader._model.readout.R[1:].sum(dim=0)
        for _ in range(2):
            answer = reader.answer(reader.begin(), said("Where is Mary?"))
            assert "<pad>" not in {answer.answer, *(item for item, _ in answer.alternatives)}
            reader._model.readout.R[0] *= -1


def test_a_model_whose_numbers_overflow_is_told_by_its_variant(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("entnet", WORDS)
    with torch.no_grad():
        reader._model.readout.R.fill_(torch.nan)
    with pytest.raises(RelmemError, match="^the numbers of variant entnet overflowed"):
        reader.answer(reader.begin(), said("Where is Mary?"))


@pytest.mark.parametrize(
    ("charts", "fault"),
    [
        (
            {"decay": Chart(values=torch.ones(3), rows="slot", columns="slot")},
            "'decay' is no tensor with two axes",
        ),
        ({"decay": torch.ones(2, 2)}, "'decay' is not a Chart"),
        ([], "returned list, not a dict"),
    ],
)
def test_charts_of_a_wrong_shape_are_told_with_variant_and_name(
    untrained: Callable[..., Reader], charts: object, fault: str
) -> None:
    reader = untrained("gru", WORDS)
    reader._model.explain = lambda *_: charts
    with pytest.raises(RelmemError, match="^variant gru of plugin relmem-example: explain") as told:
        reader.look(reader.begin())
    assert fault in str(told.value)


def test_the_best_answer_comes_with_three_others(untrained: Callable[..., Reader]) -> None:
    reader = untrained("entnet", WORDS)
    assert len(reader.answer(reader.begin(), said("Where is Mary?")).alternatives) == 3


def test_words_that_the_model_has_no_place_for_are_not_called_unknown(reader: Reader) -> None:
    assert reader.unknown(said("Mary went to the kitchen the zog.")) == []
    assert reader.unknown(said("Zog went to the kitchen zog.")) == ["zog"]


def test_what_just_fits_can_be_read(reader: Reader) -> None:
    assert reader.can_read(said("Mary went to the kitchen."))
    assert not reader.can_read(said("Mary went to the the kitchen."))


def test_a_mark_that_the_model_was_not_trained_with_is_left_out(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("entnet", ["mary went home"])
    assert reader.tokens(said("Mary went home.")) == ("mary", "went", "home")
    reader.check(said("Mary went home."))


def test_an_unknown_word_is_named_with_words_that_can_be_typed(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("entnet", WORDS, answers=("Marry", "mary,bill"))
    with pytest.raises(UnknownWordsError) as caught:
        reader.check(said("Marry went zzz."))
    assert caught.value.words == {"marry": ["mary"], "zzz": []}
    assert str(caught.value) == "the model does not know 'marry' (mary?), 'zzz'."


def test_a_sentence_with_too_many_words_is_refused_by_their_number(reader: Reader) -> None:
    with pytest.raises(TooLongError, match=r"sentence has 6 words, .* at most 5"):
        reader.check(said("Mary went to the the kitchen."))


def test_an_endless_line_is_refused_without_being_looked_up(reader: Reader) -> None:
    with pytest.raises(TooLongError, match="200,000 words"):
        reader.check(said("zebra " * 200_000))


def test_a_model_that_overflowed_says_so_in_place_of_an_answer(reader: Reader) -> None:
    broken = reader.begin()._replace(memory=torch.full_like(reader.begin().memory, math.inf))
    with pytest.raises(RelmemError, match="overflowed"):
        reader.answer(broken, said("Where is Mary?"))


VARIANTS = ["entnet", "multi-hop", "relation-slot", "self-memory", "all-relations", "gru"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_in_every_variant_each_token_of_each_sentence_weighs_in_the_answer(
    variant: str, untrained: Callable[..., Reader]
) -> None:
    reader = untrained(variant, WORDS)
    weights = reader.weights([said("Mary went home.")] * 3, said("Where is Mary?"), "home")
    assert [len(words) for words in weights] == [4, 4, 4]
    assert all(any(words) for words in weights)
    (short,) = reader.weights([said("Mary went.")], said("Where is Mary?"), "home")
    assert len(short) == 3


def test_forgotten_sentences_weigh_nothing(untrained: Callable[..., Reader]) -> None:
    reader = untrained("relation-transformer", WORDS)
    weights = reader.weights([said("Mary went home.")] * 5, said("Where is Mary?"), "home")
    assert [any(words) for words in weights] == [False, False, True, True, True]


def test_a_variant_that_cannot_be_looked_into_is_named(
    untrained: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = untrained("entnet", WORDS)
    monkeypatch.setattr(reader._model, "read", lambda state, sentences: state)
    with pytest.raises(RelmemError, match="variant entnet looks up its words"):
        reader.weights([said("Mary went home.")], said("Where is Mary?"), "home")


def test_where_words_cannot_be_followed_the_variants_own_evidence_weighs_sentences() -> None:
    reader = likest(["mary", "john", "went", "home", "away", "where", "is", ".", "?"], window=2)
    story = [said("Mary went home."), said("John went home."), said("Mary went away.")]
    weights = reader.weights(story, said("Where is Mary?"), "away")
    assert [len(words) for words in weights] == [4, 4, 4]
    assert [set(words) for words in weights] == [{0.0}, {0.0}, {0.25}]  # the first is forgotten


def test_words_that_no_vocabulary_has_are_told_apart_and_answered() -> None:
    reader = likest(["went", "to", "where", "is", ".", "?"], window=5, extra=4)
    session = Session(reader)
    for line in ("Zog went to Plim.", "Quux went to Bral.", "Where is Quux?"):
        session.say(said(line))
    answer = session.turns[-1].answer
    assert answer is not None
    assert answer.answer == "bral"
    assert [round(reason.share, 1) for reason in session.why().reasons][1] > 0.5
    session.edit(2, said("Quux went to Plim."))
    assert session.turns[-1].answer.answer == "plim"
    session.undo()
    assert session.turns[-1].answer.answer == "bral"


def test_a_word_of_a_question_alone_is_no_word_of_the_story() -> None:
    reader = likest(["went", "to", "where", "is", ".", "?"], window=5, extra=2)
    session = Session(reader)
    session.say(said("Zog went to Plim."))
    session.say(said("Where is Quux?"))
    told = session.say(said("Where is Zog?"))
    assert told.answer is not None
    assert told.answer.answer == "plim"


@pytest.mark.parametrize("variant", VARIANTS[:5])
def test_every_slot_of_the_papers_variants_has_the_word_nearest_to_its_key(
    variant: str, untrained: Callable[..., Reader]
) -> None:
    reader = untrained(variant, WORDS)
    with torch.no_grad():
        reader._model.keys[1] = -2 * reader._model.encoder.words[2]
        reader._model.keys[2] = 3 * reader._model.encoder.words[4]
    gates = reader.gates(reader.read(reader.begin(), said("Mary went home.")))
    assert gates is not None
    assert len(gates.values[0]) == len(gates.column_labels) == 3
    assert gates.column_labels[2] == reader.vocabulary.items[4]
    assert gates.column_labels[1] != reader.vocabulary.items[2]


def test_attention_of_relation_slot_names_memories_then_relations(
    untrained: Callable[..., Reader],
) -> None:
    shown = untrained("relation-slot", WORDS)
    attention = shown.look(shown.begin(), said("Where is Mary?"))["attention"]
    assert len(attention.values[0]) == len(attention.column_labels) == 6
    assert attention.column_labels[:3] == attention.column_labels[3:]


def test_attention_is_that_of_the_question(untrained: Callable[..., Reader]) -> None:
    shown = untrained("relation-slot", WORDS)
    state = shown.read(shown.begin(), said("Mary went home."))
    asked = [shown.look(state, said(q))["attention"].values for q in ("Where is Mary?", "Is home?")]
    assert asked[0] != asked[1]


def test_a_variant_without_slots_has_no_gates(untrained: Callable[..., Reader]) -> None:
    for variant in ("gru", "relation-transformer"):
        reader = untrained(variant, WORDS)
        assert reader.gates(reader.begin()) is None
