"""A run's folder: settings, metrics, the best model, and what --resume needs; light: no torch.

settings.toml      the resolved settings
metrics.jsonl      one object an epoch
best.safetensors   the best model by validation, with its card
last.safetensors   the trainer after its last finished epoch
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.files import forget_temporaries, write_atomically
from relmem_cli.plain import brief, brief_line, listed
from relmem_cli.runs.metrics import METRICS, read_metrics
from relmem_cli.training.cards import BEST, read_card
from relmem_cli.training.settings import Settings


@dataclass(frozen=True, kw_only=True)
class RunFolder:
    """Where a run writes."""

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

    def forget_temporaries(self) -> None:
        """Delete what a killed run had begun to write; whoever calls it is the sole writer."""
        for path in (self.settings, self.metrics, self.best, self.last):
            forget_temporaries(path)

    def rank(self, settings: Settings) -> tuple[float, float]:
        """What validation says of a seed that was tried: less is better, (0, ...) no error.

        (errors, loss) of its model, or the fewest errors of its first `restart_epochs`, as a
        fraction, and the first epoch that had so few.
        """
        if settings.restart_epochs:
            first = read_metrics(self.metrics)[: settings.restart_epochs]
            tried = [(line["validation_error"], line["epoch"]) for line in first]
        else:
            validation = read_card(self.best).record.get("validation")
            tried = [(validation["errors"], validation["loss"])] if validation else []
        if not tried:
            raise RelmemError(f"{self.path} does not say how its model did in validation.")
        return min(tried)

    def begin(self, settings: Settings, *, resume: bool) -> None:
        """Write the settings of a run, new or with more epochs; raises what `check` raises."""
        self.check(settings, resume=resume)
        write_atomically(self.settings, settings.to_toml())

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
        """Raise UsageError for a folder that holds a run, unless that may be resumed.

        Then it was begun with the same settings, or with fewer epochs and none to refit.
        """
        if not self.settings.exists():
            return
        if not resume:
            raise UsageError(
                f"{self.path} already holds a run; add --resume to go on with it, "
                "or choose another folder with --out."
            )
        try:
            before = Settings.from_toml(self.settings.read_text(encoding="utf-8"))
        except (OSError, UsageError, ValueError) as error:
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


def data_changes(before: Mapping[str, str] | None, now: Mapping[str, str]) -> str:
    """Such as "its 900 training questions are others now"; "" where nothing differs.

    before, now  what `TaskData` has as its digest; None where it was not noted
    """
    return ", ".join(
        f"its {text.partition(' ')[0]} {'words' if part == 'vocabulary' else part} are others now"
        for part, text in (before or {}).items()
        if text != now.get(part)
    )
