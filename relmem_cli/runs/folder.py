"""A run's folder: settings, metrics, the best model, and what --resume needs; light: no torch.

settings.toml      the resolved settings
metrics.jsonl      one object an epoch
best.safetensors   the best model by validation, with its card
last.safetensors   the trainer after its last finished epoch
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import NamedTuple

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import drop_abandoned, read_whole, write_atomically
from relmem_cli.plain import LONGEST_TOML, brief, brief_line, listed
from relmem_cli.runs.metrics import METRICS, read_metrics
from relmem_cli.training.cards import BEST, read_card
from relmem_cli.training.settings import Settings


class Rank(NamedTuple):
    """What validation says of a seed that was tried: less is better.

    errors    of its model, or the fewest of its first `restart_epochs`, as a fraction
    tie       of two with as many: the model's loss, or the first epoch that had so few
    """

    errors: float
    tie: float

    @property
    def flawless(self) -> bool:
        """Whether there was no error."""
        return self.errors == 0


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """Where one seed of a run writes."""

    path: Path

    @property
    def settings(self) -> Path:
        """The resolved settings."""
        return self.path / "settings.toml"

    @property
    def metrics(self) -> Path:
        """One JSON object an epoch."""
        return self.path / METRICS

    @property
    def best(self) -> Path:
        """The model."""
        return self.path / BEST

    @property
    def last(self) -> Path:
        """The trainer."""
        return self.path / "last.safetensors"

    @property
    def how_to_mend(self) -> str:
        """What to do where a file is damaged."""
        return f"Delete {self.path} to begin it anew, or choose another folder with --out."

    def drop_abandoned(self) -> None:
        """Delete what killed runs had begun to write here."""
        for path in (self.settings, self.metrics, self.best, self.last):
            drop_abandoned(path)

    def rank(self, settings: Settings) -> Rank:
        """How well its model did, or its first `restart_epochs` where the settings have some.

        Raises RelmemError where nothing here says so.
        """
        if settings.restart_epochs:
            first = read_metrics(self.metrics)[: settings.restart_epochs]
            tried = [Rank(line["validation_error"], line["epoch"]) for line in first]
        else:
            validation = read_card(self.best).record.get("validation")
            tried = [Rank(validation["errors"], validation["loss"])] if validation else []
        if not tried:
            raise RelmemError(f"{self.path} does not say how its model did in validation.")
        return min(tried)

    def begin(self, settings: Settings, *, resume: bool) -> None:
        """Write the settings of a run, new or with more epochs; raises what `check` raises.

        Where they are there already, nothing is written.
        """
        self.check(settings, resume=resume)
        text = settings.to_toml()
        with suppress(OSError):  # it is not there
            if read_whole(self.settings) == text.encode():
                return
        write_atomically(self.settings, text)

    def check_data(self, digest: Mapping[str, str]) -> None:
        """Raise UsageError where a model is here that was trained on other data than these.

        digest  that of `TaskData`; of a model that an earlier relmem trained nothing is known
        """
        if not self.best.exists():
            return
        try:
            before = read_card(self.best).record.get("data")
        except RelmemError as error:
            raise RelmemError(f"{error} {self.how_to_mend}") from error
        if changed := data_changes(before, digest):
            raise UsageError(
                f"{self.path} was trained on other data ({changed}); resume with the same, "
                "or choose another folder with --out."
            )

    def check(self, settings: Settings, *, resume: bool) -> None:
        """Raise UsageError for a folder that holds a run, unless that may be resumed, and a link.

        Then it was begun with the same settings, or with fewer epochs and none to refit.
        """
        refuse_link(self.path)
        if not self.settings.exists():
            return
        if not resume:
            raise UsageError(
                f"{self.path} already holds a run; add --resume to go on with it, "
                "or choose another folder with --out."
            )
        try:
            before = Settings.from_toml(read_whole(self.settings, 4 * LONGEST_TOML).decode())
        except OSError as error:
            raise UsageError(f"{self.settings} cannot be read: {error.strerror}.") from error
        except (UsageError, ValueError) as error:
            why = brief_line(str(error), 200)
            raise UsageError(f"{self.settings} is damaged: {why}") from error
        changed = [
            f"{key} was {brief(value, 40)}"
            for key, value in asdict(before).items()
            if value != getattr(settings, key)
        ]
        goes_on = settings == replace(before, epochs=settings.epochs) and not settings.refit
        if changed and not (goes_on and settings.epochs > before.epochs):
            raise UsageError(
                f"{self.path} was begun with other settings ({listed(changed)}); "
                "resume with the same, or choose another folder with --out."
            )


def refuse_link(path: Path) -> None:
    """Raise UsageError for a link, which would have what is written here written elsewhere."""
    if path.is_symlink():
        raise UsageError(
            f"{path} is a link, and relmem writes to none that lies in a folder of runs; put in "
            "its place what it leads to, or choose another folder with --out."
        )


def data_changes(before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """Such as "its 900 training questions are others now"; "" where nothing differs.

    before, now  what `TaskData` has as its digest; None where it was not noted
    """
    return ", ".join(
        f"its {text.partition(' ')[0]} {'words' if part == 'vocabulary' else part} are others now"
        for part, text in (before or {}).items()
        if text != now.get(part)
    )
