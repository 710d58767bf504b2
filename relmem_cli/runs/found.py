"""Runs that there are: what their folders say of them; light: no torch."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import can_exist, read_whole
from relmem_cli.plain import LONGEST_TOML, brief_line
from relmem_cli.runs.folder import RunFolder
from relmem_cli.runs.locks import is_busy
from relmem_cli.runs.metrics import read_metrics
from relmem_cli.training.cards import ModelCard, read_card
from relmem_cli.training.settings import Settings

_SEED = re.compile(r"seed-\d+")
"""The folder of one of several seeds."""

_DEPTH = 3
"""Folders below each other that are looked through: a grid of runs lies in one of several."""


@dataclass(frozen=True, kw_only=True)
class FoundRun:
    """A run as its folder tells it.

    settings  of the seed that was kept, or of the last one that was begun
    epochs    that seed's, as metrics.jsonl has them
    card      the model's, None where there is none yet
    busy      whether a process says that it trains there
    """

    folder: Path
    settings: Settings
    epochs: Sequence[Mapping[str, Any]]
    card: ModelCard | None
    busy: bool

    @property
    def record(self) -> Mapping[str, Any]:
        """What the card says of the training, {} where there is none."""
        return self.card.record if self.card else {}

    @property
    def state(self) -> str:
        """Done, training, or stopped."""
        if self.record.get("test"):
            return "done"
        return "training" if self.busy else "stopped"

    @property
    def validation_error(self) -> float | None:
        """The kept model's, or the lowest so far; a fraction."""
        score = self.record.get("validation")
        if score:
            return float(score["errors"] / score["n"])
        return min((float(one["validation_error"]) for one in self.epochs), default=None)

    @property
    def test_error(self) -> float | None:
        """The mean over the tasks that it was tested on, a fraction."""
        tests = [test["errors"] / test["n"] for test in (self.record.get("test") or {}).values()]
        return sum(tests) / len(tests) if tests else None


def find_runs(folder: Path) -> Iterator[Path]:
    """The folders of the runs in a folder and up to three below it, in order of their names.

    A run of several seeds is one. Raises UsageError where there is no such folder.
    """
    if not can_exist(folder) or not folder.is_dir():
        raise UsageError(f"there is no folder {brief_line(str(folder), 200)}.")
    patterns = ["*/" * depth + "settings.toml" for depth in range(_DEPTH + 2)]
    homes = (path.parent for pattern in patterns for path in folder.glob(pattern))
    yield from sorted(set(map(_run_of, homes)))


def read_run(folder: Path) -> FoundRun:
    """What a run's folder says; raises RelmemError where it is none, or a file is damaged."""
    model = RunFolder(path=folder).best
    card = read_card(model) if model.exists() else None
    home = RunFolder(path=_kept(folder, card))
    try:
        settings = Settings.from_toml(read_whole(home.settings, 4 * LONGEST_TOML).decode())
    except (UsageError, ValueError) as error:
        raise RelmemError(f"{home.settings} is damaged: {brief_line(str(error), 200)}") from error
    except OSError as error:
        raise RelmemError(f"{folder} holds no run: {error.strerror}.") from error
    return FoundRun(
        folder=folder,
        settings=settings,
        epochs=read_metrics(home.metrics),
        card=card,
        busy=is_busy(folder),
    )


def _kept(folder: Path, card: ModelCard | None) -> Path:
    """The folder of the seed that was kept, of several; else of the last one that was begun."""
    seeds = sorted(folder.glob("seed-*/settings.toml"), key=lambda path: path.stat().st_mtime)
    if not seeds or (folder / "settings.toml").exists():
        return folder
    kept = card.record.get("settings", {}).get("seed") if card else None
    return next(
        (path.parent for path in seeds if path.parent.name == f"seed-{kept}"), seeds[-1].parent
    )


def _run_of(home: Path) -> Path:
    """The run that a folder with settings belongs to."""
    return home.parent if _SEED.fullmatch(home.name) else home
