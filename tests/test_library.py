from pathlib import Path

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.library import (
    DEFAULT_MODEL,
    find_model,
    library,
    model_name,
    model_names,
    task_model,
)
from relmem_cli.paths import runs_folder, shipped_models


@pytest.fixture
def train():
    """Puts a file where a run of that name would have left its model."""

    def run(name: str) -> Path:
        path = runs_folder() / name / "best.safetensors"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"")
        return path

    return run


def test_the_models_that_ship_are_the_joint_ones_and_one_for_each_task() -> None:
    assert set(model_names()) == {
        DEFAULT_MODEL,
        "relation-transformer-joint",
        "relation-slot-joint",
        *(task_model(task) for task in range(1, 21)),
    }


def test_a_run_is_found_by_its_name_its_folder_and_its_file(train) -> None:
    path = train("entnet-1")
    assert find_model("entnet-1") == find_model(str(path.parent)) == find_model(str(path)) == path


def test_a_run_named_like_a_model_that_ships_hides_it_not(train) -> None:
    path = train(DEFAULT_MODEL)
    assert find_model(DEFAULT_MODEL) == shipped_models() / f"{DEFAULT_MODEL}.safetensors"
    assert find_model(f"yours/{DEFAULT_MODEL}") == path
    assert [model.origin for model in library()].count("yours") == 1


def test_models_are_listed_by_number(train) -> None:
    for name in ("net-10", "net-2"):
        train(name)
    yours = [model.name for model in library() if model.origin == "yours"]
    assert yours == ["net-2", "net-10"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        (
            "relation-slot-jiont",
            " (did you mean relation-slot-joint or relation-transformer-joint?)",
        ),
        ("Relation-Transformer-10", " (did you mean relation-transformer-10 or "),
        ("nope", ", neither by name nor as a file"),
        ("./best.safetensors", ", neither by name nor as a file"),
    ],
)
def test_an_unknown_model_is_refused_in_a_sentence_with_those_named_like_it(
    name: str, hint: str
) -> None:
    with pytest.raises(UsageError) as refused:
        find_model(name)
    said = str(refused.value)
    assert said.startswith(f"there is no model {name!r}{hint}")
    assert said.endswith("; relmem models lists them.")
    assert len(said) < 160


def test_the_model_of_a_run_is_called_as_chat_calls_it(
    train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, hidden = train("entnet-1"), train(DEFAULT_MODEL)
    assert model_name(mine.parent) == "entnet-1"
    assert model_name(hidden.parent) == f"yours/{DEFAULT_MODEL}"
    monkeypatch.chdir(tmp_path)
    assert model_name(tmp_path / "out" / "run") == "./out/run"
    assert model_name(Path("/else/run")) == "/else/run"
    assert find_model(model_name(hidden.parent)) == hidden
