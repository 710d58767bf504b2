"""The recurrent relational network is that of its paper, message by message."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import IGNORED
from relmem_field.plugin import RRN
from tests.field.layers import Array, lstm, of, one_hot, perceptron, weights_of
from tests.field.recurrent import layers, made, pair_layer, read
from tests.variants.cases import mixed_batch, story_batch, words
from tests.variants.test_gradients import TINY

SMALL: dict[str, Any] = {"dim": 3, "width": 9, "sentences": 4, "steps": 3}


def run(
    model: StoryModel[Any], story: list[list[int]], question: list[int], *, start: int = 2
) -> tuple[list[Array], list[list[Array]]]:
    """Each step's logits, and the messages of the last step from i to j.

    start  the place of the oldest fact: half of `sentences` where the model answers
    """
    weights, most, n = weights_of(model), SMALL["sentences"], SMALL["width"]
    facts = [sentence for sentence in story if any(sentence)][-most:]
    q = read(question, weights, "question")
    x = [
        perceptron(
            np.concatenate([read(fact, weights, "fact"), one_hot(place, 2 * most), q]),
            [(weights["x.weight"], weights["x.bias"])],
        )
        for place, fact in enumerate(facts, start)
    ]
    f = [
        pair_layer(weights, "pair"),
        *layers(weights, "f"),
        (weights["message.weight"], weights["message.bias"]),
    ]
    h, state, outputs, sent = x, [(np.zeros(n), np.zeros(n)) for _ in x], [], []
    for _ in range(SMALL["steps"]):
        sent = [[perceptron(np.concatenate([h_i, h_j, q]), f) for h_j in h] for h_i in h]
        for j, x_j in enumerate(x):
            m = sum((those[j] for those in sent), np.zeros(n))
            new = perceptron(np.concatenate([x_j, m]), layers(weights, "update"))
            state[j] = lstm(of(weights, "node"), new, state[j])
        h = [h_j for h_j, _ in state]
        outputs.append(perceptron(sum(h, np.zeros(n)), layers(weights, "readout")))
    return outputs, sent


def each(model: StoryModel[Any], batch: Any) -> list[list[Array]]:
    return [
        run(model, batch.sentences[story, :position].tolist(), question)[0]
        for story, position, question in zip(
            batch.story.tolist(), batch.position.tolist(), batch.questions.tolist(), strict=True
        )
    ]


def test_logits_are_what_the_last_step_answers() -> None:
    model, batch = made(RRN, SMALL), mixed_batch()
    expected = [outputs[-1] for outputs in each(model, batch)]
    np.testing.assert_allclose(model(batch).detach(), expected, rtol=1e-9, atol=1e-9)


def test_the_loss_has_a_part_for_every_step() -> None:
    model, batch = made(RRN, SMALL), mixed_batch()
    answers = torch.tensor([3, 1, IGNORED, 2, 5, 4, 0, 7, 6])  # the 0 has no id
    batch = replace(batch, answers=answers)
    parts: Any = model.loss(batch)
    outputs = torch.tensor(np.array(each(model, batch)))
    for step in range(3):
        right = answers.where(answers > 0, IGNORED)
        expected = cross_entropy(outputs[:, step], right, ignore_index=IGNORED) / 3
        torch.testing.assert_close(parts[f"step {step + 1}"], expected)
    assert len(parts) == 3


def test_questions_that_only_fill_a_batch_cost_nothing() -> None:
    model, batch = made(RRN, SMALL), mixed_batch()
    batch = replace(batch, answers=torch.full_like(batch.answers, IGNORED))
    assert [float(part.detach()) for part in model.loss(batch).values()] == [0, 0, 0]


def test_facts_begin_at_a_random_place_in_training_alone() -> None:
    model, batch = made(RRN, SMALL | {"dropout": 0.0}), story_batch([3], [(0, 3)])
    told = batch.sentences[0].tolist()
    question = batch.questions[0].tolist()
    answers = [run(model, told, question, start=start)[0][-1] for start in range(4)]
    assert len({tuple(answer.round(6)) for answer in answers}) == 4
    np.testing.assert_allclose(model(batch)[0].detach(), answers[2], rtol=1e-9)
    model.train()
    seen = set()
    for _ in range(60):
        logits = model(batch)[0].detach().numpy()
        far = [np.abs(answer - logits).max() for answer in answers]
        assert min(far) < 1e-9
        seen.add(int(np.argmin(far)))
    assert seen == {0, 1, 2, 3}


def test_dropout_is_only_in_training() -> None:
    model, batch = made(RRN, SMALL | {"dropout": 0.5}), mixed_batch()
    assert torch.equal(model(batch), model(batch))
    model.train()
    torch.manual_seed(0)
    assert not torch.equal(model(batch), model(batch))


def test_explained_relations_are_the_lengths_of_the_last_messages() -> None:
    model, story = made(RRN, SMALL), words(1, 6, 5)
    state = model.begin(1)
    for sentence in story.unbind(dim=1):
        state = model.read(state, sentence)
    question = words(1, 4, seed=3)
    shown = model.explain(state, question)["relations"].values.detach().numpy()
    sent = run(model, story[0].tolist(), question[0].tolist())[1]
    assert shown.shape == (4, 4)
    np.testing.assert_allclose(shown, np.linalg.norm(np.array(sent), axis=2), rtol=1e-9)


def test_gradients_are_those_of_finite_differences() -> None:
    model = made(RRN, {"dim": 2, "width": 3, "sentences": 2, "steps": 2}, TINY)
    batch = story_batch([3, 1], [(0, 3), (1, 0), (0, 2)], gaps=[(0, 1)], sizes=TINY)
    names = [name for name, _ in model.named_parameters()]

    def loss(*values: Tensor) -> Tensor:
        logits: Tensor = functional_call(model, dict(zip(names, values, strict=True)), (batch,))
        return logits.logsumexp(dim=1).sum()

    assert torch.autograd.gradcheck(loss, tuple(model.parameters()), fast_mode=True)
