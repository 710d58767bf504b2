"""Typical mistakes of plugin authors: one sentence each, with plugin, variant and remedy."""

import importlib
import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from relmem_cli.plugins import GROUP, Registry, load, registry
from relmem_cli.testing import check_variant
from tests.conftest import Relmem

PLUGIN = """
from dataclasses import dataclass
from relmem_cli import hookimpl
from relmem_cli.contract import ChatCommand, Command, Recipe, Variant

@dataclass(frozen=True, kw_only=True)
class Options:
    dim: int = 4

@hookimpl
def relmem_variants():
    return [
        Variant(name="theirs", summary="", reference="", options=Options, model="their_model:Model")
    ]

def fail(*arguments):
    return [][1]

@hookimpl
def relmem_chat_commands():
    return [ChatCommand(name="fail", summary="", run=fail)]

@hookimpl
def relmem_commands():
    return [Command(name="fail", summary="", load="their_plugin:broken")]

def broken():
    return [][1]

@hookimpl
def relmem_recipes():
    return [Recipe(name="theirs", summary="", variants=("theirs",), settings={"epochs": 1})]
"""
MODEL = """
from typing import NamedTuple
import torch
from torch import nn
from relmem_cli.contract.model import StoryModel

class State(NamedTuple):
    words: torch.Tensor

class Model(StoryModel):
    def __init__(self, *, sizes, options):
        super().__init__(sizes=sizes)
        self.vectors = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.out = nn.Linear(options.dim, sizes.vocabulary)

    def begin(self, batch):
        return State(self.out.weight.new_zeros(batch, self.out.in_features))

    def read(self, state, sentences):
        return State(state.words + self.vectors(sentences).sum(dim=1))

    def answer(self, state, questions):
        return self.out(torch.tanh(state.words + self.vectors(questions).sum(dim=1)))
"""
Make = Callable[..., Registry]


class OfTheirs(EntryPoint):
    """An entry point of a distribution of their own."""

    @property
    def dist(self):
        return type("Distribution", (), {"name": "dist-theirs", "version": "0"})()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Installs the plugin with something changed in one of its files."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("RELMEM_STRICT_PLUGINS", raising=False)

    def install(old: str = "", new: str = "") -> Registry:
        assert old in PLUGIN + MODEL
        for name, text in (("their_plugin", PLUGIN), ("their_model", MODEL)):
            (tmp_path / f"{name}.py").write_text(text.replace(old, new) if old else text)
            sys.modules.pop(name, None)
        importlib.invalidate_caches()
        found = load([OfTheirs("theirs", "their_plugin", GROUP)])
        for field in ("plugins", "variants", "recipes", "commands", "chat_commands"):
            monkeypatch.setattr(registry(), field, getattr(found, field))
        return found

    yield install
    for name in ("their_plugin", "their_model"):
        sys.modules.pop(name, None)


AT_LOADING = [
    ("@hookimpl\ndef relmem_variants", "def relmem_variants", "is not marked with @hookimpl"),
    ("def relmem_variants", "def relmem_varants", "did you mean relmem_variants?"),
    ("dim: int = 4", "dim: tuple = (4,)", "option dim defaults to (4,); it must be an int"),
    ('variants=("theirs",)', 'variants="theirs"', "recipe theirs: variants is a str"),
    ('variants=("theirs",)', 'variants=(), published={"theirs": {1: 0.0}}', "task 1 must be a str"),
    ("    return [\n        Var", "    return [3] + [\n        Var", "a list of Variant"),
    ("dim: int = 4", "dim: int", "missing 1 required keyword-only argument: 'dim'"),
    ("model=", "training={'lr': 1}, model=", "no training setting 'lr'; there are batch"),
    ("model=", "training={'epochs': -1}, model=", "epochs is -1; it must be at least 1"),
    ("model=", "modl=", "unexpected keyword argument 'modl'"),
    ('"epochs": 1}', '"epoch": 1}', "no training setting 'epoch'"),
    ("import hookimpl", "import hookimp", "cannot import name 'hookimp'"),
]


@pytest.mark.parametrize(("old", "new", "said"), AT_LOADING, ids=[each[2] for each in AT_LOADING])
def test_what_is_wrong_with_a_plugin_is_said_when_it_is_loaded(
    make: Make, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    found = make(old, new)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("relmem: plugin dist-theirs: ")
    assert said in line
    assert said in found.plugins[0].status


IN_TRAINING = [
    ("their_model:Model", "their_modl:Model", "their_modl:Model cannot be loaded"),
    ("their_model:Model", "their_model:Modl", "has no attribute 'Modl'"),
    ("*, sizes, options", "sizes", "got an unexpected keyword argument 'options'"),
    ("        super().__init__(sizes=sizes)\n", "", "cannot assign module before Module.__init__"),
    ("sizes.vocabulary, options.dim", "5, options.dim", "index out of range"),
    ("return State(self.out.weight", "return (self.out.weight", "no attribute 'words'"),
    ("        return State(state.words +", "        State(state.words +", "NoneType"),
    ("self.out = nn.Linear(options.dim, sizes.vocabulary)",
     "self.out = nn.Linear(options.dim, 3)", "have shape [8, 3]; they are [questions, vocabulary]"),
    ("return self.out(torch.tanh(state.words + ",
     "return self.out(torch.tanh(state.wrds + ", "no attribute 'wrds'"),
    ("    def begin", "    def loss(self, batch):\n        return 1.0\n\n    def begin", "float"),
    ("    def begin", "    def prepare(self, words):\n        pass\n\n    def begin", "prepare()"),
    ("    def begin",
     "    def measure(self, batch):\n        return batch.facts\n\n    def begin", "facts"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), IN_TRAINING, ids=[each[2] for each in IN_TRAINING])
def test_what_a_model_does_wrong_is_said_when_it_is_trained(
    make: Make, relmem: Relmem, tiny_world: Path, tmp_path: Path, old: str, new: str, said: str
) -> None:
    make(old, new)
    command = ["train", "-v", "theirs", "--data", str(tiny_world), "--epochs", "2"]
    done = relmem(*command, "--set", "batch=4", "--out", str(tmp_path / "run"))
    assert done.code == 1
    last = done.err.splitlines()[-1]
    assert last.startswith("relmem: ")
    assert "theirs" in last
    assert said in last
    assert "bug report" not in last


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [each for each in IN_TRAINING if each[2] not in ("prepare()",)],
    ids=[each[2] for each in IN_TRAINING if each[2] != "prepare()"],
)
def test_the_conformance_test_tells_more(make: Make, old: str, new: str, said: str) -> None:
    found = make(old, new)
    with pytest.raises(AssertionError) as caught:
        check_variant(found.variants["theirs"])
    assert str(caught.value).startswith(("variant 'theirs'", "variant theirs "))
    assert "\n" not in str(caught.value)


def test_a_plugins_command_that_fails_is_told_with_the_plugin_and_the_line(
    make: Make, relmem: Relmem
) -> None:
    make()
    done = relmem("fail")
    assert done.code == 1
    assert "plugin dist-theirs raised IndexError: list index out of range" in done.err
    assert "(their_plugin.py, line " in done.err


@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("def epoch(self, number):\n        pass", "epoch() takes 2 positional arguments"),
        ("def loss(self, batch):\n        return batch.answers", "theirs"),
    ],
)
def test_a_method_that_does_not_fit_is_blamed_on_the_variant(
    make: Make, relmem: Relmem, tiny_world: Path, tmp_path: Path, method: str, said: str
) -> None:
    make("    def begin", f"    {method}\n\n    def begin")
    command = ["train", "-v", "theirs", "--data", str(tiny_world), "--epochs", "2"]
    done = relmem(*command, "--out", str(tmp_path / "run"))
    assert done.code == 1
    assert "variant theirs of plugin dist-theirs raised" in done.err
    assert said in done.err


def test_an_entry_point_without_a_hook_is_told(
    make: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    make()
    found = load([OfTheirs("theirs", "their_plugin:Options", GROUP)])
    assert "has no function relmem_*" in found.plugins[0].status
    assert "dist-theirs" in capsys.readouterr().err


def test_a_plugin_without_mistakes_trains(
    make: Make, relmem: Relmem, tiny_world: Path, tmp_path: Path
) -> None:
    found = make()
    check_variant(found.variants["theirs"])
    command = ["train", "-v", "theirs", "--data", str(tiny_world), "--epochs", "2"]
    done = relmem(*command, "--out", str(tmp_path / "run"))
    assert done.code == 0, done.err
