"""What a model file says of its model; light: reading a card needs no torch."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from relmem_cli.contract import Variant
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plain import (
    Check,
    brief,
    brief_line,
    check_fields,
    from_json,
    is_any,
    is_count,
    is_plain,
    is_text,
    list_of,
    table_of,
)
from relmem_cli.stories.vocabulary import MOST_SAID, Sizes, Vocabulary
from relmem_cli.training.card_records import check_record
from relmem_cli.training.headers import LONGEST, MOST_VALUES, count_values, read_header

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
    """A model file's card, without its tensors.

    Raises RelmemError for what is not a whole model file of this format.
    """
    return parse_card(path, read_header(path).metadata)


def variant_of(card: ModelCard, path: Path, variants: Mapping[str, Variant]) -> Variant:
    """The variant of the model in `path`.

    Raises RelmemError where no installed plugin has it, or it does not take the card's options.
    """
    if card.variant not in variants:
        raise RelmemError(
            f"{path} is a {brief(card.variant)} model and no plugin here has that variant; "
            "install the plugin that it was trained with."
        )
    variant = variants[card.variant]
    try:
        variant.parse_options(dict(card.options))
    except UsageError as error:
        raise RelmemError(f"{path} has a damaged model card: {brief_line(str(error))}") from error
    return variant


def parse_card(path: Path, metadata: Mapping[str, str]) -> ModelCard:
    """The card that `to_metadata` wrote; raises RelmemError for anything else."""
    if metadata.get("format") not in READABLE:
        found = brief_line(metadata.get("format", "none"), 40)
        raise RelmemError(f"{path} has format {found}; this relmem reads {FORMAT}.")
    try:
        return _card(metadata)
    except (UsageError, ValueError) as error:
        why = brief_line(str(error)).removesuffix(".")
        raise RelmemError(f"{path} has a damaged model card: {why}.") from error


def check_card(card: ModelCard) -> None:
    """Raise UsageError for a card that is too long to be read again."""
    written = [json.dumps(text) for text in card.to_metadata().values()]
    size = sum(map(len, written))
    if size > LONGEST // 2 or count_values("".join(written).encode()) > MOST_VALUES // 2:
        raise UsageError(
            f"the model would know {len(card.vocabulary):,} words, which are too many for its "
            f"file ({size / 1e6:.1f} MB); leave out rare ones with --set rare=2 or more."
        )


def _card(metadata: Mapping[str, str]) -> ModelCard:
    """The card; raises ValueError or UsageError with what is wrong in it."""
    check_fields(metadata, dict.fromkeys(("variant", *_KINDS), is_text), needed=True)
    said = {name: _part(name, metadata[name]) for name in _KINDS}
    check_fields(said, _KINDS)
    check_fields(said["sizes"], _SIZES, needed=True)
    check_fields(said["sizes"], _MORE_SIZES)
    if unknown := set(said["sizes"]) - {*_SIZES, *_MORE_SIZES}:
        raise ValueError(f"its sizes tell {brief(min(unknown))}")
    check_record(said["record"])
    card = ModelCard(
        variant=metadata["variant"],
        options=said["options"],
        sizes=Sizes(**said["sizes"]),
        vocabulary=Vocabulary(tuple(said["vocabulary"]), frozenset(said["answers"])),
        record=said["record"],
    )
    sizes, words = card.sizes, card.vocabulary
    if sizes.vocabulary != len(words):
        raise ValueError(f"its sizes tell of {sizes.vocabulary} words, and it has {len(words)}")
    if sizes.words == "open" and sizes.question_length <= MOST_SAID + 1:
        raise ValueError(f"its questions have {sizes.question_length} places, too few to answer in")
    if sizes.words == "open" and not words.is_open:
        raise ValueError("its words are open, and its vocabulary is not")
    return card


def _part(name: str, text: str) -> Any:
    try:
        return from_json(text)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


_KINDS: dict[str, Check] = {
    "options": table_of(is_plain),
    "sizes": table_of(is_plain),
    "vocabulary": list_of(lambda item: is_text(item) and item),
    "answers": list_of(is_text),
    "record": table_of(is_any),
}

_SIZES: dict[str, Check] = dict.fromkeys(
    ("vocabulary", "sentence_length", "question_length"), is_count
)
"""What all cards have; those of format 2 have no more."""

_MORE_SIZES: dict[str, Check] = {
    **dict.fromkeys(("story_length", "extra"), is_count),
    "words": lambda value: value in ("closed", "open"),
}
