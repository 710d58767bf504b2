from itertools import pairwise

import numpy as np
import pytest
import torch

from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.lstm import Lstm
from relmem_field.options import LstmOptions
from tests.field.checking import check_gradients
from tests.field.layers import Array, lstm, weights_of
from tests.field.word_by_word import tokens

SIZES = Sizes(vocabulary=9, sentence_length=4, question_length=5, story_length=3)
BLANK = 7
VOCABULARY = Vocabulary(("<pad>", "a", "b", "c", "d", "e", "f", "xxxxx", "z"))


def built(**options: float) -> Lstm:
    torch.manual_seed(0)
    model = Lstm(sizes=SIZES, options=LstmOptions(dim=4, hidden=3, dropout=0.2, **options))
    model.prepare(VOCABULARY, [])
    torch.nn.init.normal_(model.model.words.weight[1:])
    return model.double().eval()


def log_p(model: Lstm, text: list[int]) -> Array:
    """Log p(w_t | w_1 .. w_(t-1)) of each word of a text, by an LSTM in NumPy."""
    w, layer = weights_of(model.model), weights_of(model.model.lstm)
    h = c = np.zeros(3)
    found = []
    for word in text:
        logits = w["out.weight"] @ h + w["out.bias"]
        found.append(logits[word] - np.log(np.exp(logits).sum()))
        h, c = lstm(layer, w["words.weight"][word], (h, c), "_l0")
    return np.array(found)


def words(rows: torch.Tensor) -> list[int]:
    return [word for word in rows.flatten().tolist() if word]


def batch(questions: torch.Tensor, *, candidates: int = 0) -> StoryBatch:
    sentences = tokens(2, 3, 4, most=7)
    sentences[0, 2] = 0
    return StoryBatch(
        sentences=sentences,
        questions=questions,
        story=torch.tensor([1, 0, 1]),
        position=torch.tensor([3, 2, 1]),
        answers=torch.tensor([3, 5, 2]),
        candidates=torch.tensor([[3, 1, 2], [5, 6, 4], [4, 2, 6]])[:, :candidates],
    )


CLOZE = torch.tensor([[1, BLANK, 4, 2, 0], [BLANK, 6, 0, 0, 0], [2, 5, BLANK, 0, 0]])
PLAIN = torch.tensor([[1, 3, 4, 2, 0], [6, 0, 0, 0, 0], [2, 5, 1, 4, 6]])


def told(one: StoryBatch) -> list[list[int]]:
    return [
        words(one.sentences[story, :position])
        for story, position in zip(one.story.tolist(), one.position.tolist(), strict=True)
    ]


def test_without_a_blank_a_words_logit_is_its_log_probability_after_story_and_question() -> None:
    model, one = built(), batch(PLAIN)
    logits = model(one).detach().numpy()
    for row, story in enumerate(told(one)):
        text = [*story, *words(PLAIN[row])]
        wanted = [log_p(model, [*text, word])[-1] for word in range(SIZES.vocabulary)]
        np.testing.assert_allclose(logits[row], wanted, atol=1e-9)


@pytest.mark.parametrize("candidates", [0, 3])
def test_a_word_in_the_blank_is_as_good_as_it_makes_the_whole_question(candidates: int) -> None:
    """Hill et al. rank by p(q_1 .. c .. q_n), with the words after the missing one."""
    model, one = built(best=3), batch(CLOZE, candidates=candidates)
    logits = model(one).detach().numpy()
    for row, story in enumerate(told(one)):
        asked = words(CLOZE[row])
        place = asked.index(BLANK)
        start = len(story) + place
        filled = [[*story, *asked[:place], w, *asked[place + 1 :]] for w in range(1, 9)]
        wanted = np.array([log_p(model, text)[start:].sum() for text in filled])
        first = np.array([log_p(model, text)[start] for text in filled])
        tried = np.argsort(-first)[:3] + 1
        if candidates:
            tried = one.candidates[row].numpy()
        np.testing.assert_allclose(logits[row, tried], wanted[tried - 1], atol=1e-9)
        if not candidates:
            assert logits[row].argmax() in tried


@pytest.mark.parametrize("language", [0.0, 0.5, 1.0])
def test_its_loss_is_the_mean_over_answers_and_the_words_before_and_beside_them(
    language: float,
) -> None:
    model, one = built(language=language), batch(CLOZE)
    parts = model.loss(one)
    assert isinstance(parts, dict)
    answers, others = [], []
    for row, story in enumerate(told(one)):
        asked = words(CLOZE[row])
        place = asked.index(BLANK)
        asked[place] = int(one.answers[row])
        found = log_p(model, [*story, *asked])
        place += len(story)
        answers.append(found[place])
        others += [*found[:place], *found[place + 1 :]]
    among = len(answers) + language * len(others)
    assert parts["answers"].item() == pytest.approx(-sum(answers) / among)
    assert parts["words"].item() == pytest.approx(-language * sum(others) / among)


def test_an_answer_without_an_id_is_left_out_of_the_loss() -> None:
    model, one = built(), batch(PLAIN)
    every = model(one).log_softmax(dim=1)
    one.answers[1] = 0
    parts = model.loss(one)
    assert isinstance(parts, dict)
    assert parts["answers"].item() == pytest.approx(-(every[0, 3] + every[2, 2]).item() / 2)


def test_a_story_is_read_as_one_text_however_it_is_cut() -> None:
    model = built()
    one, two = torch.tensor([[1, 2, 3, 4]]), torch.tensor([[1, 2, 0, 0], [3, 4, 0, 0]])
    whole = model.read(model.begin(1), one)
    cut = model.begin(1)
    for sentence in two:
        cut = model.read(cut, sentence[None])
    for a, b in zip(whole, cut, strict=True):
        assert torch.allclose(a, b)


def test_a_question_without_candidates_may_have_any_answer_beside_one_with_some() -> None:
    model, one, free = built(), batch(CLOZE, candidates=3), batch(CLOZE)
    one.candidates[1] = 0
    assert torch.allclose(model(one)[1], model(free)[1])


def test_its_gradients_are_those_of_finite_differences() -> None:
    check_gradients(built(language=0.5), batch(CLOZE))


def test_dropout_is_for_training_alone() -> None:
    model, one = built(), batch(PLAIN)
    assert torch.equal(model(one), model(one))
    losses = [sum(model.train().loss(one).values()).item() for _ in range(3)]  # type: ignore[union-attr]
    assert all(a != b for a, b in pairwise(losses))
