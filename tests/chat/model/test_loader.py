"""Which models there are for a story, and how the one that is talked to gets ready."""

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from relmem_cli.chat.model.libraries import load_libraries
from relmem_cli.chat.model.loader import Background, display_name, find_models, models_for
from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.errors import RelmemError
from relmem_cli.training.checkpoints import save_model


@pytest.fixture
def models(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_file: Path, stranger: Reader
) -> Path:
    """A folder of two models that can be found by name, and of a file that is none."""
    monkeypatch.setattr("relmem_cli.library.shipped_models", lambda: tmp_path)
    shutil.copy(model_file, tmp_path / "a-large.safetensors")
    save_model(tmp_path / "b-small.safetensors", stranger._model.state_dict(), stranger.card)
    (tmp_path / "c-broken.safetensors").write_text("no model")
    return tmp_path


def said(*lines: str) -> list[Utterance]:
    return split_stories(lines)[0]


@pytest.mark.usefixtures("models")
def test_models_that_know_a_storys_words_are_found_the_most_special_one_first() -> None:
    assert models_for(said("Mary went to the kitchen.")) == ["b-small", "a-large"]
    assert models_for(said("Mary went to the attic.")) == ["a-large"]
    assert models_for(said("Zog slept.")) == []


def test_a_model_that_can_read_the_unknown_names_as_known_ones_comes_last(
    models: Path, standing_in: Reader
) -> None:
    trained = standing_in.trained
    save_model(models / "a-large.safetensors", trained.model.state_dict(), trained.card)
    assert models_for(said("Zog went to the library.", "Where is Zog?")) == ["a-large"]
    assert models_for(said("Zog went to the kitchen.", "Mary slept.")) == []


def test_end_marks_are_no_words_that_a_model_must_know(
    models: Path, untrained: Callable[..., Reader]
) -> None:
    plain = untrained("relation-slot", ["anna ran"])
    save_model(models / "d-plain.safetensors", plain._model.state_dict(), plain.card)
    assert models_for(said("Anna ran.", "Anna ran?")) == ["d-plain"]


def test_what_follows_what_is_known_before_the_model_is_loaded(
    models: Path, stranger: Reader
) -> None:
    card = replace(stranger.card, record={"follows": {"the": ["kitchen"]}})
    save_model(models / "e-card.safetensors", stranger._model.state_dict(), card)
    assert find_models("e-card", "cpu").lexicon.words_beginning("in the ", "") == ["kitchen"]


@pytest.mark.usefixtures("models")
def test_another_model_is_opened_on_the_same_device() -> None:
    found = find_models("a-large", "cpu")
    assert found.name == "a-large"
    assert "attic" in found.lexicon.vocabulary
    other = found.open("b-small")
    assert (other.name, other.device) == ("b-small", "cpu")
    with pytest.raises(RelmemError, match="'nix'"):
        find_models("a-large", "nix").open("b-small")


@pytest.mark.usefixtures("models")
def test_a_model_in_chat_takes_one_thread() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        find_models("a-large", "cpu").open("b-small")
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("relation-slot-joint", "relation-slot-joint"),
        ("model-1.5", "model-1.5"),
        ("runs/mine/best.safetensors", "mine"),
        ("/somewhere/walks.safetensors", "walks"),
    ],
)
def test_a_model_is_shown_by_its_name_not_by_its_path(given: str, shown: str) -> None:
    assert display_name(given) == shown


def test_work_is_done_once_however_often_it_is_started() -> None:
    done: list[int] = []
    background = Background(lambda: done.append(1))
    background.start()
    background.start()
    background.result()
    background.result()
    assert done == [1]


def test_leaving_does_not_wait_for_what_is_being_loaded() -> None:
    kind: list[bool] = []
    Background(lambda: kind.append(threading.current_thread().daemon)).result()
    assert kind == [True]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere torch loads its own libraries")
def test_torchs_libraries_can_be_loaded_before_torch() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from relmem_cli.chat.model.libraries import load_libraries\n"
        "load_libraries()\n"
        "assert 'torch' not in sys.modules\n"
        "assert 'libtorch_python.so' in Path('/proc/self/maps').read_text()\n"
        "import torch\n"
        "assert torch.ones(2).sum() == 2\n"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("torch", [None, SimpleNamespace(origin="/no/such/torch/__init__.py")])
def test_what_fails_is_left_to_torchs_own_import(
    torch: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr("relmem_cli.chat.model.libraries.sys.platform", "linux")
    monkeypatch.setattr(
        "relmem_cli.chat.model.libraries.find_spec", lambda _: asked.append(1) or torch
    )

    def refuse(_: object) -> None:
        asked.append(2)
        raise OSError("a static Python")

    monkeypatch.setattr("relmem_cli.chat.model.libraries.ctypes.CDLL", refuse)
    load_libraries()
    assert asked == ([1, 2] if torch else [1])
