"""The training loop: epochs over stories, the best one kept by validation.

The loss is the model's: `StoryModel.loss` in contract/model.py; `_step` calls its `learner`.
"""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch

from relmem_cli.contract.model import Loss, StoryModel
from relmem_cli.errors import RelmemError
from relmem_cli.stories.batch import (
    EncodedStory,
    StoryBatch,
    batches,
    encode_story,
    question_by_question,
    word_by_word,
)
from relmem_cli.stories.story import Story
from relmem_cli.stories.tasks import TaskData
from relmem_cli.training.adam import Adam
from relmem_cli.training.arithmetic import subnormals_flushed
from relmem_cli.training.capture import CapturedStep
from relmem_cli.training.drop_connect import DropConnect, named_parameters
from relmem_cli.training.evaluation import Score, score
from relmem_cli.training.flat import FlatParameters
from relmem_cli.training.misfits import misfit, stored
from relmem_cli.training.optimizers import optimizer
from relmem_cli.training.rates import learning_rate, refitting_rate
from relmem_cli.training.renaming import OpenRenaming, Renaming
from relmem_cli.training.running_means import Losses
from relmem_cli.training.settings import Settings

ENDS = 5
"""Of so many answers of one open vocabulary's word, one teaches where an answer ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where an epoch stands: questions done of all, and the mean loss of late, in nats."""

    epoch: int
    questions: int
    of: int
    loss: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """A finished epoch (from 1): training loss in nats, seconds, and the best epoch so far.

    `parts` are those that the model names of its loss, if any. While it is refitted to all
    questions (`refit`), `validation` is what it was before.
    """

    epoch: int
    loss: float
    validation: Score
    learning_rate: float
    seconds: float
    questions_per_second: float
    best_epoch: int
    best_validation: Score
    refit: bool = False
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def best(self) -> bool:
        """Whether this is the best one."""
        return self.epoch == self.best_epoch


class Fewest(NamedTuple):
    """The fewest validation errors so far, and the first epoch that had so few."""

    errors: float
    epoch: int


class Trainer:
    """A model in training: `run` yields steps and epochs; `load_tensors` goes on from `tensors`.

    Every epoch's order of stories follows from the seed and the epoch alone, so a run that is
    resumed after an epoch goes on to the same bits as one that was never stopped (on the CPU).
    """

    def __init__(
        self,
        *,
        model: StoryModel[Any],
        data: TaskData,
        settings: Settings,
        renaming: Renaming | OpenRenaming | None = None,
    ) -> None:
        self.model = model
        self.data = data
        self.settings = settings
        self.renaming = renaming
        self.device = next(model.parameters()).device
        self.parameters = FlatParameters(model)
        self.optimizer = optimizer(settings, self.parameters.vector)
        self.dropped: Callable[[], AbstractContextManager[None]] = nullcontext
        if settings.drop_connect:
            some = named_parameters(model, settings.drop_from)
            self.dropped = DropConnect(some, settings.drop_connect).batch
        self.learner = model.learner()
        self._parts: tuple[str, ...] = ()
        self._learn: Callable[[StoryBatch], torch.Tensor] = self._step
        recordable = model.recordable and not _has_phases(model)
        if self.device.type == "cuda" and recordable and isinstance(self.optimizer, Adam):
            self._learn = CapturedStep(self._step, self.device)
        self.epoch = 0
        self.best_epoch = 0
        self.fewest = Fewest(errors=math.inf, epoch=0)
        self.best_score: Score | None = None
        self.best = _copy(model)
        self._train, held_out = self._encode(data.train), self._encode(data.validation)
        self._everything = [*self._train, *self._to_learn(held_out)]
        self._train = self._to_learn(self._train)
        self._held_out = [
            batch.to(self.device) for batch in batches(held_out, data.sizes, 2 * settings.batch)
        ]

    @property
    def fitted(self) -> int:
        """The epoch after which no errors are validated: all are over, or none fell for too long.

        It comes later while they fall. Where words are renamed, the wait begins with that at the
        earliest.
        """
        since = self.settings.rename_after if isinstance(self.renaming, Renaming) else 0
        return min(self.settings.epochs, max(self.fewest.epoch, since) + self.settings.patience)

    @property
    def done(self) -> bool:
        """Whether the last epoch is over."""
        return self.epoch >= self.fitted + self.settings.refit

    def run(self, until: int = 0) -> Iterator[Step | Epoch]:
        """Train to the end, or up to an epoch, yielding after every batch and after every epoch.

        Raises RelmemError when the loss is no longer finite.
        """
        if not self.done:
            self._check_logits()
        while not self.done and (not until or self.epoch < until):
            yield from self._epoch(self.epoch + 1)

    def _check_logits(self) -> None:
        """Raise RelmemError for logits of another shape, which would fail later and unnamed."""
        batch = self._held_out[0]
        with torch.inference_mode(), subnormals_flushed():
            logits = self.model.eval()(batch)
        wanted = [len(batch.answers), self.data.sizes.ids]
        if list(logits.shape) != wanted:
            raise RelmemError(
                f"the logits of variant {self.settings.variant} have shape {list(logits.shape)}; "
                f"they are [questions, vocabulary], here {wanted}: see its `answer` and `forward`."
            )

    def tensors(self) -> dict[str, torch.Tensor]:
        """All that `load_tensors` needs to go on after the last finished epoch, copied."""
        kept = {f"model.{name}": tensor for name, tensor in _copy(self.model).items()}
        kept |= {f"best.{name}": tensor for name, tensor in self.best.items()}
        adam = self.optimizer.tensors()
        return kept | {f"adam.{name}": tensor.cpu().clone() for name, tensor in adam.items()}

    def load_tensors(self, tensors: dict[str, torch.Tensor]) -> None:
        """Put back what `tensors` returned; raises ValueError where they are another model's."""
        theirs, best = _under("model.", tensors), _under("best.", tensors)
        own = stored(self.model.state_dict())
        if found := misfit(own, stored(theirs)) or misfit(own, stored(best)):
            raise ValueError(found)
        self.model.load_state_dict(theirs)
        self.best = best
        self.optimizer.load(_under("adam.", tensors))

    def _epoch(self, epoch: int) -> Iterator[Step | Epoch]:
        started = time.perf_counter()
        refit = epoch > self.fitted
        if refit:
            rate = refitting_rate(self.settings, epoch - self.fitted)
        else:
            rate = learning_rate(self.settings, epoch)
        self.optimizer.rate.fill_(rate)
        seed = self.settings.seed * 1_000_003 + epoch
        torch.manual_seed(seed)  # for what a variant draws, such as dropout
        generator = torch.Generator().manual_seed(seed)
        train = self._train_stories(epoch)
        everything = sum(len(story.questions) for story in train)
        losses, questions = Losses(), 0
        if self.model.epoch(epoch, self.settings.epochs) and not refit:
            self.fewest, self.best_score = Fewest(math.inf, epoch - 1), None
        self.model.train()
        for batch in batches(train, self.data.sizes, self.settings.batch, generator):
            with subnormals_flushed():
                loss = self._learn(batch)
            losses.add(loss, len(batch.answers))
            questions += len(batch.answers)
            yield Step(epoch=epoch, questions=questions, of=everything, loss=losses.recent())
        self.model.eval()
        parts = losses.means()
        mean = sum(parts)
        if not math.isfinite(mean):
            raise RelmemError(
                f"the loss is {mean} in epoch {epoch}; try a smaller learning_rate or clip."
            )
        training_seconds = time.perf_counter() - started
        validation = self.best_score
        if validation is None or not refit:
            validation = score(self.model, self._held_out, f"variant {self.settings.variant}")
            self.fewest = min(self.fewest, Fewest(validation.errors, epoch))
        best = self.best_score is None or _rank(validation) < _rank(self.best_score)
        self.epoch = epoch
        if best or self.settings.refit:
            self.best_epoch, self.best_score, self.best = epoch, validation, _copy(self.model)
        yield Epoch(
            epoch=epoch,
            loss=mean,
            validation=validation,
            learning_rate=rate,
            seconds=time.perf_counter() - started,
            questions_per_second=questions / training_seconds,
            best_epoch=self.best_epoch,
            best_validation=self.best_score or validation,
            refit=refit,
            parts=dict(zip(self._parts, parts, strict=False)),
        )

    def _step(self, batch: StoryBatch) -> torch.Tensor:
        batch = batch.to(self.device)
        self.parameters.zero_gradient()
        with self.dropped():
            loss = self._joined(self.learner(batch))
        if self.settings.l2:
            self.parameters.gradient.add_(self.parameters.vector, alpha=self.settings.l2)
        if self.settings.clip:
            self.parameters.clip_gradient(self.settings.clip)
        self.optimizer.step(self.parameters.gradient)
        return loss

    def _joined(self, loss: Loss) -> torch.Tensor:
        """A loss of named parts as a vector of them [parts], any other as it is."""
        if isinstance(loss, torch.Tensor):
            return loss
        self._parts = tuple(loss)
        return torch.stack(list(loss.values()))

    def _train_stories(self, epoch: int) -> list[EncodedStory]:
        """The stories that an epoch trains on, as it reads them."""
        stories = self._train if epoch <= self.fitted else self._everything
        if self.renaming is None:
            return stories
        if isinstance(self.renaming, Renaming) and epoch <= self.settings.rename_after:
            return stories
        return self.renaming.stories(stories, self.settings.seed, epoch)

    def _encode(self, stories: Sequence[Story]) -> list[EncodedStory]:
        return [encode_story(s, self.data.vocabulary, self.data.sizes) for s in stories]

    def _to_learn(self, stories: list[EncodedStory]) -> list[EncodedStory]:
        """Answers word by word where words are open, and questions one by one where so shuffled."""
        if self.data.sizes.words == "open":
            stories = [word_by_word(story, ends=ENDS) for story in stories]
        if self.settings.shuffle == "questions":
            stories = [alone for story in stories for alone in question_by_question(story)]
        return stories


def _rank(score: Score) -> tuple[int, float]:
    return score.errors, score.loss


def _has_phases(model: StoryModel[Any]) -> bool:
    return type(model).epoch is not StoryModel.epoch


def _copy(model: StoryModel[Any]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}


def _under(prefix: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(prefix): tensor
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }
