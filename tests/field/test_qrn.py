"""QRN's logits are those of the paper's equations, and both of its forms agree."""

import numpy as np
import pytest
import torch

from relmem_cli.contract import Kernels
from relmem_cli.contract.window import Window
from relmem_field.plugin import QRN
from relmem_field.qrn import by_matrix, by_steps
from tests.field import by_hand
from tests.field.layers import Array, position_encoded, sigmoid, weights_of


def logits(w: dict[str, Array], story: list[list[int]], question: list[int], layers: int) -> Array:
    """Equations 1 to 5 of arXiv 1606.04582, one sentence after another."""
    longest = max(by_hand.SIZES.sentence_length, by_hand.SIZES.question_length)
    x = [position_encoded(w["words.weight"], sentence, longest) for sentence in story]
    q = [position_encoded(w["words.weight"], question, longest) for _ in story]
    h = np.zeros(w["words.weight"].shape[1])
    for layer in range(layers):
        new, z, resets = [], [], []
        for x_t, q_t in zip(x, q, strict=True):
            z.append(sigmoid(w["update.weight"] @ (x_t * q_t) + w["update.bias"] - 2.5))
            h_new = np.tanh(w["new.weight"] @ np.concatenate([x_t, q_t]) + w["new.bias"])
            new.append(z[-1] * h_new)
            if layer == layers - 1:  # which has no reset gate in the authors' code
                resets.append((1.0, 1.0))
            else:  # one ahead and one back
                r = sigmoid(w["reset.weight"] @ (x_t * q_t) + w["reset.bias"])
                resets.append(np.split(r, 2))
        ahead, back = [], []
        h = np.zeros(w["words.weight"].shape[1])
        for t in range(len(story)):
            h = resets[t][0] * new[t] + (1 - z[t]) * h
            ahead.append(h)
        h_back = np.zeros_like(h)
        for t in reversed(range(len(story))):
            h_back = resets[t][1] * new[t] + (1 - z[t]) * h_back
            back.insert(0, h_back)
        if layer < layers - 1:
            q = [one + other for one, other in zip(ahead, back, strict=True)]
    return w["out.weight"] @ h


@pytest.mark.parametrize("gates", ["scalar", "vector"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("kernels", Kernels)
def test_logits_are_those_of_the_equations(gates: str, layers: int, kernels: Kernels) -> None:
    model = by_hand.built(QRN, dim=6, gates=gates, layers=layers)
    model.kernels = kernels
    with torch.no_grad():
        found = model.look(*by_hand.tokens()).numpy()
    w = weights_of(model)
    for row, story, question in zip(found, by_hand.STORIES, by_hand.QUESTIONS, strict=True):
        np.testing.assert_allclose(row, logits(w, story, question, layers), atol=1e-9)


@pytest.mark.parametrize("size", [1, 4])
def test_the_matrix_form_is_the_recurrence_even_where_gates_are_wide_open(size: int) -> None:
    torch.manual_seed(2)
    a = 40 * torch.randn(3, 70, size, dtype=torch.float64)  # z as near to 0 and 1 as it gets
    b, new = torch.nn.functional.logsigmoid(-a), torch.randn(3, 70, 4, dtype=torch.float64)
    torch.testing.assert_close(by_matrix(b, new), by_steps(b, new), rtol=0, atol=1e-9)


def test_a_gate_begins_almost_closed() -> None:
    model = QRN.build(by_hand.SIZES)
    torch.nn.init.zeros_(model.update.weight)
    sentences, questions = by_hand.tokens()
    gates = model.explain(Window(sentences[:1]), questions[:1])["attention"].values
    assert gates.tolist() == [[pytest.approx(0.0759, abs=1e-4)] * 3] * 2  # sigmoid(-2.5)


def test_without_a_reset_gate_there_is_one_weight_less() -> None:
    names = dict(QRN.build(by_hand.SIZES, {"reset": False}).named_parameters())
    assert not [name for name in names if name.startswith("reset")]


def test_gradients_are_right() -> None:
    assert by_hand.gradients_agree(by_hand.built(QRN, dim=3, gates="vector"))
    assert by_hand.gradients_agree(by_hand.built(QRN, dim=3, layers=3))
