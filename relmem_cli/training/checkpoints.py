"""Trained models as .safetensors files: tensors, and all that is needed to use them."""

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch.nn import init
from torch.overrides import TorchFunctionMode

from relmem_cli.contract import Kernels, Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically
from relmem_cli.plain import brief_line
from relmem_cli.sealing import package_of, text_of, told_with_place
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard, parse_card, variant_of
from relmem_cli.training.headers import LONGEST, read_header
from relmem_cli.training.misfits import misfit, stored

GREATEST = 1e15
"""What weights stay below: a product of two is still a number."""


@dataclass(frozen=True, kw_only=True)
class TrainedModel:
    """A model that is ready to answer, with its card."""

    card: ModelCard
    model: StoryModel[Any]

    @property
    def vocabulary(self) -> Vocabulary:
        """The words that the model knows."""
        return self.card.vocabulary


def save_model(path: Path, tensors: Mapping[str, torch.Tensor], card: ModelCard) -> None:
    """Write a model's state dict and card to one file."""
    # Each its own: a tensor may have several names, which safetensors refuses.
    plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    write_atomically(path, save(plain, card.to_metadata()))


def load_model(
    path: Path,
    variants: Mapping[str, Variant],
    device: torch.device,
    kernels: Kernels = Kernels.auto,
) -> TrainedModel:
    """The model in a file, in evaluation mode.

    Raises RelmemError where the file is no model, or no installed plugin has its variant.
    """
    card, variant = check_model(path, variants)
    tensors = _tensors(path)
    with torch.random.fork_rng(devices=[]):
        model = variant.build(card.sizes, dict(card.options))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:  # it was written anew since its header was read
        raise RelmemError(f"{path} was changed while it was read; try again.") from error
    _check_finite(path, model)
    model.kernels = kernels
    return TrainedModel(card=card, model=model.to(device).eval())


def check_model(path: Path, variants: Mapping[str, Variant]) -> tuple[ModelCard, Variant]:
    """The card of the model in a file, and its variant; nothing large is allocated.

    Raises RelmemError unless the file has the tensors of the model that its card tells of. That is
    built without memory or work (`check_variant` has every variant do so).
    """
    header = read_header(path)
    card = parse_card(path, header.metadata)
    variant = variant_of(card, path, variants)
    try:
        own = without_memory(variant, card.sizes, card.options).state_dict()
    except (ArithmeticError, MemoryError, RuntimeError, ValueError) as error:
        why = brief_line(text_of(error) or type(error).__name__).removesuffix(".")
        raise RelmemError(f"{path} does not fit variant {card.variant!r}: {why}.") from error
    if found := misfit(stored(own), header.tensors):
        raise RelmemError(f"{path} does not fit variant {card.variant!r}: {found}.")
    return card, variant


def check_loadable(variant: Variant, model: StoryModel[Any], options: Mapping[str, Any]) -> None:
    """Raise RelmemError where a new model could be trained, and then not loaded."""
    try:
        own = without_memory(variant, model.sizes, options).state_dict()
    except Exception as error:
        told = told_with_place(error, package_of(variant.model.partition(":")[0]))
        raise RelmemError(
            f"variant {variant.name} cannot be built without memory: {told}: __init__ may not read "
            "tensors' values, and makes all on torch's default device; see docs/plugins.md."
        ) from error
    if found := misfit(stored(own), stored(model.state_dict())):
        raise RelmemError(
            f"variant {variant.name} is built otherwise without memory: {found}; "
            "see docs/plugins.md."
        )


def without_memory(variant: Variant, sizes: Sizes, options: Mapping[str, Any]) -> StoryModel[Any]:
    """A model on torch's meta device: its tensors have shapes, and no values.

    Raises what the variant does.
    """
    with torch.random.fork_rng(devices=[]), torch.device("meta"), _Undrawn():
        return variant.build(sizes, dict(options))


class _Undrawn(TorchFunctionMode):
    """Weights without memory are not drawn: for that torch imports its compiler, for seconds."""

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """What the operation returns; of one that draws, its tensor."""
        del types
        named = dict(kwargs or {})
        if func in _DRAWS:
            return args[0] if args else named["tensor"]
        return func(*args, **named)


_DRAWS = {
    torch.Tensor.normal_, torch.Tensor.uniform_, init.normal_, init.uniform_, init.kaiming_uniform_,
}  # fmt: skip


def _check_finite(path: Path, model: StoryModel[Any]) -> None:
    """Raise RelmemError where a weight is no number of use; masks and the like may be infinite."""
    weights = model.named_parameters()
    wrong = [name for name, weight in weights if not (weight.detach().abs() < GREATEST).all()]
    wrong += [name for name, tensor in model.named_buffers() if tensor.isnan().any()]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        raise RelmemError(
            f"{path} has weights that are no numbers, or far too large ones, in "
            f"{brief_line(wrong[0])}{more}: the file is damaged, or its training overflowed; "
            "train it again."
        )


def begin_with(model: StoryModel[Any], path: Path, vocabulary: Vocabulary) -> None:
    """Give a model the weights of another with fewer words; its own stay for those that it adds.

    Raises RelmemError where the file is no model, or one that does not fit.
    """
    metadata, tensors = read_tensors(path)
    known = parse_card(path, metadata).vocabulary
    more = len(vocabulary) - len(known)
    own = model.state_dict()
    grown = {
        name: _with_rows(tensor, own[name], known.closed, more)
        for name, tensor in tensors.items()
        if name in own
    }
    if found := misfit(stored(own), stored(grown)):
        raise RelmemError(f"{path} cannot be gone on with: {found}.")
    model.load_state_dict(grown)
    _check_finite(path, model)


def _with_rows(theirs: torch.Tensor, own: torch.Tensor, at: int, more: int) -> torch.Tensor:
    """A table of words with so many more rows at a place, those of our own; others as they are."""
    alike = theirs.shape[1:] == own.shape[1:] and len(theirs.shape) == len(own.shape) > 0
    if not alike or not 0 < more == len(own) - len(theirs):
        return theirs
    return torch.cat([theirs[:at], own[at : at + more], theirs[at:]])


def add_to_record(path: Path, more: Mapping[str, Any]) -> ModelCard:
    """Rewrite a model file with more in its record; returns the new card."""
    metadata, tensors = read_tensors(path)
    card = parse_card(path, metadata)
    card = replace(card, record={**card.record, **more})
    save_model(path, tensors, card)
    return card


def read_tensors(
    path: Path, longest: int = LONGEST
) -> tuple[Mapping[str, str], dict[str, torch.Tensor]]:
    """Metadata and tensors of any safetensors file; raises what `read_header` raises.

    longest  bytes that its header may have
    """
    return read_header(path, longest).metadata, _tensors(path)


def _tensors(path: Path) -> dict[str, torch.Tensor]:
    """The tensors of a file whose header was checked."""
    try:
        with safe_open(os.fspath(path), framework="pt") as file:
            return {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror or error}.") from error
    except SafetensorError as error:
        why = brief_line(str(error))
        raise RelmemError(f"{path} is not a whole .safetensors file: {why}.") from error
