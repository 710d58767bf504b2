"""`relmem models` goes on after a file that is no model, and says what is wrong with it."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from relmem_cli.library import find_model, model_names
from relmem_cli.paths import runs_folder
from relmem_cli.training.cards import read_card
from relmem_cli.training.checkpoints import read_tensors, save_model
from tests.commands.conftest import Relmem


@pytest.fixture
def damaged() -> Any:
    """Puts a copy of a model that ships, with another card, among the user's models."""

    def put(**metadata: Any) -> Path:
        data = find_model("relation-transformer-1").read_bytes()
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])
        for name, value in metadata.items():
            header["__metadata__"][name] = value if isinstance(value, str) else json.dumps(value)
        written = json.dumps(header).encode()
        path = runs_folder() / "mine" / "best.safetensors"
        path.parent.mkdir(parents=True)
        path.write_bytes(len(written).to_bytes(8, "little") + written + data[8 + length :])
        return path

    return put


WRONG = [
    ({"record": [3]}, "record is [3]"),
    ({"record": "[" * 100_000 + "]" * 100_000}, "record: it has more than 32 lists and tables"),
    ({"record": {"settings": 3}}, "settings is 3"),
    ({"record": {"validation": {"errors": 1, "n": 0, "loss": 1}}}, "validation is {'errors': 1,"),
    ({"record": {"test": {"1": [0, 9]}}}, "test is {'1': [0, 9]}"),
    ({"record": {"temperature": -1}}, "temperature is -1"),
    ({"record": {"roles": {"1": [3]}}}, "roles is {'1': [3]}"),
    ({"options": [1]}, "options is [1]"),
    ({"options": {"dim": [1]}}, "options is {'dim': [1]}"),
    ({"answers": ["attic"]}, "its answer 'attic' is not in it"),
    ({"vocabulary": ["<pad>", 3]}, "vocabulary is ['<pad>', 3]"),
    ({"vocabulary": ["<pad>", "a", "a"]}, "names each item once"),
    ({"sizes": {"vocabulary": 3}}, "sentence_length is missing"),
    ({"sizes": {"vocabulary": "3", "sentence_length": 1, "question_length": 1}}, "is '3'"),
    ({"format": "\x1b[31m" + "x" * 9999}, "this relmem reads relmem-model-3"),
]


@pytest.mark.parametrize(("metadata", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_damaged_model_is_told_in_a_line_and_all_others_are_listed(
    relmem: Relmem, damaged: Any, metadata: dict[str, Any], said: str
) -> None:
    path = damaged(**metadata)
    done = relmem("models", "--format", "json")
    assert done.code == 0
    assert [row["model"] for row in json.loads(done.out)] == model_names()[:-1]
    assert done.err.startswith(f"relmem: {path} ")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert done.err[:-1].isprintable()
    assert len(done.err) < 200 + len(str(path))


@pytest.mark.parametrize("worst", [float("nan"), float("inf"), 1e30])
def test_weights_that_are_no_numbers_are_told_in_a_line(
    relmem: Relmem, tiny_world: Path, damaged: Any, worst: float
) -> None:
    path = damaged()
    _, tensors = read_tensors(path)
    tensors["say.weight"][1, 2] = worst
    tensors["bias"] = torch.full_like(tensors["bias"], worst)
    save_model(path, tensors, read_card(path))
    evaluated = relmem("eval", "mine", "--data", str(tiny_world), "--task", "1")
    assert (evaluated.code, evaluated.out) == (1, "")
    said = "has weights that are no numbers, or far too large ones, in bias and 1 more: "
    assert evaluated.err.startswith(f"relmem: {path} {said}")
    assert evaluated.err.count("\n") == 1
    (tiny_world / "story.txt").write_text("Mary went to the kitchen.\n")
    story = ("--story", str(tiny_world / "story.txt"), "Where is Mary?")
    asked = relmem("ask", "--model", "mine", *story)
    assert (asked.code, asked.out, asked.err) == (1, "", evaluated.err)


def test_what_a_model_was_trained_on_takes_one_line_of_the_list(relmem: Relmem) -> None:
    listed = relmem("models").out.splitlines()
    (line,) = (one for one in listed if "open-transformer-joint" in one)
    assert "more" in line
