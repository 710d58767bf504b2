"""Checks of what a model does with stories: begin, read, answer, explain and forward."""

from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from relmem_cli.contract.charts import misdrawn
from relmem_cli.contract.model import Spelled, StoryModel
from relmem_cli.stories.batch import StoryBatch
from relmem_cli.testing.case import SIZES, Case, require, require_same


def check_state(case: Case) -> None:
    """A state is a NamedTuple of tensors, one row a story."""
    for batch in (1, 3):
        state = case.model.begin(batch)
        _require_state(state, "begin", batch)
        state_after = case.model.read(state, case.batch.sentences[:batch, 0])
        _require_state(state_after, "read", batch)
        require(type(state_after) is type(state), "read returned another kind of state than begin")
        own = type(case.model).forward is not StoryModel.forward
        for field, before, after in zip(state._fields, state, state_after, strict=True):
            require(
                after.shape == before.shape or (own and _grew(before, after)),
                f"read made {field} of shape {list(before.shape)} one of {list(after.shape)}; a "
                "state keeps its shape: to read with the question in hand, "
                "relmem_cli.contract.window keeps the latest sentences; where `forward` is a "
                "model's own, a state may also get one row a sentence along its second axis",
            )


def _grew(before: Tensor, after: Tensor) -> bool:
    """Whether it has one row more along its second axis, as a story that is kept has."""
    shape = list(before.shape)
    return len(shape) > 1 and list(after.shape) == [shape[0], shape[1] + 1, *shape[2:]]


def check_logits(case: Case) -> None:
    """Logits have the promised shape and type, and are finite."""
    model, batch = case.model, case.batch
    asked = len(batch.questions)
    unasked = replace(
        batch,
        questions=batch.questions[:0],
        story=batch.story[:0],
        position=batch.position[:0],
        answers=batch.answers[:0],
        supports=batch.supports[:0],
        spelled=batch.spelled[:0],
    )
    _require_logits(model.answer(model.begin(asked), batch.questions), "answer", asked)
    _require_logits(model(batch), "forward", asked)
    _require_logits(model(unasked), "forward without questions", 0)


def check_nothing_changes_in_place(case: Case) -> None:
    """An earlier state stays as it was, and the model keeps nothing of a story."""
    model, sentences, question = case.model, case.batch.sentences, case.batch.questions[:1]
    empty = model.begin(1)
    fresh = _copy(empty)
    state = model.read(empty, sentences[:1, 0])
    _require_equal(empty, fresh, _CHANGED.format("read"))
    before = _copy(state)
    model.read(state, sentences[:1, 1])
    _require_equal(state, before, _CHANGED.format("read"))
    model.answer(state, question)
    _require_equal(state, before, _CHANGED.format("answer"))
    model.explain(state, question)
    _require_equal(state, before, _CHANGED.format("explain"))
    _require_equal(
        model.begin(1), fresh, "begin returns another state once a sentence was read elsewhere"
    )


def check_nothing_is_hidden(case: Case) -> None:
    """What a model answers follows from weights and state alone."""
    logits = []
    with torch.random.fork_rng(devices=[]):
        for seed in (1, 1, 2):
            torch.manual_seed(seed)
            logits.append(case.model(case.batch))
    require_same(
        logits[1],
        logits[0],
        "answers differ from one call to the next: the model keeps something of what it read; all "
        "that it remembers must be in the state",
    )
    require_same(
        logits[2],
        logits[0],
        "answers differ with torch's random numbers; draw them only where self.training is true",
    )


def check_padding(case: Case) -> None:
    """Sentences of pads change no state, and no logits wherever they stand in a batch."""
    model, batch = case.model, case.batch
    questions = batch.questions[: len(batch.sentences)]
    empty = model.begin(len(batch.sentences))
    for state in (empty, model.read(empty, batch.sentences[:, 0])):
        after = model.read(state, torch.zeros_like(batch.sentences[:, 0]))
        require_same(
            model.answer(after, questions),
            model.answer(state, questions),
            "a sentence of pads changes answers; read must leave such a story as it was",
        )
    logits = model(batch)
    require_same(model(_longer(batch)), logits, "pads after the last sentence change the logits")
    require_same(model(_wider(batch)), logits, "stories of pads change the others' logits")


def check_forward_equals_read(case: Case) -> None:
    """A batch gives what each story gives alone, one sentence at a time."""
    model, batch = case.model, case.batch
    logits = model(batch)
    for row, (story, position) in enumerate(
        zip(batch.story.tolist(), batch.position.tolist(), strict=True)
    ):
        state = model.begin(1)
        for sentence in batch.sentences[story, :position]:
            state = model.read(state, sentence[None])
        require_same(
            logits[row],
            model.answer(state, batch.questions[row : row + 1])[0],
            f"forward and begin, read, answer differ for a question after {position} sentences",
        )


def check_spelled(case: Case) -> None:
    """Answers in words are ids and probabilities, one row a question."""
    spelled = case.model.spell_batch(case.batch)
    if spelled is None:
        return
    asked = len(case.batch.questions)
    require(
        isinstance(spelled, Spelled)
        and spelled.words.dim() == 2
        and len(spelled.words) == asked
        and spelled.words.dtype == torch.int64
        and spelled.probability.shape == (asked,),
        "spell returns Spelled(words int64 [batch, n], probability [batch])",
    )
    inside = (spelled.words >= 0) & (spelled.words < SIZES.ids)
    require(bool(inside.all()), f"spell returned ids that are not from 0 to {SIZES.ids - 1}")


def check_explanation(case: Case) -> None:
    """Explain returns charts with two axes, or none."""
    state = case.model.read(case.model.begin(1), case.batch.sentences[:1, 0])
    charts = case.model.explain(state, case.batch.questions[:1])
    fault = misdrawn(charts)
    require(not fault, fault)


_CHANGED = "{} changed the state that it was given; leave that as it is and return a new one"


def _require_state(state: Any, made: str, batch: int) -> None:
    require(
        hasattr(state, "_fields") and all(isinstance(part, Tensor) for part in state),
        f"{made} returned {type(state).__name__}; a state is a NamedTuple of tensors",
    )
    for field, tensor in zip(state._fields, state, strict=True):
        require(
            tensor.shape[:1] == (batch,),
            f"{made} returned {field} of shape {list(tensor.shape)}; "
            f"the first axis must be the story, here {batch}",
        )


def _require_logits(logits: Tensor, made: str, questions: int) -> None:
    wanted = [questions, SIZES.ids]
    require(
        list(logits.shape) == wanted,
        f"{made} returned shape {list(logits.shape)}; "
        f"logits are [questions, vocabulary], here {wanted}",
    )
    kind = torch.get_default_dtype()
    require(logits.dtype == kind, f"{made} returned {logits.dtype}; logits are {kind}")
    require(bool(logits.isfinite().all()), f"{made} returned logits that are not finite")


def _require_equal(one: tuple[Tensor, ...], other: tuple[Tensor, ...], otherwise: str) -> None:
    pairs = zip(one, other, strict=True)
    require(all(torch.equal(a, b) for a, b in pairs), otherwise)


def _copy(state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    return tuple(tensor.clone() for tensor in state)


def _longer(batch: StoryBatch) -> StoryBatch:
    """The batch with two sentences of pads after every story."""
    pads = torch.zeros_like(batch.sentences[:, :2])
    return replace(batch, sentences=torch.cat([batch.sentences, pads], dim=1))


def _wider(batch: StoryBatch) -> StoryBatch:
    """The batch with two stories of pads before and after its own."""
    pads = torch.zeros_like(batch.sentences[:2])
    sentences = torch.cat([pads, batch.sentences, pads])
    return replace(batch, sentences=sentences, story=batch.story + len(pads))
