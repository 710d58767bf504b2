"""Trained models as .safetensors files: tensors, and all that is needed to use them."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from relmem_cli.contract import Kernels, Variant
from relmem_cli.contract.model import StoryModel
from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically
from relmem_cli.stories.vocabulary import Vocabulary
from relmem_cli.training.cards import ModelCard, parse_card, variant_of


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
    metadata, tensors = read_tensors(path)
    card = parse_card(path, metadata)
    variant = variant_of(card, path, variants)
    with torch.random.fork_rng(devices=[]):
        model = variant.build(card.sizes, dict(card.options))
    try:
        model.load_state_dict(tensors)
    except RuntimeError as error:
        raise RelmemError(f"{path} does not fit variant {card.variant!r}: {error}") from error
    model.kernels = kernels
    return TrainedModel(card=card, model=model.to(device).eval())


def begin_with(model: StoryModel[Any], path: Path, vocabulary: Vocabulary) -> None:
    """Give a model the weights of another with fewer words; its own stay for those that it adds.

    Raises RelmemError where the file is no model, or one that does not fit.
    """
    metadata, tensors = read_tensors(path)
    known = parse_card(path, metadata).vocabulary
    more = len(vocabulary) - len(known)
    try:
        model.load_state_dict(
            {
                name: _with_rows(tensors[name], own, known.closed, more)
                for name, own in model.state_dict().items()
                if name in tensors
            }
        )
    except RuntimeError as error:
        raise RelmemError(f"{path} cannot be gone on with: {error}") from error


def _with_rows(theirs: torch.Tensor, own: torch.Tensor, at: int, more: int) -> torch.Tensor:
    """A table of words with so many more rows at a place, those of our own; others as they are."""
    if theirs.shape == own.shape:
        return theirs
    return torch.cat([theirs[:at], own[at : at + more], theirs[at:]])


def add_to_record(path: Path, more: Mapping[str, Any]) -> ModelCard:
    """Rewrite a model file with more in its record; returns the new card."""
    metadata, tensors = read_tensors(path)
    card = parse_card(path, metadata)
    card = replace(card, record={**card.record, **more})
    save_model(path, tensors, card)
    return card


def read_tensors(path: Path) -> tuple[dict[str, str], dict[str, torch.Tensor]]:
    """Metadata and tensors of any safetensors file; raises RelmemError where it is none."""
    try:
        with safe_open(os.fspath(path), framework="pt") as file:
            names = file.keys()
            return file.metadata() or {}, {name: file.get_tensor(name) for name in names}
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror or error}.") from error
    except SafetensorError as error:
        raise RelmemError(f"{path} is not a whole .safetensors file: {error}.") from error
