import numpy as np
import pytest
import torch

from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_field.epireader import EpiReader
from relmem_field.options import EpiOptions
from tests.field.checking import check_gradients
from tests.field.layers import Array, gru_states, softmax, weights_of
from tests.field.word_by_word import both_ways, tokens

SIZES = Sizes(vocabulary=9, sentence_length=4, question_length=5, story_length=3, extra=2)
BLANK = 7
VOCABULARY = Vocabulary(("<pad>", "a", "b", "c", "d", "e", "f", "xxxxx", "z"))
SMALL = EpiOptions(dim=4, hidden=3, proposals=3, filters=5, width=3)


@pytest.fixture
def model() -> EpiReader:
    torch.manual_seed(0)
    reader = EpiReader(sizes=SIZES, options=SMALL).double().eval()
    reader.prepare(VOCABULARY, [Story(sentences=(), questions=())])
    torch.nn.init.normal_(reader.words.weight[1:])
    return reader


def proposed(model: EpiReader, d: Array, q: Array) -> Array:
    """P(w | T, Q) [ids] of the Extractor."""
    e = weights_of(model)["words.weight"]
    f, _ = both_ways(model.passage, e[d])
    _, g = both_ways(model.question, e[q])
    s = softmax(f @ g)
    return np.array([s[d == word].sum() if word else 0.0 for word in range(SIZES.ids)])


def convolved(kernel: Array, bias: Array, columns: Array) -> Array:
    """The greatest rectified value of each filter [F] over a text's columns [d, n]."""
    wide = np.pad(columns, ((0, 0), (1, 1)))
    each = [
        [(k * wide[:, t : t + 3]).sum() + b for t in range(columns.shape[1])]
        for k, b in zip(kernel, bias, strict=True)
    ]
    return np.maximum(each, 0).max(axis=1)


def supported(model: EpiReader, sentences: list[Array], q: Array, answer: int) -> float:
    """What goes into the softmax for e_k: how far the sentences bear out one hypothesis."""
    w = weights_of(model)
    e, part = w["words.weight"], weights_of(model.reasoner)
    filled = [answer if word == BLANK else word for word in q]
    h = filled if BLANK in q else [*q, answer]
    r_h = convolved(part["hypothesis.weight"], part["hypothesis.bias"], e[h].T)
    rows = []
    for words in sentences:
        first = [e[word] @ e[answer] for word in words]
        second = [max(e[word] @ e[asked] for asked in q) for word in words]
        columns = np.vstack([e[words].T, first, second])
        r_s = convolved(part["sentence.weight"], part["sentence.bias"], columns)
        rows.append(np.concatenate([[r_s @ part["bilinear"] @ r_h], r_s, r_h]))
    y = gru_states(weights_of(model.reasoner.evidence), np.array(rows))[-1]
    return float(part["score.weight"][0] @ y)


def weighed(model: EpiReader, told: list[Array], q: Array, among: list[int]) -> Array:
    """Log P [ids] by both, where the Extractor proposes the best of some words."""
    p = np.maximum(proposed(model, np.concatenate(told), q), 1e-9)
    best = sorted(among, key=lambda word: -p[word])[: SMALL.proposals]
    e = softmax(np.array([supported(model, told, q, word) for word in best]))
    pi = e * p[best] / (e * p[best]).sum()
    final = p.copy()
    final[best] = pi * p[best].sum()
    return np.log(final)


def texts(rows: torch.Tensor) -> list[Array]:
    return [row[row != 0].numpy() for row in rows if row.any()]


def questions() -> torch.Tensor:
    asked = tokens(4, 5, most=7, seed=1)
    asked[0, 0] = asked[2, 0] = BLANK
    return asked


def test_it_computes_its_papers_equations(model: EpiReader) -> None:
    sentences, asked = tokens(4, 3, 4, most=11), questions()
    sentences[0, 0] = 0  # a shorter story
    logits = model.look(sentences, asked).detach().numpy()
    for row in range(4):
        (q,) = texts(asked[row : row + 1])
        there = sorted(set(sentences[row].flatten().tolist()) - {0})
        wanted = weighed(model, texts(sentences[row]), q, there)
        np.testing.assert_allclose(logits[row], wanted, atol=1e-9)


def batch(answers: list[int], candidates: torch.Tensor) -> StoryBatch:
    return StoryBatch(
        sentences=tokens(2, 3, 4, most=11, seed=2),
        questions=questions()[1:],
        story=torch.tensor([0, 1, 1]),
        position=torch.tensor([3, 2, 3]),
        answers=torch.tensor(answers),
        candidates=candidates,
    )


def test_candidates_are_what_it_proposes_from(model: EpiReader) -> None:
    one = batch([1, 2, 3], torch.tensor([[1, 2, 3, 4], [7, 4, 2, 0], [3, 4, 5, 6]]))
    for row, (story, position) in enumerate([(0, 3), (1, 2), (1, 3)]):
        there = one.sentences[story, :position].unique().tolist()
        one.candidates[row] = torch.tensor([word for word in there if word][:4] + [0] * 4)[:4]
    logits = model(one).detach().numpy()
    for row, (story, position) in enumerate([(0, 3), (1, 2), (1, 3)]):
        (q,) = texts(one.questions[row : row + 1])
        among = [word for word in one.candidates[row].tolist() if word]
        assert len(among) >= SMALL.proposals
        wanted = weighed(model, texts(one.sentences[story, :position]), q, among)
        np.testing.assert_allclose(logits[row], wanted, atol=1e-9)


def test_its_loss_is_the_extractors_and_how_little_the_answer_is_ahead(model: EpiReader) -> None:
    one = batch([1, 2, 3], torch.tensor([[1, 2], [2, 1], [3, 4]]))
    model.k = 2  # so that all candidates are proposed
    parts = model.loss(one)
    assert isinstance(parts, dict)
    missed, ranked = [], []
    for row, (story, position) in enumerate([(0, 3), (1, 2), (1, 3)]):
        (q,) = texts(one.questions[row : row + 1])
        told = texts(one.sentences[story, :position])
        answer, other = one.candidates[row].tolist()
        p = np.maximum(proposed(model, np.concatenate(told), q), 1e-9)
        missed.append(-np.log(p[answer]))
        e = np.exp([supported(model, told, q, word) for word in (answer, other)])
        right, wrong = e * p[[answer, other]] / (e * p[[answer, other]]).sum()
        ranked.append(max(0.0, 0.04 - right + wrong))
    assert parts["extractor"].item() == pytest.approx(np.mean(missed))
    assert parts["reasoner"].item() == pytest.approx(50 * np.mean(ranked))


def test_in_training_the_answer_is_weighed_even_where_it_is_not_proposed(model: EpiReader) -> None:
    one = batch([8, 8, 8], torch.zeros(3, 0, dtype=torch.int64))
    assert not (model(one).argmax(dim=1) == 8).any()
    parts = model.loss(one)
    assert isinstance(parts, dict)
    assert parts["reasoner"].item() > 50 * SMALL.margin


def test_a_question_without_an_answer_that_it_knows_teaches_nothing(model: EpiReader) -> None:
    parts = model.loss(batch([0, 0, 0], torch.zeros(3, 0, dtype=torch.int64)))
    assert isinstance(parts, dict)
    assert [part.item() for part in parts.values()] == [0, 0]


def test_its_gradients_are_those_of_finite_differences(model: EpiReader) -> None:
    check_gradients(model, batch([1, 2, 3], torch.tensor([[1, 2, 5], [2, 1, 4], [3, 4, 2]])))


def test_parameters_belong_to_the_words_the_extractor_or_the_reasoner(model: EpiReader) -> None:
    assert set(model.groups()) == {"words", "extractor", "reasoner"}
