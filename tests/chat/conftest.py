"""A small model that knows people, places and moves, trained once in a blink."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pexpect
import pytest
import torch
from torch.nn.functional import cross_entropy

from relmem_cli.chat.model.reader import Reader
from relmem_cli.contract.model import StoryModel
from relmem_cli.plugins import registry
from relmem_cli.stories.batch import StoryBatch, encode_stories
from relmem_cli.stories.follows import follows
from relmem_cli.stories.story import Question, Story
from relmem_cli.stories.tokens import PAD, tokenize
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.checkpoints import TrainedModel, load_model, save_model

PEOPLE = ("mary", "john", "anna")
PLACES = ("kitchen", "garden", "attic")

_SMALL = {
    "relation-transformer": {"dim": 9, "heads": 3, "capacity": 3},
    "gru": {"dim": 8},
}
"""Options by variant, for those that have other ones than the paper's."""


def walks() -> list[Story]:
    """Stories of one sentence, for each person and place; each asks where the person is."""
    return [
        Story(
            sentences=(tuple(tokenize(f"{person} went to the {place}.")),),
            questions=(
                Question(text=tuple(tokenize(f"where is {person}?")), answer=place, position=1),
            ),
        )
        for person in PEOPLE
        for place in PLACES
    ]


@pytest.fixture(scope="session")
def model_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained entnet that answers where people are."""
    torch.set_num_threads(1)
    stories = walks()
    vocabulary = Vocabulary.of(stories)
    sizes = sizes_of(vocabulary, stories)
    options = {"dim": 32, "slots": 5}
    torch.manual_seed(1)
    model = registry().variants["entnet"].build(sizes, options)
    descend(model, encode_stories(stories, vocabulary, sizes))
    card = ModelCard(
        variant="entnet", options=options, sizes=sizes, vocabulary=vocabulary, record={}
    )
    path = tmp_path_factory.mktemp("models") / "walks.safetensors"
    save_model(path, model.state_dict(), card)
    return path


def descend(model: StoryModel[Any], batch: StoryBatch) -> None:
    """A hundred steps of plain gradient descent: torch.optim takes seconds to import."""
    parameters = list(model.parameters())
    for _ in range(100):
        gradients = torch.autograd.grad(cross_entropy(model(batch), batch.answers), parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter.sub_(0.5 * gradient)


@pytest.fixture(scope="session")
def reader(model_file: Path) -> Reader:
    """The trained model as chat uses it."""
    trained = load_model(model_file, registry().variants, torch.device("cpu"))
    return Reader(trained, name="walks")


@pytest.fixture
def standing_in(reader: Reader) -> Reader:
    """The same, which reads unknown names as known ones."""
    card = replace(reader.card, record={"follows": follows(walks())})
    other = Reader(TrainedModel(model=reader.trained.model, card=card), name="walks")
    other.stand_ins = True
    return other


@pytest.fixture(scope="session")
def untrained() -> Callable[..., Reader]:
    """Makes models of random weights."""
    return make_untrained


@pytest.fixture(scope="session")
def untrained_for() -> Callable[[list[Story]], Reader]:
    """Makes models of random weights that know the words of some stories."""
    return lambda stories: _random("relation-slot", Vocabulary.of(stories), stories)


@pytest.fixture(scope="session")
def stranger() -> Reader:
    """A model of random weights that knows no attic."""
    lines = ["mary went to the kitchen .", "where is mary ?"]
    return make_untrained("relation-slot", lines)


def make_untrained(variant: str, lines: list[str], answers: tuple[str, ...] = ()) -> Reader:
    """A model whose words are those of `lines`, and whose limits are the longest of them."""
    said = tuple(tuple(line.split()) for line in lines)
    words = {word for tokens in said for word in tokens}
    vocabulary = Vocabulary((PAD, *sorted(words | set(answers))), frozenset(answers))
    questions = tuple(Question(text=tokens, answer="", position=0) for tokens in said)
    return _random(variant, vocabulary, [Story(sentences=said, questions=questions)])


def _random(variant: str, vocabulary: Vocabulary, stories: list[Story]) -> Reader:
    sizes = sizes_of(vocabulary, stories)
    options: dict[str, Any] = _SMALL.get(variant, {"dim": 8, "slots": 3})
    card = ModelCard(
        variant=variant, options=options, sizes=sizes, vocabulary=vocabulary, record={}
    )
    torch.manual_seed(0)
    model = registry().variants[variant].build(sizes, options).eval()
    return Reader(TrainedModel(card=card, model=model), name=variant)


RELMEM = ["-c", "from relmem_cli.script import run; run()"]

WAIT = 60
"""Seconds after which a terminal that shows nothing has failed; torch is slow on a busy machine."""


@pytest.fixture
def start(model_file: Path, own_home: Path) -> Iterator[Callable[..., "pexpect.spawn[str]"]]:
    """Starts `relmem chat` with options, in a terminal of a size and with variables."""
    started: list[pexpect.spawn[str]] = []

    def start(
        *options: str, size: tuple[int, int] = (24, 80), **variables: str
    ) -> "pexpect.spawn[str]":
        child = pexpect.spawn(
            sys.executable,
            [*RELMEM, "chat", "--model", str(model_file), "--device", "cpu", *options],
            env=os.environ | {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"} | variables,
            dimensions=size,
            encoding="utf-8",
            codec_errors="replace",
            timeout=WAIT,
        )
        started.append(child)
        child.expect_exact(">")
        return child

    yield start
    for child in started:
        child.close(force=True)
