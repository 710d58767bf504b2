"""The CUDA backend, through Triton's interpreter where there is no GPU."""

import os
import subprocess
import sys
from importlib import import_module
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.func import functional_call

from relmem_cli.contract.model import StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.stories.vocabulary import Sizes
from tests.variants.cases import CASES, build, label, mixed_batch, one_by_one, story_batch

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")
if DEVICE.type == "cpu":
    os.environ["TRITON_INTERPRET"] = "1"  # Triton reads it when it is imported
pytest.importorskip("triton")
pytestmark = pytest.mark.slow
cuda: Any = import_module("relmem_variants.fast.cuda.backend")

COVERING: list[tuple[str, dict[str, Any]]] = [
    ("entnet", {"slots": 1}),
    ("multi-hop", {"slots": 3}),
    ("relation-slot", {"slots": 2, "hops": 2, "relation_limit": 1.0}),
    ("relation-slot", {"slots": 3, "hops": 3, "relation_limit": 0.0}),
    ("self-memory", {"slots": 1}),
    ("self-memory", {"slots": 3}),
    ("all-relations", {"slots": 3, "hops": 2, "relation_limit": 0.5}),
]
"""The cases that the slow interpreter takes: each kind of relations, one row and several, rows that
are kept at a length, below one, or left as they are."""

MANY_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("relation-slot", {"slots": 17}),
    ("self-memory", {"slots": 17}),
    ("all-relations", {"slots": 7}),
]
"""More rows than one program writes to."""


@pytest.fixture(autouse=True)
def _read_by_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    def backend(kernels: str, device: torch.device) -> Any:
        return None if kernels == "reference" else cuda

    monkeypatch.setattr("relmem_variants.fast.engine.backend", backend)


def with_unasked_sentences() -> StoryBatch:
    """Stories of 5, no, 1 and 3 sentences; two of them go on after their last question."""
    asked = [(0, 4), (2, 1), (1, 0), (3, 1), (0, 0), (0, 2), (0, 2), (0, 2)]
    return story_batch([5, 0, 1, 3], asked, gaps=[(0, 1)])


def found_by(
    model: StoryModel[Any], batch: StoryBatch, kernels: str
) -> tuple[Tensor, dict[str, Tensor]]:
    """Logits and the gradients of some function of them."""
    model.kernels = kernels
    model.to(DEVICE).zero_grad()
    logits = model(batch.to(DEVICE))
    weights = torch.linspace(-1, 2, logits.numel(), dtype=logits.dtype, device=DEVICE)
    (logits * weights.view_as(logits)).sum().backward()
    gradients = {name: value.grad for name, value in model.named_parameters()}
    return logits.detach(), {n: g.clone() for n, g in gradients.items() if g is not None}


def assert_near(found: Tensor, expected: Tensor, relative: float) -> None:
    """The error's length against the length of what is right."""
    wrong = torch.linalg.vector_norm(found.double() - expected.double())
    assert wrong <= relative * torch.linalg.vector_norm(expected.double())


def assert_same(
    model: StoryModel[Any], batch: StoryBatch, *, single: bool = False, relative: float = 1e-12
) -> None:
    logits, gradients = found_by(model.double(), batch, "reference")
    found, found_gradients = found_by(model.float() if single else model, batch, "auto")
    assert_near(found, logits, relative)
    assert found_gradients.keys() == gradients.keys()
    for name, gradient in gradients.items():
        assert_near(found_gradients[name], gradient, relative)


@pytest.mark.parametrize(
    ("name", "options"), COVERING if DEVICE.type == "cpu" else CASES, ids=label
)
def test_logits_and_gradients_are_those_of_the_reference(
    name: str, options: dict[str, Any]
) -> None:
    assert_same(build(name, **options), mixed_batch())


@pytest.mark.parametrize(("name", "options"), MANY_ROWS, ids=label)
def test_rows_that_several_programs_write_to_are_those_of_the_reference(
    name: str, options: dict[str, Any]
) -> None:
    assert_same(build(name, **options), story_batch([2, 1], [(0, 2), (1, 1)]))


@pytest.mark.parametrize("name", ["relation-slot", "self-memory"])
def test_rows_that_fill_their_tiles_are_those_of_the_reference(name: str) -> None:
    assert_same(build(name, dim=16, slots=16), story_batch([2, 1], [(0, 2), (1, 1)]))


@pytest.mark.parametrize("name", ["entnet", "relation-slot", "self-memory", "all-relations"])
def test_sentences_after_the_last_question_and_pads_change_nothing(name: str) -> None:
    batch = with_unasked_sentences()
    model = build(name, slots=3)
    assert_same(model, batch)
    assert_near(found_by(model, batch, "auto")[0].cpu(), one_by_one(model.cpu(), batch), 1e-12)


@pytest.mark.parametrize("name", ["entnet", "relation-slot", "self-memory", "all-relations"])
def test_single_precision_agrees_with_double_precision(name: str) -> None:
    model = build(name, slots=3, dim=18)
    for parameter in model.parameters():
        parameter.data *= 0.5
    assert_same(model, with_unasked_sentences(), single=True, relative=1e-5)


def test_nothing_is_asked_of_no_stories() -> None:
    model = build("relation-slot", slots=3)
    logits, gradients = found_by(model, story_batch([], []), "auto")
    assert logits.shape == (0, 11)
    assert all((gradient == 0).all() for gradient in gradients.values())


@pytest.mark.parametrize("batch", [mixed_batch(), with_unasked_sentences(), story_batch([], [])])
def test_sentences_are_lined_up_as_on_the_cpu_and_the_others_follow(batch: StoryBatch) -> None:
    compact = import_module("relmem_variants.fast.cpu.backend").steps(batch)
    steps = cuda.steps(batch)
    count, more = len(compact.tokens), len(steps.tokens) - len(compact.tokens)
    assert len(steps.tokens) == batch.sentences.shape[:2].numel()
    assert torch.equal(steps.tokens[:count], compact.tokens)
    assert torch.equal(steps.first, compact.first)
    assert torch.equal(steps.asked, compact.asked + more * (compact.asked >= count))


def test_gradients_are_those_of_finite_differences() -> None:
    sizes = Sizes(vocabulary=4, sentence_length=3, question_length=2)
    model = build("all-relations", sizes=sizes, dim=2, slots=3, relation_limit=0.5).to(DEVICE)
    batch = story_batch([2], [(0, 2), (0, 1)], sizes=sizes).to(DEVICE)
    names = [name for name, _ in model.named_parameters()]

    def logits(*weights: Tensor) -> Tensor:
        result: Tensor = functional_call(model, dict(zip(names, weights, strict=True)), (batch,))
        return result

    assert torch.autograd.gradcheck(logits, tuple(model.parameters()), fast_mode=True)


def test_a_second_time_gives_the_same_bits() -> None:
    model = build("all-relations", slots=3)
    batch = mixed_batch()
    first, gradients = found_by(model, batch, "auto")
    again, others = found_by(model, batch, "auto")
    assert torch.equal(first, again)
    assert all(torch.equal(others[name], gradient) for name, gradient in gradients.items())


COMPILE = """
import torch
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource, compile
from relmem_variants.fast.cuda import backend as cuda
from relmem_variants.fast.cuda import programs
from relmem_variants.relations_kept import RelationKind
from relmem_variants.fast.steps import Steps

nothing = torch.zeros(1, dtype=torch.int64)
for name in ("read_memory", "unread_memory", "read_relations", "unread_relations"):
    for kind in (RelationKind.self, RelationKind.slots):
        program = getattr(programs, name)
        _, launch = cuda._launch(Steps(nothing, nothing, nothing), 20, 100, kind)
        options = {key: launch.pop(key) for key in list(launch) if key.islower()}
        constants = {"SELF": kind is RelationKind.self, "LIMIT": 10.0, **launch}
        if name.endswith("relations") and kind is RelationKind.self:
            continue
        kinds = {"first": "*i64", "sentences": "i32", "slots": "i32", "count": "i32", "dim": "i32"}
        kinds |= dict.fromkeys(constants, "constexpr")
        names = program.arg_names
        used = [key for key in constants if key in names]
        compiled = compile(
            ASTSource(
                fn=program,
                signature={name: kinds.get(name, "*fp32") for name in names},
                constexprs={(names.index(key),): constants[key] for key in used},
            ),
            target=GPUTarget("cuda", 90, 32),
            options=options,
        )
        assert compiled.metadata.shared <= 227 * 1024, compiled.metadata.shared
        assert compiled.asm["cubin"]
"""


@pytest.mark.skipif(sys.platform != "linux", reason="Triton compiles for CUDA on Linux only")
def test_the_programs_compile_for_a_gpu_that_is_not_there() -> None:
    environment = os.environ | {"TRITON_INTERPRET": "0"}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COMPILE],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
