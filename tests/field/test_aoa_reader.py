import numpy as np
import pytest
import torch

from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_field.aoa_reader import AoaReader
from relmem_field.options import AoaOptions
from tests.field.checking import check_gradients
from tests.field.layers import Array, softmax, weights_of
from tests.field.word_by_word import both_ways, tokens

SIZES = Sizes(vocabulary=9, sentence_length=4, question_length=5, story_length=3, extra=2)


@pytest.fixture
def model() -> AoaReader:
    torch.manual_seed(0)
    reader = AoaReader(sizes=SIZES, options=AoaOptions(dim=5, hidden=3)).double().eval()
    torch.nn.init.normal_(reader.words.weight[1:])  # so that attention is not all but even
    return reader


def s_of(model: AoaReader, d: Array, q: Array) -> Array:
    """Eqs. 1 to 10 for one document and one query, as ids."""
    e = weights_of(model)["words.weight"]
    document, _ = both_ways(model.document, e[d])
    query, _ = both_ways(model.query, e[q])
    m = np.array([[h_d @ h_q for h_q in query] for h_d in document])
    alpha = np.array([softmax(m[:, t]) for t in range(len(q))])  # [|Q|, |D|]
    beta = np.mean([softmax(row) for row in m], axis=0)  # [|Q|]
    return np.asarray(alpha.T @ beta)


def test_it_computes_its_papers_equations(model: AoaReader) -> None:
    sentences, questions = tokens(4, 3, 4, most=11), tokens(4, 5, most=11, seed=1)
    sentences[0, 0] = 0  # a shorter story
    sentences[1, 1, 0] = questions[1, 0] = 0  # words that nothing is known of
    questions[1, 1:3] = torch.tensor([4, 5])
    logits = model.look(sentences, questions).detach().numpy()
    for row in range(4):
        d, q = (part[row].flatten()[part[row].flatten() != 0] for part in (sentences, questions))
        s = s_of(model, d.numpy(), q.numpy())
        assert s.sum() == pytest.approx(1)
        for word in range(SIZES.ids):
            p = s[d.numpy() == word].sum() if word else 0.0
            assert logits[row, word] == pytest.approx(np.log(max(p, 1e-9)), abs=1e-9)


def batch(answers: list[int], **more: torch.Tensor) -> StoryBatch:
    return StoryBatch(
        sentences=tokens(2, 3, 4, most=11, seed=2),
        questions=tokens(3, 5, most=11, seed=3),
        story=torch.tensor([0, 1, 1]),
        position=torch.tensor([3, 2, 3]),
        answers=torch.tensor(answers),
        **more,
    )


def test_its_loss_is_the_answers_likelihood_among_all_words_of_the_passage(
    model: AoaReader,
) -> None:
    one = batch([0, 3, 5], candidates=torch.tensor([[3, 4], [3, 5], [5, 3]]))
    logits = model(one)
    assert model.loss(one).item() == pytest.approx(-(logits[1, 3] + logits[2, 5]).item() / 2)


def test_its_gradients_are_those_of_finite_differences(model: AoaReader) -> None:
    one = batch([1, 1, 1])
    check_gradients(model, batch(one.sentences[one.story, 0, 0].tolist()))


def test_dropout_is_for_training_alone(model: AoaReader) -> None:
    one = batch([1, 2, 3])
    assert torch.equal(model(one), model(one))
    assert not torch.equal(model.train()(one), model(one))


def test_a_gru_begins_with_an_orthogonal_matrix_for_each_gate(model: AoaReader) -> None:
    for gate in model.query.back.weight_hh_l0.detach().chunk(3):
        assert torch.allclose(gate @ gate.T, torch.eye(3, dtype=torch.float64), atol=1e-6)
