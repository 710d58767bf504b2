import math
from collections.abc import Callable

import pytest
import torch

from relmem_cli.chat.answers import TooLongError, UnknownWordsError
from relmem_cli.chat.lines import Utterance, parse_line
from relmem_cli.chat.reader import Reader
from relmem_cli.errors import RelmemError

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
    answer = reader.answer(reader.begin(), said("Where is Mary?"))
    assert "<pad>" not in {answer.answer, *(item for item, _ in answer.alternatives)}


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


@pytest.mark.parametrize(
    "variant", ["entnet", "multi-hop", "relation-slot", "self-memory", "all-relations"]
)
def test_each_variant_of_the_paper_shares_its_answer_among_all_sentences(
    variant: str, untrained: Callable[..., Reader]
) -> None:
    reader = untrained(variant, WORDS)
    states = [reader.begin()]
    for _ in range(4):
        states.append(reader.read(states[-1], said("Mary went home.")))
    shares = reader.influence(states[1:], said("Where is Mary?"))
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(1)


def test_forgotten_sentences_have_no_share_in_an_answer(
    untrained: Callable[..., Reader],
) -> None:
    reader = untrained("relation-transformer", WORDS)
    states = [reader.begin()]
    for _ in range(5):
        states.append(reader.read(states[-1], said("Mary went home.")))
    shares = reader.influence(states[1:], said("Where is Mary?"))
    assert shares[:2] == [0, 0]
    assert min(shares[2:]) > 0
    assert sum(shares) == pytest.approx(1)


def test_a_variant_that_shows_nothing_is_named(
    untrained: Callable[..., Reader], monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = untrained("entnet", WORDS)
    monkeypatch.setattr(reader._model, "explain", lambda state, questions: {})
    with pytest.raises(RelmemError, match="variant entnet does not show"):
        reader.influence([reader.begin()], said("Where is Mary?"))
