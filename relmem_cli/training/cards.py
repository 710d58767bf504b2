"""What a model file says of its model; light: reading a card needs no torch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from relmem_cli.contract import Variant
from relmem_cli.errors import RelmemError
from relmem_cli.stories.vocabulary import Sizes, Vocabulary

FORMAT = "relmem-model-3"
"""What is written: since 3 a card's sizes may tell more than V, L and Lq."""

READABLE = (FORMAT, "relmem-model-2")

SUFFIX = ".safetensors"
BEST = f"best{SUFFIX}"
"""The model in the folder of a run."""


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a model file says of its model; `record` tells how it was trained."""

    variant: str
    options: Mapping[str, Any]
    sizes: Sizes
    vocabulary: Vocabulary
    record: Mapping[str, Any]

    def to_metadata(self) -> dict[str, str]:
        """As safetensors metadata: strings only."""
        return {
            "format": FORMAT,
            "variant": self.variant,
            "options": json.dumps(dict(self.options)),
            "sizes": json.dumps(asdict(self.sizes)),
            "vocabulary": json.dumps(self.vocabulary.items),
            "answers": json.dumps(sorted(self.vocabulary.answers)),
            "record": json.dumps(dict(self.record)),
        }


def read_card(path: Path) -> ModelCard:
    """A model file's card, without its tensors: a safetensors file begins with a JSON header.

    Raises RelmemError for what is not a model file of this format.
    """
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > path.stat().st_size:
                raise ValueError("its header is longer than the file")
            header = json.loads(file.read(length))
        return parse_card(path, header.get("__metadata__", {}))
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror or error}.") from error
    except (ValueError, AttributeError) as error:
        raise RelmemError(f"{path} is not a whole .safetensors file: {error}.") from error


def variant_of(card: ModelCard, path: Path, variants: Mapping[str, Variant]) -> Variant:
    """The variant of the model in `path`; raises RelmemError where no installed plugin has it."""
    if card.variant not in variants:
        raise RelmemError(
            f"{path} is a {card.variant!r} model and no plugin here has that variant; "
            "install the plugin that it was trained with."
        )
    return variants[card.variant]


def parse_card(path: Path, metadata: Mapping[str, str]) -> ModelCard:
    """The card that `to_metadata` wrote; raises RelmemError for anything else."""
    if metadata.get("format") not in READABLE:
        found = metadata.get("format", "none")
        raise RelmemError(f"{path} has format {found}; this relmem reads {FORMAT}.")
    try:
        return ModelCard(
            variant=metadata["variant"],
            options=json.loads(metadata["options"]),
            sizes=Sizes(**json.loads(metadata["sizes"])),
            vocabulary=Vocabulary(
                tuple(json.loads(metadata["vocabulary"])),
                frozenset(json.loads(metadata["answers"])),
            ),
            record=json.loads(metadata["record"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise RelmemError(f"{path} has a damaged model card: {error!r}.") from error
