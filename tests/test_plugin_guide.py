"""Every example of docs/plugins.md, put together as the plugin that it describes."""

import importlib
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import EntryPoint
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import torch

from relmem_cli import hookspecs
from relmem_cli.contract import TrainingEvent
from relmem_cli.plugins import GROUP, Registry, load
from relmem_cli.runs.job import Job
from relmem_cli.runs.run import Run
from relmem_cli.testing import check_variant
from relmem_cli.training.loop import Epoch
from relmem_cli.training.settings import Settings
from relmem_cli.world.lexicon import load_lexicon
from relmem_cli.world.phrases import load_style
from relmem_cli.world.solver.check import Checker
from relmem_cli.world.story_stream import as_story, tell_stories
from relmem_cli.world.teller import Voice
from relmem_variants.parts import EntNetOptions

GUIDE = Path(__file__).parent.parent / "docs" / "plugins.md"
BLOCKS = re.findall(r"```python\n# (\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    """The package my_memory, each file with the guide's blocks of that name in order."""
    folder = tmp_path_factory.mktemp("guide")
    files: defaultdict[str, str] = defaultdict(str)
    for name, code in BLOCKS:
        files[name] += code + "\n"
    (folder / "my_memory").mkdir()
    for name, code in files.items():
        if name != "test":
            (folder / "my_memory" / name).write_text(code)
    sys.path.insert(0, str(folder))
    yield importlib.import_module("my_memory.plugin")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "my_memory"]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def found(package: ModuleType) -> Registry:
    return load([EntryPoint("my-memory", package.__name__, GROUP)])


def test_the_plugin_loads_without_a_fault_and_without_torch(found: Registry, package) -> None:
    assert [plugin.status for plugin in found.plugins] == ["ok"]
    folder = Path(str(package.__file__)).parent.parent
    program = f"import sys; sys.path.insert(0, {str(folder)!r}); import my_memory.plugin; "
    program += "print('torch' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.stdout == "False\n", done.stderr


def test_every_hook_has_an_example(package: ModuleType) -> None:
    hooks = {name for name in vars(hookspecs) if name.startswith("relmem_")}
    assert hooks == {name for name in vars(package) if name.startswith("relmem_")}


def test_the_test_that_the_guide_shows_passes(package: ModuleType) -> None:
    (code,) = [code for name, code in BLOCKS if name == "test"]
    exec(code, {})


@pytest.mark.parametrize(
    "model",
    [
        "nearest:Nearest",
        "taught:Taught",
        "phases:Weighed",
        "pointer:Pointer",
        "speller:Speller",
        "scaled:Scaled",
    ],
)
def test_every_model_conforms(package: ModuleType, model: str) -> None:
    check_variant(replace(package.BAG, model=f"my_memory.{model}"))


@pytest.mark.parametrize(
    "reads",
    [
        "self.out.weight.std().item()",
        "float(self.out.weight.detach().std())",
        "self.out.weight.tolist()",
        "self.out.weight.detach().numpy()",
        "bool(self.out.weight.any())",
        "torch.nonzero(self.out.weight)",
    ],
)
def test_a_model_that_reads_a_value_while_it_is_built_is_told(
    package: ModuleType, monkeypatch: pytest.MonkeyPatch, reads: str
) -> None:
    (code,) = [code for name, code in BLOCKS if name == "scaled.py"]
    module = ModuleType("my_memory.reading")
    vars(module)["torch"] = torch
    exec(code.replace("scale = 1", f"{reads}; scale = 1"), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    with pytest.raises(AssertionError, match="variant bag cannot be built without memory: .*meta"):
        check_variant(replace(package.BAG, model="my_memory.reading:Scaled"))


def test_entnet_with_the_guides_encoder_conforms(package: ModuleType) -> None:
    options = {"slots": 3, "dim": 5}
    variant = replace(package.BAG, options=EntNetOptions, model="my_memory.letters:GruEntNet")
    check_variant(variant, options)


def train(variant: Any, source: Any, folder: Path, task: str = "turn", **more: Any) -> list[Epoch]:
    usual: dict[str, Any] = {"epochs": 8, "learning_rate": 0.02, **variant.training, **more}
    settings = Settings(
        variant=variant.name, task=task, options=variant.defaults(), data="coins", **usual
    )
    run = Run(Job(settings=settings, source=None, folder=folder, device="cpu"))
    run.variant, run.source = variant, source
    epochs = [event for _, event in run.events() if isinstance(event, Epoch)]
    assert run.finish().test_n == 10
    return epochs


@pytest.mark.parametrize("name", ["bag", "nearest", "taught", "weighed"])
def test_every_variant_trains_on_the_guides_data(
    found: Registry, tmp_path: Path, name: str
) -> None:
    epochs = train(found.variants[name], found.sources["coins"], tmp_path, epochs=8)
    assert epochs[-1].loss < epochs[0].loss
    if name == "taught":
        assert epochs[-1].parts.keys() == {"answers", "facts"}
        assert epochs[-1].validation.measures.keys() == {"fact"}
    if name == "weighed":
        assert epochs[2].best_epoch == 3  # its second phase begins there


def test_the_pointer_trains_with_words_outside_the_vocabulary(
    package: ModuleType, tmp_path: Path
) -> None:
    pointer = replace(package.BAG, name="pointer", model="my_memory.pointer:Pointer", open=True)
    epochs = train(pointer, package.Coins(metal="silver"), tmp_path, task="toss", extra=4)
    assert epochs[-1].validation.errors == 0


def test_the_source_has_tasks_splits_and_an_argument(found: Registry) -> None:
    coins: Any = found.sources["coins"]
    assert set(coins.tasks) == {"toss", "turn"}
    assert len(coins.stories("toss", "valid")) == 10
    assert "copper" in coins.open("copper").stories("toss", "test")[0].sentences[0]


def test_the_kind_tells_stories_that_the_solver_answers(found: Registry) -> None:
    checker = Checker()
    voice = Voice(lexicon=load_lexicon("everyday"), style=load_style("everyday"))
    stories = list(tell_stories(found.kinds["swap"], voice, seed=0, questions=20))
    checked = checker.check([as_story(lines, "swap") for lines in stories])
    assert (checked.questions, checked.right, checked.faults) == (20, 20, [])


def test_the_recipe_names_settings_that_there_are(found: Registry) -> None:
    recipe = found.recipes["coins"]
    assert recipe.published["bag"]["turn"] == 50.0
    assert Settings(variant="bag", task="toss", **recipe.settings).epochs == 2


def test_commands_panels_and_listeners_take_what_they_are_given(
    found: Registry, package: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    session = SimpleNamespace(sentences=("one", "two"))
    assert found.chat_commands["count"].run(session, "no more") == "2 sentences, no more"
    assert found.chat_panels["length"].show(session) == "2 sentences"
    package.coin_command()
    assert capsys.readouterr().out == "heads\n"
    assert found.commands["coin"].load == "my_memory.plugin:coin_command"
    found.training_event(
        TrainingEvent(run="r", variant="bag", epoch=3, loss=1.0, validation_error=0.5)
    )
    assert package.HEARD[-1] == ("bag", 3, {})
