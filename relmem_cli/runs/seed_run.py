"""A seed's part of a run, whose folder is kept up to date: it can be stopped and gone on with."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from safetensors.torch import save

from relmem_cli import __version__
from relmem_cli.contract import Kernels
from relmem_cli.errors import RelmemError
from relmem_cli.files import write_atomically
from relmem_cli.plain import brief_line, from_json, is_count
from relmem_cli.runs.job import Seed
from relmem_cli.stories.follows import follows
from relmem_cli.training.card_records import is_score
from relmem_cli.training.cards import FORMAT, ModelCard, check_card
from relmem_cli.training.checkpoints import begin_with, check_loadable, read_tensors, save_model
from relmem_cli.training.evaluation import Score
from relmem_cli.training.loop import Epoch, Fewest, Step, Trainer
from relmem_cli.training.renaming import Renaming

if TYPE_CHECKING:
    from relmem_cli.runs.run import Run

LONGEST_LAST = 64 << 20
"""Bytes of the header of a file to resume from: it has all epochs' metrics."""

SAVE_EVERY_SECONDS = 15.0
"""How much training a killed process loses at most, besides the epoch it was in."""


class _Kept(NamedTuple):
    """A finished epoch, ready to be written."""

    tensors: dict[str, torch.Tensor]
    progress: dict[str, str]
    best: dict[str, torch.Tensor]
    card: ModelCard


class SeedRun:
    """A seed's trainer, from where its folder is; `events` goes on and keeps that up to date."""

    def __init__(self, run: "Run", seed: Seed) -> None:
        self.data = data = run.data
        self.settings, self.folder = settings, folder = seed
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            model = run.variant.build(data.sizes, dict(settings.options)).to(run.torch_device)
            if not folder.last.exists():
                model.prepare(data.vocabulary, data.train)
                check_loadable(run.variant, model, settings.options)
                if settings.begin:
                    begin_with(model, Path(settings.begin), data.vocabulary)
        model.kernels = Kernels(settings.kernels)
        renaming = run.renaming
        if isinstance(renaming, Renaming):
            keeps = settings.rename == "off"
            renaming = None if keeps else renaming.without(settings.rename_without)
        self.trainer = Trainer(model=model, data=data, settings=settings, renaming=renaming)
        self._metrics: list[str] = []
        self._seconds = 0.0
        self._device = str(run.torch_device)
        if folder.last.exists():
            self._resume()
        else:
            folder.metrics.unlink(missing_ok=True)  # of a run that was killed before it saved

    def events(self, until: int = 0) -> Iterator[Step | Epoch]:
        """Train to the end, or up to an epoch.

        However it ends, the last finished epoch is on disk afterwards.
        """
        check_card(self.card())  # what the first epoch's model has is not to be waited for then
        saved = time.monotonic()
        kept: _Kept | None = None
        try:
            for event in self.trainer.run(until):
                if isinstance(event, Epoch):
                    self._note(event)
                    kept = self._keep()
                    if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                        self._save(kept)
                        kept, saved = None, time.monotonic()
                yield event
        finally:
            if kept is not None:
                self._save(kept)

    def card(self) -> ModelCard:
        """The best model's card."""
        trainer = self.trainer
        return ModelCard(
            variant=self.settings.variant,
            options=self.settings.options,
            sizes=self.data.sizes,
            vocabulary=self.data.vocabulary,
            record={
                "settings": asdict(self.settings),
                "notes": list(self.data.notes),
                "data": self.data.digest,
                "roles": self._roles(),
                "follows": self._follows,
                "epoch": trainer.best_epoch,
                "validation": asdict(trainer.best_score) if trainer.best_score else None,
                "parameters": sum(p.numel() for p in trainer.model.parameters()),
                "seconds": round(self._seconds, 1),
                "device": self._device,
                "relmem": __version__,
                "torch": torch.__version__,
            },
        )

    @cached_property
    def _follows(self) -> dict[str, list[str]]:
        """Which words follow which in the training stories."""
        vocabulary = self.data.vocabulary
        known = cache(vocabulary.knows) if vocabulary.is_open else None  # few words, many tokens
        return follows(self.data.train, known)

    def _roles(self) -> dict[str, Any]:
        """The roles whose words were renamed until the best epoch."""
        renaming = self.trainer.renaming
        renamed = renaming and self.trainer.best_epoch > self.settings.rename_after
        return renaming.record() if renaming and renamed else {}

    def _note(self, epoch: Epoch) -> None:
        self._seconds += epoch.seconds
        self._metrics.append(json.dumps(_metrics(epoch)))
        with self.folder.metrics.open("a", encoding="utf-8") as file:
            file.write(self._metrics[-1] + "\n")

    def _keep(self) -> _Kept:
        trainer = self.trainer
        progress = {
            "format": FORMAT,
            "epoch": str(trainer.epoch),
            "best_epoch": str(trainer.best_epoch),
            "best_score": json.dumps(asdict(trainer.best_score) if trainer.best_score else None),
            "fewest": json.dumps(trainer.fewest),
            "seconds": str(self._seconds),
            "metrics": "\n".join(self._metrics),
        }
        return _Kept(trainer.tensors(), progress, trainer.best, self.card())

    def _save(self, kept: _Kept) -> None:
        save_model(self.folder.best, kept.best, kept.card)
        write_atomically(self.folder.last, save(kept.tensors, kept.progress))

    def _resume(self) -> None:
        try:
            self._load_last()
        except RelmemError as error:
            raise RelmemError(f"{error} {self.folder.how_to_mend}") from error
        except (KeyError, ValueError, RuntimeError) as error:
            why = brief_line(str(error))
            raise RelmemError(
                f"{self.folder.last} does not fit this run ({why}). {self.folder.how_to_mend}"
            ) from error

    def _load_last(self) -> None:
        progress, tensors = read_tensors(self.folder.last, LONGEST_LAST)
        if progress.get("format") != FORMAT:
            raise ValueError(f"it was saved by another relmem, whose models are not {FORMAT}")
        best, fewest = from_json(progress["best_score"]), from_json(progress["fewest"])
        if not (best is None or is_score(best)) or not _is_fewest(fewest):
            raise ValueError("how it did in validation is damaged")
        trainer = self.trainer
        trainer.load_tensors(tensors)
        trainer.epoch = int(progress["epoch"])
        trainer.best_epoch = int(progress["best_epoch"])
        trainer.best_score = Score(**best) if best else None
        trainer.fewest = Fewest(*fewest)
        self._seconds = float(progress["seconds"])
        self._metrics = progress["metrics"].split("\n")
        write_atomically(self.folder.metrics, progress["metrics"] + "\n")


def _is_fewest(value: Any) -> bool:
    """Whether it is errors, of which there may be infinitely many, and an epoch."""
    pair = isinstance(value, list) and len(value) == 2
    return pair and all(is_count(one) or one == math.inf for one in value)


def _metrics(epoch: Epoch) -> dict[str, Any]:
    return {
        "epoch": epoch.epoch,
        "loss": epoch.loss,
        "validation_error": epoch.validation.error,
        "validation_loss": epoch.validation.loss,
        "learning_rate": epoch.learning_rate,
        "seconds": round(epoch.seconds, 3),
        "questions_per_second": round(epoch.questions_per_second, 1),
        "best": epoch.best,
        **({"parts": dict(epoch.parts)} if epoch.parts else {}),
        **({"measures": dict(measures)} if (measures := epoch.validation.measures) else {}),
    }
