"""Standard pieces in NumPy float64, for equations that are computed by hand."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from relmem_cli.contract import Variant
from relmem_cli.stories.vocabulary import Sizes

Array = NDArray[np.float64]
SIZES = Sizes(vocabulary=11, sentence_length=5, question_length=4, story_length=6)
STORIES = ([[1, 2, 3], [4, 5, 6, 7, 8], [2, 9]], [[3, 1, 4, 4]], [], [[5, 6], [7], [8, 9, 10], [1]])
QUESTIONS = [2, 5, 9], [10], [1, 2, 3, 4], [6, 6]


def built(variant: Variant, **options: Any) -> Any:
    """A model of the variant in float64 with random biases, too; evaluation mode."""
    torch.manual_seed(1)
    model = variant.build(SIZES, options).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.2)
        for module in model.modules():
            if isinstance(module, nn.Embedding) and module.padding_idx == 0:
                module.weight[0] = 0
    return model


def tokens() -> tuple[Tensor, Tensor]:
    """The stories as `look` takes them, pads before the first sentence, and the questions."""
    sentences = torch.zeros(len(STORIES), 4, SIZES.sentence_length, dtype=torch.int64)
    questions = torch.zeros(len(QUESTIONS), SIZES.question_length, dtype=torch.int64)
    for number, (story, question) in enumerate(zip(STORIES, QUESTIONS, strict=True)):
        for place, sentence in enumerate(story, 4 - len(story)):
            sentences[number, place, : len(sentence)] = torch.tensor(sentence)
        questions[number, : len(question)] = torch.tensor(question)
    return sentences, questions


def weights(model: nn.Module) -> dict[str, Array]:
    """Its parameters by name."""
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}


def gradients_agree(model: Any) -> bool:
    """Whether autograd's gradients of the logits are those of finite differences.

    In a random direction; raises where they are not.
    """

    def look(*_: Tensor) -> Any:
        return model.look(*tokens())

    parameters = tuple(model.parameters())  # which gradcheck changes in place
    return torch.autograd.gradcheck(look, parameters, rtol=1e-5, atol=1e-7, fast_mode=True)


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def softmax(x: Array) -> Array:
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def position_encoded(words: Array, ids: Sequence[int]) -> Array:
    """The sum of l_j e_j with l_kj = (1 - j/J) - (k/d)(1 - 2j/J); j and k from 1."""
    size, total, d = len(ids), np.zeros(words.shape[1]), words.shape[1]
    for j, word in enumerate(ids, 1):
        for k in range(1, d + 1):
            total[k - 1] += ((1 - j / size) - k / d * (1 - 2 * j / size)) * words[word, k - 1]
    return total


def gru(w: dict[str, Array], name: str, x: Array, h: Array, end: str = "") -> Array:
    """One step: h' = z h + (1 - z) tanh(W x + r (U h)); `end` is "_l0" of an nn.GRU."""
    a = w[f"{name}.weight_ih{end}"] @ x + w[f"{name}.bias_ih{end}"]
    b = w[f"{name}.weight_hh{end}"] @ h + w[f"{name}.bias_hh{end}"]
    (a_r, a_z, a_n), (b_r, b_z, b_n) = np.split(a, 3), np.split(b, 3)
    r, z = sigmoid(a_r + b_r), sigmoid(a_z + b_z)
    return np.asarray(z * h + (1 - z) * np.tanh(a_n + r * b_n))


def lstm(
    w: dict[str, Array], name: str, x: Array, state: tuple[Array, Array], end: str = ""
) -> tuple[Array, Array]:
    """One step: c' = f c + i g, h' = o tanh(c')."""
    h, c = state
    a = w[f"{name}.weight_ih{end}"] @ x + w[f"{name}.bias_ih{end}"]
    a = a + w[f"{name}.weight_hh{end}"] @ h + w[f"{name}.bias_hh{end}"]
    i, f, g, o = np.split(a, 4)
    c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c), c
