"""The fast path computes what the equations say, whatever the sizes."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy

from relmem_cli.contract import Kernels
from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from relmem_variants import fast
from relmem_variants.fast import backend
from relmem_variants.fast.cpu import backend as cpu
from relmem_variants.plugin import VARIANTS
from tests.variants.cases import (
    CASES,
    NAMES,
    SIZES,
    build,
    label,
    mixed_batch,
    one_by_one,
    story_batch,
)

SHAPES: list[tuple[str, dict[str, Any]]] = [
    *CASES,
    ("entnet", {"slots": 11, "dim": 33}),
    ("relation-slot", {"slots": 12, "dim": 16}),
    ("self-memory", {"slots": 21, "dim": 17}),
    ("all-relations", {"slots": 5, "dim": 48}),
]
"""Rows and columns that fill the kernels' tiles, or leave a rest."""


def gradients(model: StoryModel[Any], batch: StoryBatch) -> dict[str, Tensor]:
    """The logits, and the loss's gradient by every parameter."""
    logits = model(batch)
    answers = batch.answers % logits.shape[1]
    found = torch.autograd.grad(cross_entropy(logits, answers), list(model.parameters()))
    return {
        "logits": logits.detach(),
        **dict(zip(dict(model.named_parameters()), found, strict=True)),
    }


def distance(found: Tensor, right: Tensor) -> float:
    """The length of the difference, relative to the length of what is right."""
    return float((found.double() - right).norm() / right.norm().clamp_min(1e-30))


@pytest.mark.parametrize(("name", "options"), SHAPES, ids=label)
def test_it_has_the_values_and_gradients_of_the_reference_path(
    name: str, options: dict[str, Any]
) -> None:
    model, batch = build(name, **options), mixed_batch()
    found = gradients(model, batch)
    model.kernels = Kernels.reference
    for key, right in gradients(model, batch).items():
        assert distance(found[key], right) < 1e-10, key


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("lengths", "asked"),
    [
        ([1], [(0, 1), (0, 0)]),
        ([0, 3], [(0, 0), (1, 3), (1, 3), (1, 2)]),
        ([228, 1, 0, 17], [(0, 228), (0, 5), (1, 1), (3, 9), (2, 0)]),
    ],
    ids=["1 sentence", "empty and short", "228 sentences"],
)
@pytest.mark.parametrize(("slots", "dim"), [(1, 7), (3, 7), (20, 100)])
def test_in_float32_it_is_within_1e_5_of_the_equations_in_float64(
    name: str, lengths: list[int], asked: list[tuple[int, int]], slots: int, dim: int
) -> None:
    variant = next(variant for variant in VARIANTS if variant.name == name)
    if slots == 1 and name in ("relation-slot", "all-relations"):
        slots = 2
    torch.manual_seed(3)
    model = variant.build(SIZES, {"slots": slots, "dim": dim})
    batch = story_batch(lengths, asked)
    found = gradients(model, batch)
    model.double().kernels = Kernels.reference
    for key, right in gradients(model, batch).items():
        assert distance(found[key], right) < 1e-5, key


@pytest.mark.parametrize("name", NAMES)
def test_it_gives_the_same_bits_twice(name: str) -> None:
    model, batch = build(name, slots=3).float(), mixed_batch()
    first, second = gradients(model, batch), gradients(model, batch)
    assert all(torch.equal(first[key], second[key]) for key in first)


@pytest.mark.parametrize("name", ["entnet", "multi-hop", "relation-slot", "all-relations"])
def test_a_subclass_with_a_step_of_its_own_is_computed_by_it(name: str) -> None:
    model, batch = build(name, slots=3), mixed_batch()
    usual, by_rule = type(model), model(batch)

    class Forgetful(usual):  # type: ignore[misc, valid-type]
        def step(self, state: Any, inputs: tuple[Tensor, ...]) -> Any:
            state = super().step(state, inputs)
            return state._replace(memory=0.5 * state.memory)

    model.__class__ = Forgetful
    torch.testing.assert_close(model(batch), one_by_one(model, batch))
    assert not torch.allclose(model(batch), by_rule)


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_path_is_used_only_when_it_is_asked_for(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, batch = build(name, slots=3), mixed_batch()
    steps = []
    of = next(each for each in type(model).__mro__ if "step" in vars(each))
    step = of.step
    monkeypatch.setattr(of, "step", lambda *args: steps.append(1) or step(*args))
    model(batch)
    assert not steps
    model.kernels = Kernels.reference
    model(batch)
    assert len(steps) == batch.sentences.shape[1]


@pytest.mark.parametrize(
    "weights",
    [torch.empty(1, device="meta"), torch.empty(1, dtype=torch.bfloat16)],
    ids=["meta", "bfloat16"],  # the numbers, those of any memory, would name a test anew
)
def test_devices_and_types_without_kernels_use_the_reference_path(weights: Tensor) -> None:
    assert backend(Kernels.auto, weights) is None


def test_a_gpu_that_cannot_use_the_kernels_uses_the_reference_path_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Failed to find C compiler.\nMore.")

    monkeypatch.setattr(fast, "find_spec", lambda _: object())
    monkeypatch.setattr(fast, "_load", lambda _: None)
    monkeypatch.setattr(fast, "try_out", fail)
    fast._on_cuda.cache_clear()
    try:
        assert fast._on_cuda(torch.device("cuda")) is None
        assert fast._on_cuda(torch.device("cuda")) is None
    finally:
        fast._on_cuda.cache_clear()
    assert [record.getMessage() for record in caplog.records] == [
        "the CUDA kernels cannot be used, so that this is slower: Failed to find C compiler."
    ]


def test_trying_a_backend_out_reads_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    sentences = []
    read = cpu.read
    monkeypatch.setattr(cpu, "read", lambda *given: sentences.append(given[1]) or read(*given))
    fast.try_out(cpu, torch.device("cpu"))
    assert [tuple(s.shape) for s in sentences] == [(1, 1)]


def test_gradients_can_be_taken_twice() -> None:
    model, batch = build("relation-slot", slots=3), mixed_batch()
    loss = cross_entropy(model(batch), batch.answers)
    parameters = list(model.parameters())
    first = torch.autograd.grad(loss, parameters, retain_graph=True)
    second = torch.autograd.grad(loss, parameters)
    assert all(map(torch.equal, first, second))


@pytest.mark.parametrize("name", NAMES)
def test_batches_do_not_disturb_each_other_whatever_memory_they_use_again(name: str) -> None:
    model = build(name, slots=3)
    batches = [mixed_batch(), story_batch([9, 2], [(0, 9), (1, 1)]), mixed_batch()]
    alone = [gradients(model, batch) for batch in batches]
    parameters = list(model.parameters())
    losses = [cross_entropy(model(batch), batch.answers) for batch in batches]
    together = [torch.autograd.grad(loss, parameters) for loss in losses]
    for expected, found in zip(alone, together, strict=True):
        assert all(map(torch.equal, list(expected.values())[1:], found))


@pytest.mark.parametrize("name", NAMES)
def test_a_batch_without_questions_has_gradients_of_zero(name: str) -> None:
    model = build(name, slots=3)
    for batch in (story_batch([], []), story_batch([2, 0], [])):
        model(batch).sum().backward()
        assert not any(p.grad is not None and p.grad.any() for p in model.parameters())


@pytest.mark.parametrize("name", NAMES)
def test_frozen_and_transposed_parameters_change_no_other_gradient(name: str) -> None:
    model, batch = build(name, slots=3), mixed_batch()
    expected = gradients(model, batch)
    frozen = {"memory.U", "encoder.words", "readout.H", "keys"}
    for key, parameter in model.named_parameters():
        parameter.requires_grad_(key not in frozen)
        if parameter.dim() == 2:
            parameter.data = parameter.data.T.contiguous().T
    cross_entropy(model(batch), batch.answers % SIZES.vocabulary).backward()
    for key, parameter in model.named_parameters():
        assert (parameter.grad is None) == (key in frozen)
        if parameter.grad is not None:
            torch.testing.assert_close(parameter.grad, expected[key])


@pytest.mark.parametrize("name", NAMES)
def test_weights_that_change_before_the_backward_pass_are_refused(name: str) -> None:
    model, batch = build(name, slots=3), mixed_batch()
    loss = cross_entropy(model(batch), batch.answers)
    with torch.no_grad():
        model.keys.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        loss.backward()


def test_second_derivatives_are_refused() -> None:
    model, batch = build("entnet", slots=3), mixed_batch()
    loss = cross_entropy(model(batch), batch.answers)
    (slope,) = torch.autograd.grad(loss, [model.keys], create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        slope.sum().backward()


def test_threads_that_train_at_once_do_not_share_memory() -> None:
    model, batches = build("relation-slot", slots=3), [mixed_batch(), story_batch([9], [(0, 9)])]
    expected = [gradients(model, batch)["keys"] for batch in batches]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda i: gradients(model, batches[i % 2])["keys"], range(40)))
    assert all(torch.equal(keys, expected[i % 2]) for i, keys in enumerate(found))


@given(st.data())
def test_steps_are_the_sentences_that_answer_questions(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.integers(0, 5), min_size=1, max_size=5))
    longest = max(lengths)
    about = st.tuples(st.integers(0, len(lengths) - 1), st.integers(0, longest))
    asked = data.draw(st.lists(about, max_size=6))
    places = [(s, t) for s, length in enumerate(lengths) for t in range(length)]
    gaps = data.draw(st.lists(st.sampled_from(places), max_size=3)) if places else []
    batch = story_batch(lengths, asked, gaps=gaps)
    steps = cpu.steps(batch)

    kept, first = [], [0]
    for s, story in enumerate(batch.sentences):
        end = max([position for row, position in asked if row == s], default=0)
        kept += [sentence.tolist() for sentence in story[:end] if sentence.any()]
        first.append(len(kept))
    assert steps.tokens.tolist() == kept
    assert steps.first.tolist() == first
    for (s, position), state in zip(asked, steps.asked.tolist(), strict=True):
        read = sum(bool(sentence.any()) for sentence in batch.sentences[s, :position])
        all_read = read == first[s + 1] - first[s]
        assert state == (len(kept) + s if all_read else first[s] + read)


@pytest.mark.parametrize(("story", "position"), [(2, 0), (-1, 0), (0, 4), (0, -1)])
def test_a_question_about_no_story_or_place_is_an_error(story: int, position: int) -> None:
    model = build("entnet", slots=3)
    batch = story_batch([3, 1], [(0, 1)])
    batch.story[0], batch.position[0] = story, position
    with pytest.raises(IndexError):
        model(batch)


@pytest.mark.parametrize("token", [SIZES.vocabulary, -1])
def test_a_word_without_a_vector_is_an_error(token: int) -> None:
    model = build("entnet", slots=3)
    batch = story_batch([3], [(0, 3)])
    batch.sentences[0, 1, 0] = token
    with pytest.raises(IndexError):
        model(batch)


def test_a_sentence_longer_than_the_mask_is_an_error() -> None:
    model = build("entnet", slots=3)
    longer = Sizes(vocabulary=11, sentence_length=9, question_length=4)
    with pytest.raises(IndexError):
        model(story_batch([3], [(0, 3)], sizes=longer))


PRODUCT = """
import logging, numpy as np
logging.basicConfig(level=logging.INFO, format="%(message)s")
from relmem_variants.fast.cpu.tile import BYTES, add_product
lanes = BYTES // 4
out = np.zeros((3, lanes), np.float32)
add_product(np.ones((3, 2), np.float32), np.ones((2, lanes), np.float32), out, lanes)
print(out.sum() / lanes)
"""


def test_compiling_is_announced_once_and_what_was_compiled_is_kept(tmp_path: Path) -> None:
    def run(cache: Path = tmp_path) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"NUMBA_CACHE_DIR": str(cache)}
        command = [sys.executable, "-c", PRODUCT]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    first, second = run(), run()
    assert first.stdout == second.stdout == "6.0\n"
    assert first.stderr.count("compiling the CPU kernels") == 1
    assert second.stderr == ""
    (tmp_path / "file").touch()
    nowhere = run(tmp_path / "file")
    assert nowhere.stdout == first.stdout
