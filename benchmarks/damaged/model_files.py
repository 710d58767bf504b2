"""Damaged models: their bytes, their header's length, their card, their tensors."""

import json
import os
import random
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.commands.models import _row
from relmem_cli.library import LibraryModel, find_model
from relmem_cli.plugins import registry
from relmem_cli.stories.vocabulary import Sizes, Vocabulary
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import load_model, save_model
from relmem_cli.training.settings import Settings

from .kind import ODD, STORY, Kind, cut_up, flipped, nested, replace_somewhere

SHIPPED = ("relation-transformer-1", "relation-slot-joint", "open-transformer-joint")
TINY = ("entnet", "multi-hop", "relation-slot", "self-memory", "all-relations")
WORDS = ("<pad>", "bob", "garden", "in", "is", "the", "went", "where")


class Models(Kind):
    """Model files: some that ship, and one of each variant, too small to be of use."""

    name = "model"
    path = Path("m.safetensors")

    def __init__(self) -> None:
        self.variants = registry().variants
        shipped = [find_model(name).read_bytes() for name in SHIPPED]
        self.whole = [*map(self._tiny, TINY), *shipped]

    def _tiny(self, name: str) -> bytes:
        sizes = Sizes(vocabulary=len(WORDS), sentence_length=6, question_length=6)
        options = self.variants[name].defaults() | {"slots": 3, "dim": 4}
        vocabulary = Vocabulary(WORDS, frozenset(WORDS[1:3]))
        settings = vars(Settings(variant=name, task="1", options=options))
        card = ModelCard(
            variant=name,
            options=options,
            sizes=sizes,
            vocabulary=vocabulary,
            record={
                "settings": settings,
                "validation": {"errors": 1, "n": 9, "loss": 0.5},
                "test": {"1": {"errors": 1, "n": 9, "loss": 0.5}},
            },
        )
        save_model(self.path, self.variants[name].build(sizes, options).state_dict(), card)
        return self.path.read_bytes()

    def damage(self, rng: random.Random) -> None:
        *small, large = self.whole
        data = large if rng.random() < 0.05 else rng.choice(small)
        way = rng.choice((self._bytes, self._length, self._card, self._card, self._tensor,
                          self._weights))  # fmt: skip
        self.path.write_bytes(way(data, rng))
        if rng.random() < 0.02:
            os.truncate(self.path, rng.choice((3_000_000_000, self.path.stat().st_size + 4)))

    def _bytes(self, data: bytes, rng: random.Random) -> bytes:
        length = int.from_bytes(data[:8], "little")
        way = rng.randrange(5)
        if way == 0:
            return flipped(data, rng, 0, len(data))
        if way == 1:
            return flipped(data, rng, 0, 8 + length)
        if way == 2:
            return data[: rng.randrange(len(data))]
        header = cut_up(data[8 : 8 + length], rng)
        kept = len(header) if way == 3 else length
        return struct.pack("<Q", kept) + header + data[8 + length :]

    def _length(self, data: bytes, rng: random.Random) -> bytes:
        length = rng.choice((0, 1, 2, 8, len(data), len(data) - 8, 3_000_000_000, 1 << 62,
                             (1 << 64) - 1, rng.randrange(len(data))))  # fmt: skip
        return struct.pack("<Q", length) + data[8:]

    def _card(self, data: bytes, rng: random.Random) -> bytes:
        """With something else in one part of its card."""

        def change(header: dict[str, Any]) -> None:
            card = header["__metadata__"]
            part = rng.choice(("sizes", "options", "record", "vocabulary", "answers", "variant",
                               "format", "sizes", "options", "record"))  # fmt: skip
            if part in ("variant", "format"):
                card[part] = rng.choice((*ODD, *self.variants))
            elif rng.random() < 0.1:
                card[part] = rng.choice((nested(rng), cut_up(card[part].encode(), rng).decode(
                    errors="replace"), rng.choice(ODD)))  # fmt: skip
            else:
                card[part] = json.dumps(replace_somewhere(json.loads(card[part]), rng))
            if rng.random() < 0.05:
                del card[part]

        return with_header(data, change)

    def _tensor(self, data: bytes, rng: random.Random) -> bytes:
        """With something else in the header's entry of a tensor."""

        def change(header: dict[str, Any]) -> None:
            name = rng.choice([name for name in header if name != "__metadata__"])
            way = rng.randrange(4)
            if way == 0:
                header[rng.choice(("x", "\x1b[31m", "y" * 10_000))] = header.pop(name)
            elif way == 1:
                header[name]["shape"] = header[name]["shape"][::-1]
            elif way == 2:
                header[name]["dtype"] = rng.choice(("F16", "F64", "I32", "C64", "F8_E5M2", "U8"))
            else:
                header[name] = replace_somewhere(header[name], rng)

        return with_header(data, change)

    def _weights(self, data: bytes, rng: random.Random) -> bytes:
        """With weights that are no numbers, or very large."""
        begin = 8 + int.from_bytes(data[:8], "little")
        worst = struct.pack("<f", rng.choice((float("nan"), float("inf"), 3e38, -1e30)))
        if rng.random() < 0.3:
            return data[:begin] + worst * ((len(data) - begin) // 4)
        place = begin + 4 * rng.randrange((len(data) - begin) // 4)
        return data[:place] + worst + data[place + 4 :]

    def read(self) -> None:
        _row(LibraryModel(name="m", path=self.path, origin="yours"))
        trained = load_model(self.path, self.variants, torch.device("cpu"))
        reader = Reader(trained, name="m")
        ((sentence, question),) = split_stories(STORY)
        answer = reader.answer(reader.read(reader.begin(), sentence), question)
        words = {*trained.vocabulary.items, "bob", "Bob", "the garden", "garden"}
        if not {answer.answer} <= words:
            raise AssertionError(f"it answers {answer.answer!r}")


def with_header(data: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """A model file whose header was changed, with its length put right."""
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    change(header)
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + data[8 + length :]
