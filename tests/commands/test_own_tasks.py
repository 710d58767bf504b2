"""A plugin's source with tasks of its own names, through train, eval and reproduce."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from relmem_cli.chat.model.loader import open_reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.word_lookup import lexicon_of
from relmem_cli.contract import Recipe
from relmem_cli.plugins import registry
from relmem_cli.stories.sources import open_source
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tasks import load_training
from relmem_cli.training.cards import read_card
from tests.conftest import Relmem


@dataclass(frozen=True)
class Shells:
    """Where the ball is: under one of some shells; `open` takes how many there are."""

    shells: int = 3
    name: str = "shells"
    summary: str = "a ball under shells"
    splits: Sequence[str] = ("train", "valid", "test")

    @property
    def tasks(self) -> dict[str, str]:
        return {"left": "From the left", "right": "From the right"}

    def open(self, argument: str) -> "Shells":
        return replace(self, shells=int(argument))

    def stories(self, task: str, split: str) -> list[Story]:
        count = {"train": 4, "valid": 1, "test": 2}[split]
        order = range(self.shells) if task == "left" else reversed(range(self.shells))
        names = [f"shell{number}" for number in order]
        return [self._story(name, names, task) for _ in range(count) for name in names]

    def _story(self, name: str, names: list[str], task: str) -> Story:
        asked = Question(text=("where",), answer=name, position=1, candidates=tuple(names))
        return Story(sentences=(("ball", name),), questions=(asked,), task=task)


RECIPE = Recipe(
    name="by-hand",
    summary="As a street artist does it.",
    variants=("gru",),
    settings={"data": "shells:4", "epochs": 2, "batch": 8},
    options={"dim": 8},
    published={"gru": {"left": 66.7}},
)


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = registry().plugins[0]
    monkeypatch.setattr(registry().sources, "_found", {"shells": [(Shells(), plugin)]})
    monkeypatch.setattr(registry().recipes, "_found", {"by-hand": [(RECIPE, plugin)]})


@pytest.fixture
def train(relmem: Relmem, tmp_path: Path) -> Callable[..., object]:
    """Trains a small GRU in this process, on one run."""

    def run(*more: str):
        usual = ["--variant", "gru", "--data", "shells:4", "--epochs", "2", "--set", "dim=8"]
        return relmem("train", *usual, "--out", str(tmp_path / "run"), "--format", "json", *more)

    return run


def test_a_source_is_opened_with_what_follows_its_name() -> None:
    four = open_source("shells:4", roots=[], others=[Shells()])
    assert len(four.stories("left", "test")) == 8
    assert len(open_source("shells", roots=[], others=[Shells()]).stories("left", "test")) == 6


def test_what_a_source_has_to_validate_on_is_no_part_of_training() -> None:
    data = load_training(Shells(), "left")
    assert (len(data.train), len(data.validation)) == (12, 3)


def test_joint_is_all_of_a_sources_tasks() -> None:
    assert {story.task for story in load_training(Shells(), "joint").train} == {"left", "right"}


def test_a_task_is_trained_and_tested_by_its_name(train, relmem: Relmem, tmp_path: Path) -> None:
    done = train("--task", "right")
    assert done.code == 0, done.err
    (row,) = json.loads(done.out)
    assert (row["task"], row["n"]) == ("right", 8)
    tested = relmem("eval", str(tmp_path / "run/best.safetensors"))
    assert "From the right" in tested.out
    assert "shells" in tested.out


def test_a_joint_model_is_tested_on_every_task(train, relmem: Relmem, tmp_path: Path) -> None:
    assert [row["task"] for row in json.loads(train("--task", "joint").out)] == ["left", "right"]
    samples = tmp_path / "answers.jsonl"
    model = str(tmp_path / "run/best.safetensors")
    done = relmem("eval", model, "--samples", str(samples), "--format", "json")
    assert [row["task"] for row in json.loads(done.out)] == ["left", "right"]
    lines = [json.loads(line) for line in samples.read_text().splitlines()]
    assert {line["task"] for line in lines} == {"left", "right"}
    assert all(line["answer"].startswith("shell") for line in lines)  # one of the candidates


def test_a_task_that_a_source_lacks_is_refused_with_those_it_has(train) -> None:
    done = train("--task", "middle")
    assert done.code == 2
    assert "shells has no task 'middle'; it has left, right." in done.err


def test_a_plugins_recipe_is_reproduced_beside_what_it_says_is_published(
    relmem: Relmem, tmp_path: Path, in_threads: None
) -> None:
    out = tmp_path / "out"
    command = ["reproduce", "table6", "--recipe", "by-hand", "--folds", "1", "--out", str(out)]
    done = relmem(*command)
    assert done.code == 0, done.err
    assert "66.7" in done.out
    assert "of by-hand: the published figures" in done.out
    rows = [json.loads(line) for line in (out / "table6-by-hand.jsonl").read_text().splitlines()]
    assert [row["task"] for row in rows[1:]] == ["left", "right"]
    again = relmem(*command)
    assert "2 of 2" not in again.err  # nothing is left to do
    shown = relmem("reproduce", "table6", "--from", str(out / "table6-by-hand.jsonl"), "-t", "left")
    assert "left" in shown.out
    assert "right" not in shown.out


def letters(text: str) -> list[str]:
    """A word as its letters."""
    return list(text.replace(" ", "_"))


def test_a_variant_reads_tokens_of_its_own(relmem: Relmem, tmp_path: Path, monkeypatch) -> None:
    gru = replace(registry().variants["gru"], name="letters", tokenizer=f"{__name__}:letters")
    offers = registry().variants
    monkeypatch.setitem(offers._found, "letters", [(gru, registry().plugins[0])])
    out = tmp_path / "run"
    command = ["train", "-v", "letters", "--data", "shells", "-t", "left", "--epochs", "2"]
    done = relmem(*command, "--out", str(out), "--set", "dim=8")
    assert done.code == 0, done.err
    card = read_card(out / "best.safetensors")
    assert {"b", "l", "_"} <= {*card.vocabulary.items}
    assert "ball" not in card.vocabulary
    assert card.sizes.sentence_length == len("ball shell0")
    tested = relmem("eval", str(out / "best.safetensors"))
    assert "unknown in these tests" not in tested.err
    reader = open_reader(str(out / "best.safetensors"), "cpu")
    (told,) = parse_line("ball lab shell0")
    assert reader.can_read(replace(told, tokens=("ball", "lab")))
    assert reader.tokens(told)[:6] == ("b", "a", "l", "l", "_", "l")
    assert not list(lexicon_of(card).unknown_spans("hello", being_typed=False))


def test_words_outside_the_vocabulary_need_a_variant_that_takes_them(train) -> None:
    done = train("--task", "left", "--set", "extra=3")
    assert done.code == 2
    assert "gru reads no words outside its vocabulary; set extra to 0." in done.err
