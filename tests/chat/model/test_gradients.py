"""Weights of words are checked against finite differences in float64.

The weight of a word that is told once is the sum over its vector's parts of how much the score
changes with the part's length, whichever way.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import embedding

from relmem_cli.chat.model.gradients import log_odds, word_weights
from relmem_cli.chat.model.reader import Reader
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.vocabulary import Sizes

STORY = ["mary got milk .", "john ran home .", "mary ran ran .", "milk fell ."]
QUESTION = "where now ?"
ANSWERS = ("attic", "barn", "cellar")
TABLES: dict[str, Callable[[Any], Tensor]] = {
    "entnet": lambda model: model.encoder.words,
    "relation-slot": lambda model: model.encoder.words,
    "relation-transformer": lambda model: model.encoder.words,
    "gru": lambda model: model.words.weight,
}


def weighed(model, told, asked, score) -> list[list[float]] | None:
    """Of the words told, by what speaks for an answer in the logits."""
    return word_weights(model, told, lambda state: score(model.answer(state, asked)))


@pytest.mark.parametrize("variant", TABLES)
def test_a_words_weight_is_how_much_the_log_odds_change_with_its_vector(
    variant: str, untrained: Callable[..., Reader]
) -> None:
    reader = untrained(variant, [*STORY, QUESTION], answers=ANSWERS)
    model, vocabulary = reader._model.double(), reader.vocabulary
    for parameter in model.parameters():  # what starts at 0 would hide parts of the model
        parameter.data += 0.1 * torch.randn_like(parameter)
    TABLES[variant](model).data[0] = 0
    sizes = model.sizes
    told = [torch.tensor([vocabulary.encode(s.split(), sizes.sentence_length)]) for s in STORY]
    asked = torch.tensor([vocabulary.encode(QUESTION.split(), sizes.question_length)])
    answers = [vocabulary.ids[answer] for answer in ANSWERS]

    def score(logits: Tensor) -> Tensor:
        return log_odds(logits[0, answers], 1)

    @torch.no_grad()
    def read() -> float:
        state = model.begin(1)
        for sentence in told:
            state = model.read(state, sentence)
        return float(score(model.answer(state, asked)))

    found = weighed(model, told, asked, score)
    assert found is not None
    weights, ids = torch.tensor(found), torch.cat(told)
    for word in ("got", "john", "home", "fell"):
        row = vocabulary.ids[word]
        slopes = by_differences(read, TABLES[variant](model).data[row])
        wanted = sum(map(abs, slopes))
        assert weights[ids == row].item() == pytest.approx(wanted, rel=1e-6, abs=1e-9)
    assert weights.max() > 1e-4
    assert not weights[ids == 0].any()


def by_differences(read: Callable[[], float], vector: Tensor) -> list[float]:
    """For each part of a word's vector, the score's slope by its length relative to now."""
    step, slopes = 1e-5, []
    for place, before in enumerate(vector.tolist()):
        found = []
        for factor in (1 + step, 1 - step):
            vector[place] = before * factor
            found.append(read())
        vector[place] = before
        slopes.append((found[0] - found[1]) / (2 * step))
    return slopes


def test_log_odds_are_those_of_the_softmax() -> None:
    logits = torch.tensor([0.5, 2.0, -1.0], dtype=torch.float64)
    p = logits.softmax(dim=0)[1]
    assert log_odds(logits, 1).item() == pytest.approx((p / (1 - p)).log().item())


class Sum(NamedTuple):
    total: Tensor


class Summing(StoryModel[Sum]):
    """Sums its words' vectors as `look_up` finds them; its one dimension is the answer's logit."""

    def __init__(self, look_up: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__(sizes=Sizes(vocabulary=4, sentence_length=2, question_length=3))
        self.look_up = look_up
        self.table = nn.Parameter(torch.tensor([[0.0], [1.0], [2.0], [4.0]]))

    def begin(self, batch: int) -> Sum:
        return Sum(torch.zeros(batch, 1))

    def read(self, state: Sum, sentences: Tensor) -> Sum:
        return Sum(state.total + self.look_up(self.table, sentences).sum(dim=1))

    def answer(self, state: Sum, questions: Tensor) -> Tensor:
        return state.total * self.table[questions].sum(dim=1)


def weigh(look_up: Callable[[Tensor, Tensor], Tensor]) -> list[list[float]] | None:
    """The question's vectors sum to 3: each word weighs three times its own."""
    told = [torch.tensor([[1, 3]]), torch.tensor([[2, 2]])]
    return weighed(Summing(look_up), told, torch.tensor([[1, 2, 0]]), lambda x: x[0, 0])


def selected(table: Tensor, tokens: Tensor) -> Tensor:
    return table.index_select(0, tokens.flatten()).view(*tokens.shape, 1)


def ways() -> Iterator[Callable[[Tensor, Tensor], Tensor]]:
    yield lambda table, tokens: table[tokens]
    yield lambda table, tokens: embedding(tokens, table)
    yield lambda table, tokens: embedding(input=tokens, weight=table)
    yield selected
    yield lambda table, tokens: torch.index_select(table, 0, tokens[0])[None]
    yield lambda table, tokens: table[torch.arange(4)[tokens]]


@pytest.mark.parametrize("look_up", list(ways()))
def test_words_are_caught_whichever_way_they_are_looked_up(
    look_up: Callable[[Tensor, Tensor], Tensor],
) -> None:
    assert weigh(look_up) == [[3.0, 12.0], [6.0, 6.0]]


def test_a_word_that_is_looked_up_twice_weighs_the_sum() -> None:
    assert weigh(lambda table, tokens: table[tokens] + 2 * table[tokens]) == [[9, 36], [18, 18]]


def test_a_mask_is_no_look_up() -> None:
    def masked(table: Tensor, tokens: Tensor) -> Tensor:
        return table[tokens] * torch.full((1, 2, 1), 2.0)[tokens.bool()]

    told, asked = [torch.tensor([[1, 1]])], torch.tensor([[1, 2, 0]])
    assert weighed(Summing(masked), told, asked, lambda x: x[0, 0]) == [[6.0, 6.0]]


def test_a_sentence_that_the_model_drops_weighs_nothing() -> None:
    class Latest(Summing):
        def read(self, state: Sum, sentences: Tensor) -> Sum:
            return Sum(self.look_up(self.table, sentences).sum(dim=1))

    told = [torch.tensor([[1, 3]]), torch.tensor([[2, 2]])]
    model = Latest(lambda table, tokens: table[tokens])
    found = weighed(model, told, torch.tensor([[1, 2, 0]]), lambda x: x[0, 0])
    assert found == [[0.0, 0.0], [6.0, 6.0]]


class Told(NamedTuple):
    sentences: Tensor


class ReadingAtOnce(Summing):
    """Keeps the story, and looks it up with the question when that is asked."""

    def begin(self, batch: int) -> Any:
        return Told(torch.zeros(batch, 0, 2, dtype=torch.int64))

    def read(self, state: Any, sentences: Tensor) -> Any:
        return Told(torch.cat([state.sentences, sentences[:, None]], dim=1))

    def answer(self, state: Any, questions: Tensor) -> Tensor:
        texts = torch.cat([nn.functional.pad(state.sentences[0], (0, 1)), questions])
        sums = self.look_up(self.table, texts).sum(dim=1)
        return sums[:-1].sum(dim=0, keepdim=True) * sums[-1:]


def test_words_are_caught_where_sentences_are_looked_up_with_the_question() -> None:
    told = [torch.tensor([[1, 3]]), torch.tensor([[2, 2]])]
    model = ReadingAtOnce(lambda table, tokens: table[tokens])
    found = weighed(model, told, torch.tensor([[1, 2, 0]]), lambda x: x[0, 0])
    assert found == [[3.0, 12.0], [6.0, 6.0]]


def test_an_index_of_another_shape_is_no_look_up_of_sentences() -> None:
    def odd(table: Tensor, tokens: Tensor) -> Tensor:
        return table[tokens] + 0 * table[torch.ones(3, 1, dtype=torch.int64)].sum()

    assert weigh(odd) == [[3.0, 12.0], [6.0, 6.0]]


def test_words_that_are_not_looked_up_are_not_guessed() -> None:
    one_hot = torch.eye(4)
    assert (
        weigh(lambda table, tokens: torch.stack([one_hot[t] for t in tokens[0]])[None] @ table)
        is None
    )


def test_a_variant_that_lets_no_gradient_through_is_not_guessed() -> None:
    @torch.no_grad()
    def closed(table: Tensor, tokens: Tensor) -> Tensor:
        return table[tokens] * 2

    def answer(look_up: Callable[[Tensor, Tensor], Tensor]) -> list[list[float]] | None:
        model = Summing(look_up).requires_grad_(requires_grad=False)
        told = [torch.tensor([[1, 3]])]
        return weighed(model, told, torch.tensor([[1, 2, 0]]), lambda x: x[0, 0])

    assert answer(closed) is None


def test_weights_are_found_within_inference_mode_and_leave_no_gradient() -> None:
    model = Summing(lambda table, tokens: table[tokens])
    told, asked = [torch.tensor([[1, 3]])], torch.tensor([[1, 2, 0]])
    with torch.inference_mode():
        assert weighed(model, told, asked, lambda x: x[0, 0]) == [[3.0, 12.0]]
    assert model.table.grad is None


def test_no_sentences_have_no_weights() -> None:
    model = Summing(lambda table, tokens: table[tokens])
    assert weighed(model, [], torch.tensor([[1, 2, 0]]), lambda x: x[0, 0]) == []
