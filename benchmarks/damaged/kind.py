"""What a kind of file is, and what is done to bytes, texts and values."""

import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

STORY = ("Bob went in the garden.", "Where is Bob?")

DEEP = "[" * 100_000
ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1, 2, 7, 51, 50_000, 10**7, 10**18, 10**400, -(10**9), 0.5, 1e300,
    float("nan"), float("inf"), "", "x", "<pad>", "a\nb", "\x1b[31m", "\ud800", "x" * 100_000,
    [], {}, [[]], {"": {}}, ["x"] * 1000, [1, [2, [3]]], {"x": [None]}, {"errors": 1, "n": 0},
)  # fmt: skip
"""What a value is replaced by."""


class Kind(ABC):
    """One kind of file; `whole` are good ones, the largest last."""

    name = ""
    path = Path()
    whole: Sequence[bytes] = ()

    @abstractmethod
    def damage(self, rng: random.Random) -> None:
        """Write a file with something wrong in it."""

    @abstractmethod
    def read(self) -> None:
        """Read it as people do."""


def replace_somewhere(value: Any, rng: random.Random) -> Any:
    """The value with something odd in place of itself or of one of its parts."""
    if not isinstance(value, dict | list) or not value or rng.random() < 0.2:
        return rng.choice(ODD)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    key = rng.choice(keys)
    changed = dict(value) if isinstance(value, dict) else list(value)
    if rng.random() < 0.1:
        del changed[key]
    else:
        changed[key] = replace_somewhere(value[key], rng)
    return changed


def nested(rng: random.Random) -> str:
    """JSON that is very deep, or as deep as a parser can take."""
    depth = rng.choice((20, 40, 300, 900, 100_000))
    return "[" * depth + "]" * depth if rng.random() < 0.7 else '{"a":' * depth + "1" + "}" * depth


def cut_up(data: bytes, rng: random.Random) -> bytes:
    """Bytes with a part of them lost, doubled, flipped or written over."""
    begin = rng.randrange(len(data) + 1)
    end = min(len(data), begin + rng.choice((1, 1, 2, 8, 100)))
    noise = rng.choice((b"[", b"]", b"{", b'"', b",", b"\0", b"\xff", b"\x1b[31m", b"9" * 5000,
                        b"=", b".", b"\n", DEEP.encode(), rng.randbytes(8)))  # fmt: skip
    middle = rng.choice((b"", noise, data[begin:end] * 2, data[begin:end] + noise))
    return data[:begin] + middle + data[end:]


def flipped(data: bytes, rng: random.Random, begin: int, end: int) -> bytes:
    """Bytes with one to eight bits turned round between two places."""
    changed = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        changed[rng.randrange(begin, max(end, begin + 1))] ^= 1 << rng.randrange(8)
    return bytes(changed)
