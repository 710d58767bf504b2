"""Checks of how a model is made, kept and trained: options, parameters, files, gradients."""

import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from relmem_cli.contract import Variant
from relmem_cli.contract.model import total
from relmem_cli.stories.batch import IGNORED
from relmem_cli.testing.case import SIZES, VOCABULARY, Case, require, require_same
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import (
    check_loadable,
    load_model,
    save_model,
    without_memory,
)


def check_options(variant: Variant, options: dict[str, Any]) -> None:
    """Options have defaults of plain types, and those that were given are among them."""
    for name, value in variant.defaults().items():
        require(
            type(value) in (int, float, bool, str),
            f"option {name} defaults to {value!r}; it must be an int, a float, a bool or a str",
        )
    require(
        variant.parse_options(variant.defaults()) == variant.options(),
        "the defaults of its options, put in as values, give other options",
    )
    variant.parse_options(options)


def check_groups(case: Case) -> None:
    """Every parameter is in exactly one group."""
    named = Counter(name for members in case.model.groups().values() for name in members)
    parameters = {name for name, _ in case.model.named_parameters()}
    for problem, names in (
        ("leaves out", parameters - set(named)),
        ("names what is no parameter:", set(named) - parameters),
        ("names more than once", {name for name, count in named.items() if count > 1}),
    ):
        require(not names, f"groups() {problem} {', '.join(sorted(names))}")


def check_save_and_load(case: Case) -> None:
    """A model that was saved and loaded gives the same answers."""
    card = ModelCard(
        variant=case.variant.name,
        options=case.options,
        sizes=SIZES,
        vocabulary=VOCABULARY,
        record={},
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.safetensors")
        save_model(path, case.model.state_dict(), card)
        loaded = load_model(path, {case.variant.name: case.variant}, torch.device("cpu"))
    require_same(
        loaded.model(case.batch),
        case.model(case.batch),
        "answers differ after save and load; what they depend on must be in the state dict",
    )


def check_meta_build(case: Case) -> None:
    """A model can be built without memory or work, as loading one and counting do."""
    check_loadable(case.variant, case.model, case.options)
    built = without_memory(case.variant, SIZES, case.options)
    real = [name for name, parameter in built.named_parameters() if not parameter.is_meta]
    require(not real, f"{', '.join(real)} is not made on torch's default device")


def check_loss(case: Case) -> None:
    """The loss is a finite scalar that follows from the weights, or named ones."""
    loss = case.model.train().loss(case.batch)
    parts = {"loss": loss} if isinstance(loss, Tensor) else loss
    require(
        isinstance(parts, Mapping) and bool(parts),
        f"loss returned {type(loss).__name__}; it is a scalar tensor, or scalars by name",
    )
    for name, part in parts.items():
        require(
            isinstance(part, Tensor) and part.dim() == 0,
            f"loss: {name!r} is no scalar tensor; take the mean over the questions",
        )
        require(bool(part.isfinite()), f"loss: {name!r} is {part.item()}")
    require(
        total(parts).requires_grad,
        "the loss has no gradient; compute it from tensors that follow from the parameters",
    )
    case.model.eval()


def check_measures(case: Case) -> None:
    """Measures have a number for each question."""
    for name, values in case.model.measure(case.batch).items():
        require(
            isinstance(values, Tensor) and values.shape == case.batch.answers.shape,
            f"measure: {name!r} is not a number for each question",
        )


def check_gradients(case: Case) -> None:
    """Training reaches every parameter."""
    model = case.model.train()
    model.zero_grad()
    total(model.loss(case.batch)).backward()  # type: ignore[no-untyped-call]
    for name, parameter in model.named_parameters():
        if parameter.requires_grad:
            gradient = torch.zeros(()) if parameter.grad is None else parameter.grad
            require(bool((gradient != 0).any()), f"no gradient reaches {name}")
            require(bool(gradient.isfinite().all()), f"the gradient of {name} is not finite")


def check_learning(case: Case) -> None:
    """`learn` and `learner` add what autograd finds from `loss`; others may be left out."""
    model = case.model.eval()
    last = len(case.batch.answers) - 1
    answers = case.batch.answers.clone()
    answers[last] = IGNORED
    batch = replace(case.batch, answers=answers)
    model.zero_grad()
    loss = total(model.loss(batch))
    loss.backward()  # type: ignore[no-untyped-call]
    right = {name: _gradient(p).clone() for name, p in model.named_parameters()}
    for made, learn in (("learn", model.learn), ("learner", model.learner())):
        found = total(learn(batch))
        require_same(found, loss.detach(), f"{made} gives another loss than `loss`")
        for name, parameter in model.named_parameters():
            added = _gradient(parameter) - right[name]
            require_same(added, right[name], f"{made} does not add the gradient of {name}")
            if parameter.grad is not None:
                parameter.grad.copy_(right[name])


def _gradient(parameter: Tensor) -> Tensor:
    return torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
