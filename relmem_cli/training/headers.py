"""The header of a .safetensors file, checked before anything is mapped or allocated; light.

A file begins with the header's length in 8 bytes and the header itself, a JSON object: by the name
of each tensor its type, shape and place among the bytes that follow, and "__metadata__", texts by
name (https://github.com/huggingface/safetensors).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from relmem_cli.errors import RelmemError
from relmem_cli.plain import brief, from_json, is_text, table_of

LONGEST = 4 << 20
"""Bytes of a model's header; that of the largest model that ships has 0.6 MB."""

MOST_VALUES = 300_000
"""Values in a model's header, at least: each becomes up to 110 bytes when it is read."""

BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "I16": 2, "U16": 2, "F16": 2, "BF16": 2,
    "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip
"""Of one number, by what safetensors calls its type."""

MOST_AXES = 16


class Stored(NamedTuple):
    """What a tensor is, as a file says."""

    dtype: str
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Header:
    """What a file holds: texts by name, and what its tensors are."""

    metadata: Mapping[str, str]
    tensors: Mapping[str, Stored]


def read_header(path: Path, longest: int = LONGEST) -> Header:
    """The header of a file all of whose tensors are there.

    longest  bytes that it may have

    Raises RelmemError for what is no whole .safetensors file, or has a longer header.
    """
    try:
        if path.exists() and not path.is_file():
            raise ValueError("it is no file")
        with path.open("rb") as file:
            size = path.stat().st_size
            length = int.from_bytes(file.read(8), "little")
            if length > size - 8:
                raise ValueError("its header is longer than the file")
            if length > longest:
                raise ValueError(f"its header has {length:,} bytes, more than {longest:,}")
            raw = file.read(length)
        most = max(MOST_VALUES, longest // 16)
        if length > 2 * most and count_values(raw) > most:  # each has two characters at least
            raise ValueError("its header has too many values")
        plain = from_json(raw)
        return _header(plain, size - 8 - length)
    except OSError as error:
        raise RelmemError(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise RelmemError(f"{path} is not a whole .safetensors file: {error}.") from error


def count_values(raw: bytes) -> int:
    """At least as many as there are values in JSON."""
    return sum(map(raw.count, (b",", b":", b"[", b"{")))


def _header(plain: Any, room: int) -> Header:
    """The header that JSON tells, with `room` bytes after it for tensors."""
    if not isinstance(plain, dict):
        raise ValueError("its header is no table")
    metadata = plain.pop("__metadata__", {})
    if not _TEXTS(metadata):
        raise ValueError("its metadata are no texts by name")
    end = 0
    tensors: dict[str, Stored] = {}
    placed = [(_place(name, entry), name) for name, entry in plain.items()]
    for (begin, stop), name in sorted(placed):
        tensors[name] = stored = _stored(name, plain[name])
        if begin != end or stop - begin != math.prod(stored.shape) * BYTES[stored.dtype]:
            raise ValueError(f"its tensor {brief(name)} is not where it has room")
        end = stop
    if end != room:
        raise ValueError(f"its tensors have {end:,} bytes, and it has {room:,} for them")
    return Header(metadata=metadata, tensors=tensors)


def _place(name: str, entry: Any) -> tuple[int, int]:
    place = entry.get("data_offsets") if isinstance(entry, dict) else None
    if not isinstance(place, list) or [type(one) for one in place] != [int, int]:
        raise ValueError(f"its tensor {brief(name)} has no place")
    begin, end = place
    return begin, end


def _stored(name: str, entry: Mapping[str, Any]) -> Stored:
    dtype, shape = entry.get("dtype"), entry.get("shape")
    if not isinstance(dtype, str) or dtype not in BYTES:
        raise ValueError(f"its tensor {brief(name)} is of type {brief(dtype)}")
    if not isinstance(shape, list) or len(shape) > MOST_AXES or not all(map(_is_size, shape)):
        raise ValueError(f"its tensor {brief(name)} has the shape {brief(shape)}")
    return Stored(dtype, tuple(shape))


def _is_size(value: Any) -> bool:
    return type(value) is int and 0 <= value < 1 << 48


_TEXTS = table_of(is_text)
