"""A model that somebody else sent: nothing of it is run, waited for, or believed."""

import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile_folders.conftest import ESCAPE, Place, Refused, sparse

Make = Callable[[Path, Place], object]


class Harmful:
    """What does something where it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("touch RAN",)


def zipped(members: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as file:
        for name, data in members.items():
            file.writestr(name, data)
    return raw.getvalue()


def header(plain: object, rest: bytes = b"") -> bytes:
    """A .safetensors file with that header."""
    text = json.dumps(plain).encode()
    return len(text).to_bytes(8, "little") + text + rest


WORDS = ["<pad>", ".", "?", "ann", "barn", "is", "the", "to", "went", "where"]


def card(**metadata: str) -> bytes:
    """A model without tensors, that says so of itself."""
    said = {
        "format": "relmem-model-3",
        "variant": "gru",
        "options": json.dumps({"dim": 4}),
        "sizes": json.dumps({"vocabulary": 10, "sentence_length": 6, "question_length": 6}),
        "vocabulary": json.dumps(WORDS),
        "answers": json.dumps(["barn"]),
        "record": "{}",
    }
    return header({"__metadata__": said | metadata})


def file(data: bytes) -> Make:
    return lambda path, place: path.write_bytes(data)


NO_WHOLE_FILE = "m is not a whole .safetensors file"
PICKLED = pickle.dumps(Harmful())

MODELS: dict[str, tuple[Make, str]] = {
    "a pickle": (file(PICKLED), NO_WHOLE_FILE),
    "a torch file": (file(zipped({"archive/data.pkl": PICKLED})), NO_WHOLE_FILE),
    "a zip that leads out": (file(zipped({"../outside/RAN": b"x"})), NO_WHOLE_FILE),
    "an array of objects": (file(b"\x93NUMPY\x01\0" + PICKLED), NO_WHOLE_FILE),
    "a program": (file(b"#!/bin/sh\ntouch RAN\n"), NO_WHOLE_FILE),
    "a secret": (lambda path, place: path.symlink_to(place.thesis), NO_WHOLE_FILE),
    "a pipe": (lambda path, place: os.mkfifo(path), "there is no model 'm'"),
    "a device": (lambda path, place: path.symlink_to("/dev/zero"), "there is no model 'm'"),
    "a link to itself": (lambda path, place: path.symlink_to(path), "there is no model 'm'"),
    "an empty folder": (lambda path, place: path.mkdir(), "there is no model 'm'"),
    "terabytes of zeros": (lambda path, place: sparse(path), NO_WHOLE_FILE),
    "a header of terabytes": (
        lambda path, place: sparse(path, begin=(2 << 40).to_bytes(8, "little")),
        "its header has 2,199,023,255,552 bytes",
    ),
    "a tensor of terabytes": (
        file(header({"w": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 4 << 40]}})),
        "its tensors have 4,398,046,511,104 bytes",
    ),
    "negative places": (
        file(header({"w": {"dtype": "F32", "shape": [1], "data_offsets": [-4, 0]}})),
        "is not where it has room",
    ),
    "deep lists": (file(header({}) + b"[" * 99_999), NO_WHOLE_FILE),
    "a variant that is a module": (file(card(variant="os:system")), "is a 'os:system' model"),
    "a variant that is a path": (file(card(variant="../x")), "is a '../x' model"),
    "a variant that steers": (file(card(variant=ESCAPE)), "model and no plugin here has"),
    "a format that steers": (file(card(format=ESCAPE)), "this relmem reads relmem-model-3"),
    "an option that is code": (
        file(card(options=json.dumps({"dim": "__import__('os').system('touch RAN')"}))),
        "option dim is",
    ),
    "an option too many": (file(card(options='{"dim": 4, "hook": "os:system"}')), "no option"),
    "a path for a size": (
        file(card(sizes='{"vocabulary": "../x", "sentence_length": 1, "question_length": 1}')),
        "vocabulary is '../x'",
    ),
    "memory without end": (file(card(options=json.dumps({"dim": 10**9}))), "m does not fit"),
    "words that steer": (
        file(card(vocabulary=json.dumps(["<pad>", ESCAPE]), answers='["y"]')),
        "m has a damaged model card",
    ),
    "a record that is no table": (file(card(record=json.dumps([ESCAPE]))), "record is"),
}

COMMANDS = {
    "ask": ("ask", "--model", "m", "--story", "story.txt", "Where is Ann?"),
    "eval": ("eval", "m", "--data", "world", "--task", "1"),
    "calibrate": ("calibrate", "m", "--data", "world:1,questions=9"),
    "train": ("train", "-v", "gru", "--data", "world", "--from", "m", "--out", "out"),
}


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize(("make", "said"), MODELS.values(), ids=MODELS)
def test_what_is_no_model_is_one_sentence(
    refused: Refused, place: Place, make: Make, said: str, command: tuple[str, ...]
) -> None:
    (place.here / "story.txt").write_text("Ann went to the barn.\n")
    make(place.here / "m", place)
    refused(*command, said=said)


@pytest.mark.parametrize("make", [MODELS["a pipe"][0], MODELS["a device"][0]], ids=["pipe", "zero"])
def test_a_runs_folder_without_a_model_file_has_no_model(
    refused: Refused, place: Place, make: Make
) -> None:
    (place.here / "run").mkdir()
    make(place.here / "run" / "best.safetensors", place)
    refused("eval", "run", "--data", "world", said="there is no model 'run'")
