"""The three ways to train a variant on a task that `benchmarks/training.py` compares."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

import torch
from baseline.examples import training_examples
from baseline.training import BaselineTraining
from baseline.weights import CLASSES, baseline_of
from machine import clock

from relmem_cli.contract import Variant
from relmem_cli.stories.tasks import TaskData
from relmem_cli.training.loop import Step, Trainer
from relmem_cli.training.settings import Settings


class Turn(NamedTuple):
    """Whole training steps: questions trained on, sentences read, seconds, and how many steps."""

    questions: int
    sentences: int
    seconds: float
    steps: int


class TrainingPath(Protocol):
    """One way to train."""

    def warm_up(self, seconds: float) -> None:
        """Train for about so long, uncounted."""

    def turn(self, seconds: float) -> Turn:
        """Train for at least so long."""


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A variant with its usual options, a task's data and a batch size, on a device."""

    variant: Variant
    task: str
    data: TaskData
    batch: int
    device: torch.device

    def settings(self) -> Settings:
        """The usual ones, and no end."""
        endless = 10**9
        return Settings(
            variant=self.variant.name,
            task=self.task,
            batch=self.batch,
            epochs=endless,
            patience=endless,
        )

    def model(self) -> Any:
        """The variant's model, the same weights every time."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            return self.variant.build(self.data.sizes).to(self.device)

    def of_one_sentence(self) -> "Cell":
        """The same with only the first sentence of every story, and all of its questions."""
        stories = tuple(
            replace(
                story,
                sentences=story.sentences[:1],
                questions=tuple(replace(each, position=1) for each in story.questions),
            )
            for story in self.data.train
        )
        return replace(self, data=replace(self.data, train=stories))

    def paths(self) -> dict[str, TrainingPath]:
        """Baseline, where there is one, reference and fast, with the same weights to begin with."""
        paths: dict[str, TrainingPath] = {}
        if self.variant.name in CLASSES:
            paths["baseline"] = BaselinePath(self)
        paths["reference"] = TrainerPath(self, kernels="reference")
        paths["fast"] = TrainerPath(self, kernels="auto")
        return paths


class BaselinePath:
    """One story per question and autograd; a turn is at least two batches."""

    def __init__(self, cell: Cell) -> None:
        self.device = cell.device
        self.training = BaselineTraining(
            model=baseline_of(cell.variant.name, cell.model(), cell.variant.options()),
            examples=training_examples(cell.data).to(cell.device),
            settings=cell.settings(),
        )

    def warm_up(self, seconds: float) -> None:
        """One batch: nothing is compiled here, and one can take seconds."""
        del seconds
        self.training.step()

    def turn(self, seconds: float) -> Turn:
        """The sentences are those of the questions' prefixes, without the pads."""
        batches = questions = sentences = 0
        started = clock(self.device)
        spent = 0.0
        while spent < seconds or batches < 2:
            batch = self.training.step()
            batches += 1
            questions += len(batch.answers)
            sentences += int(batch.lengths.sum())
            spent = clock(self.device) - started
        return Turn(questions, sentences, spent, batches)


class TrainerPath:
    """`relmem train`'s own loop; a turn is whole epochs, their validation not counted.

    Whole, because a step's work varies with the length of the stories in it.
    """

    def __init__(self, cell: Cell, *, kernels: str) -> None:
        model = cell.model()
        model.kernels = kernels
        self.device = cell.device
        self.trainer = Trainer(model=model, data=cell.data, settings=cell.settings())
        self.sentences = sum(
            max(question.position for question in story.questions) for story in cell.data.train
        )

    def warm_up(self, seconds: float) -> None:
        """At least two steps, at most an epoch, which the next turn then begins anew."""
        started = clock(self.device)
        for number, event in enumerate(self.trainer.run()):
            late = clock(self.device) - started > seconds
            if not isinstance(event, Step) or (late and number > 0):
                return

    def turn(self, seconds: float) -> Turn:
        """The sentences are each story's once, up to its last question."""
        questions = sentences = steps = 0
        spent = 0.0
        before = clock(self.device)
        for event in self.trainer.run():
            now = clock(self.device)
            if isinstance(event, Step):
                spent += now - before
                steps += 1
                if event.questions == event.of:
                    questions += event.of
                    sentences += self.sentences
            elif spent >= seconds:
                break
            before = clock(self.device)
        return Turn(questions, sentences, spent, steps)
