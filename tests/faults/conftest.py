"""A plugin that can do anything wrong, wherever it is called."""

import sys
from collections.abc import Callable, Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from relmem_cli.plugins import GROUP, Offers, Registry, load, registry

FAULTY = {
    "__init__": """
import os, signal, sys

class Own(BaseException):
    pass

class Mute(Exception):
    def __str__(self):
        raise Own("no text")
    __repr__ = __str__

def fault(place):
    if place != os.environ.get("FAULT_AT"):
        return
    what = os.environ["FAULT"]
    if what == "exception":
        raise ValueError("broken")
    if what == "exit":
        sys.exit(0)
    if what == "interrupt":
        raise KeyboardInterrupt
    if what == "own":
        raise Own("broken")
    if what == "mute":
        raise Mute
    if what == "closed":
        raise GeneratorExit
    if what == "input":
        raise EOFError
    if what == "disk":
        raise OSError("no disk")
    if what == "end":
        next(iter(()))
    if what == "typer":
        import typer
        raise typer.Exit
    if what == "print":
        print("printed")
        os.write(1, b"written\\n")
    if what == "SIGINT":
        signal.raise_signal(signal.SIGINT)
    if what == "SIGTERM":
        signal.raise_signal(signal.SIGTERM)
""",
    "plugin": """
import os
from dataclasses import dataclass
from relmem_cli import hookimpl
from relmem_cli.contract import ChatCommand, ChatPanel, Command, Kind, Recipe, Variant
from faulty import fault

@dataclass(frozen=True, kw_only=True)
class Options:
    dim: int = 4

    def __post_init__(self):
        fault("options")

class Odd:
    def __repr__(self):
        fault("repr")
        return "odd"

@hookimpl
def relmem_variants():
    fault("relmem_variants")
    return [
        Variant(name="faulty", summary="", reference="", options=Options,
                model="faulty.model:Model")
    ]

@hookimpl
def relmem_recipes():
    fault("relmem_recipes")
    if os.environ.get("FAULT_AT") == "repr":
        return [Odd()]
    return [Recipe(name="faulty", summary="", variants=("faulty",))]

@hookimpl
def relmem_commands():
    fault("relmem_commands")
    return [Command(name="faulty", summary="Faults.", load="faulty.command:run")]

class Source:
    name = "faulty"
    summary = ""
    tasks = {"one": "One"}

    def stories(self, task, split):
        fault("stories")
        return []

@hookimpl
def relmem_sources():
    fault("relmem_sources")
    return [Source()]

@hookimpl
def relmem_kinds():
    fault("relmem_kinds")
    return [Kind(name="faulty", title="", tell=lambda teller: None)]

@hookimpl
def relmem_chat_commands():
    fault("relmem_chat_commands")
    return [ChatCommand(name="faulty", summary="", run=lambda session, argument: "")]

@hookimpl
def relmem_chat_panels():
    fault("relmem_chat_panels")
    return [ChatPanel(name="faulty", summary="", show=lambda session: "")]

HEARD = []

@hookimpl
def relmem_training_event(event):
    HEARD.append(event.epoch)
    fault("listener")

fault("import")
""",
    "command": """
from faulty import fault

def run(code: int = 0):
    print("ran")
    fault("run")
    raise SystemExit(code)

fault("command")
""",
    "model": """
from typing import NamedTuple
import torch
from torch import nn
from relmem_cli.contract.model import StoryModel
from faulty import fault

fault("model")

class State(NamedTuple):
    words: torch.Tensor

class Model(StoryModel):
    def __init__(self, *, sizes, options):
        super().__init__(sizes=sizes)
        fault("constructor")
        self.vectors = nn.Embedding(sizes.vocabulary, options.dim, padding_idx=0)
        self.out = nn.Linear(options.dim, sizes.vocabulary)

    def begin(self, batch):
        return State(self.out.weight.new_zeros(batch, self.out.in_features))

    def read(self, state, sentences):
        fault("read")
        return State(state.words + self.vectors(sentences).sum(dim=1))

    def answer(self, state, questions):
        fault("answer")
        return self.out(torch.tanh(state.words + self.vectors(questions).sum(dim=1)))

    def explain(self, state, questions):
        fault("explain")
        return {}

    def loss(self, batch):
        fault("loss")
        return super().loss(batch)

    def prepare(self, vocabulary, stories):
        fault("prepare")

    def epoch(self, number, last):
        fault(f"epoch {number}")
""",
}

TOLD = {
    "exception": "ValueError: broken",
    "exit": "SystemExit: 0",
    "interrupt": "KeyboardInterrupt",
    "own": "Own: broken",
    "mute": "Mute: its text cannot be told",
    "closed": "GeneratorExit",
    "input": "EOFError",
}
"""Faults, and how each is told."""

Install = Callable[[], Registry]
Fault = Callable[[str, str], None]


class OfTheirs(EntryPoint):
    """An entry point of a distribution of their own."""

    @property
    def dist(self):
        return type("Distribution", (), {"name": f"dist-{self.name}", "version": "0"})()


def offered(found: Registry) -> dict[str, set[str]]:
    """What others than the faulty plugin add, by kind."""
    kinds = {name: {*each} for name, each in vars(found).items() if isinstance(each, Offers)}
    return {kind: names - {"faulty"} for kind, names in kinds.items()}


@pytest.fixture
def faulty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The faulty plugin's package, importable."""
    monkeypatch.delenv("RELMEM_STRICT_PLUGINS", raising=False)
    monkeypatch.delenv("RELMEM_DEBUG", raising=False)
    package = tmp_path / "installed" / "faulty"
    package.mkdir(parents=True)
    for name, text in FAULTY.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(package.parent)
    yield package
    for name in [name for name in sys.modules if name.partition(".")[0] == "faulty"]:
        del sys.modules[name]


@pytest.fixture
def install(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Installs the faulty plugin beside all others; returns what is found then."""

    def install() -> Registry:
        found = load([*entry_points(group=GROUP), OfTheirs("faulty", "faulty.plugin", GROUP)])
        for field, value in vars(found).items():
            monkeypatch.setattr(registry(), field, value)
        return found

    return install


@pytest.fixture
def fault(monkeypatch: pytest.MonkeyPatch) -> Fault:
    """fault(place, what) has the plugin do that at that place from now on."""

    def fault(place: str, what: str) -> None:
        monkeypatch.setenv("FAULT_AT", place)
        monkeypatch.setenv("FAULT", what)

    return fault
