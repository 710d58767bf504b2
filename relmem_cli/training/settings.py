"""Everything that decides a training run."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from relmem_cli.contract import Kernels, Variant
from relmem_cli.errors import UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.plain import (
    Check,
    brief,
    brief_line,
    from_toml,
    is_plain,
    is_text,
    is_whole,
    table_of,
)

SCHEDULES = ("constant", "halving", "cosine")
RENAMING = ("auto", "off")
WORDS = ("closed", "open")
OPEN_WORDS = 120
"""Open words that a story may have in training unless `extra` says otherwise."""
SHUFFLED = ("stories", "questions")
OPTIMIZERS = ("adam", "adamw", "sgd", "adagrad", "adamax")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One run, resolved: what is trained, on what, and how.

    fold           the block of 1,000 questions of the 10k file, or -1 for the whole file
    batch          questions per step
    shuffle        stories: a step takes whole stories with all of their questions; questions: each
                   question by itself, with the sentences before it
    optimizer      adam (which with weight_decay is adamw), adamw, sgd, adagrad or adamax
    momentum       sgd's
    learning_rate  the first one; `schedule` is how it falls: constant, halving (every
                   `halve_every` epochs) or cosine (to a hundredth at the last epoch)
    restart_rate   what the second, fourth, ... of several seeds multiplies its learning rate by
    restart_epochs  epochs after which of several seeds only that with the fewest validation errors
                   goes on; 0, or as many as there are, for none: each seed trains to its end
    warmup         epochs over which the learning rate rises to its start
    clip           the largest norm of the gradient, 0 for no limit
    weight_decay   the part of every parameter that a step takes away, times the learning rate
    l2             the part of every parameter that is added to its gradient
    drop_connect   the part of some weights that is taken for zero, another one in every batch
    drop_from      the names of these weights, with commas between
    patience       epochs without fewer validation errors before the run stops
    validation     the fraction of the training questions that are held out to pick the epoch
    refit          epochs after these in which the held-out questions are trained on too, and none
                   is picked: the last one is kept, and validation picks among seeds alone
    split_seed     decides which stories those are; restarts share it
    words          closed: each word stands for itself; open: names, places and things are told
                   apart within a story alone, others in every epoch
    extra          words outside the vocabulary that a story may have, each with an id there; 0 for
                   none, or OPEN_WORDS where words are open
    rare           words in fewer stories than this are outside the vocabulary
    cap            the number of latest sentences kept of a story, 0 for the task's own
    kernels        what the model may use: auto or reference
    rename         whether words that play the same role are renamed in training: auto or off
    rename_after   epochs with the stories' own words before; without them some runs stay at chance
    rename_without  the number of a role that keeps its words, from 1; 0, or more than there are,
                   for none
    begin          the file of a model whose weights and vocabulary the run begins with, "" for none
    """

    variant: str
    task: str
    data: str = "en"
    fold: int = -1
    seed: int = 0
    epochs: int = 60
    batch: int = 32
    shuffle: str = "stories"
    optimizer: str = "adam"
    momentum: float = 0.0
    learning_rate: float = 0.01
    schedule: str = "cosine"
    halve_every: int = 25
    restart_rate: float = 1.0
    restart_epochs: int = 0
    warmup: int = 0
    clip: float = 5.0
    weight_decay: float = 0.0
    l2: float = 0.0
    drop_connect: float = 0.0
    drop_from: str = "encoder.words"
    patience: int = 25
    validation: float = 0.1
    refit: int = 0
    split_seed: int = 0
    words: str = "closed"
    extra: int = 0
    rare: int = 1
    cap: int = 0
    kernels: str = Kernels.auto.value
    rename: str = "off"
    rename_after: int = 25
    rename_without: int = 0
    begin: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_types()
        for name, lowest in _LOWEST.items():
            value, end = getattr(self, name), _END.get(name, _TOO_MUCH)
            if not lowest <= value < end:
                raise UsageError(f"{name} is {value}; it must be at least {lowest}, below {end:g}.")
        for name in ("learning_rate", "restart_rate", "validation"):
            value, end = getattr(self, name), _END.get(name, _TOO_MUCH)
            if not 0 < value < end:
                raise UsageError(f"{name} is {value}; it must be above 0, below {end:g}.")
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                value = brief(getattr(self, name))
                one_of = f"it must be one of {', '.join(allowed)}."
                hint = did_you_mean(str(getattr(self, name)), allowed, one_of)
                raise UsageError(f"{name} is {value}; {hint}")
        if self.rename == "auto" and self.rename_after >= self.epochs:
            raise UsageError(
                f"rename_after is {self.rename_after} and epochs {self.epochs}: no word would be "
                "renamed; train for more epochs or set rename_after lower."
            )
        if self.rename == "auto" and (self.extra or self.words == "open"):
            set_ = f"extra {self.extra}" if self.extra else "words open"
            raise UsageError(
                f"rename is auto and {set_}: words outside the vocabulary have no roles to be "
                "renamed in; set one of the two."
            )
        if not _NAME.fullmatch(self.task):
            raise UsageError(f"task is {brief(self.task)}; it must be a number or a name.")

    def _check_types(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            fits, wanted = _TYPES[one.type]
            if not fits(value):
                raise UsageError(f"{one.name} is {brief(value)}; it must be {wanted}.")

    @property
    def open_words(self) -> int:
        """How many words outside the vocabulary a story may have."""
        return self.extra or (OPEN_WORDS if self.words == "open" else 0)

    @property
    def most_epochs(self) -> int:
        """How many there are unless patience ends."""
        return self.epochs + self.refit

    def trial_epochs(self, restarts: int) -> int:
        """The epochs by which several seeds are judged, 0 where each trains to its end."""
        return self.restart_epochs if restarts > 1 and self.restart_epochs < self.epochs else 0

    def end(self, epoch: int, restarts: int) -> int:
        """The epoch up to which one of several seeds that is in `epoch` trains before others do."""
        trial = self.trial_epochs(restarts)
        return trial if epoch <= trial else self.most_epochs

    @property
    def name(self) -> str:
        """A name for the run's folder: variant, task, and what is not as usual."""
        parts = [self.variant, self.task]
        parts += [Path(self.data).name.replace(":", "-")] if self.data != "en" else []
        parts += [f"fold{self.fold}"] if self.fold >= 0 else []
        parts += [f"seed{self.seed}"] if self.seed else []
        return "-".join(parts)

    def to_toml(self) -> str:
        """As a TOML document that `from_toml` reads back."""
        plain = asdict(self)
        options = plain.pop("options")
        lines = [f"{key} = {json.dumps(value)}" for key, value in plain.items()]
        lines += ["", "[options]", *(f"{key} = {json.dumps(v)}" for key, v in options.items())]
        return "\n".join(lines) + "\n"

    @classmethod
    def from_toml(cls, text: str) -> "Settings":
        """The settings that `to_toml` wrote; raises UsageError for anything else."""
        try:
            plain = from_toml(text)
            if unknown := set(plain) - {one.name for one in fields(cls)}:
                raise ValueError(f"there is no setting {brief(min(unknown))}")
            return cls(**plain)
        except (TypeError, ValueError) as error:
            why = brief_line(str(error))
            raise UsageError(f"these are no settings of a run: {why}.") from error


def check_settings(values: Mapping[str, Any]) -> None:
    """Raise UsageError for a name that is no setting, or a value that it refuses."""
    known = {each.name for each in fields(Settings)} - _NOT_SHARED
    for name in values:
        if name not in known:
            hint = did_you_mean(name, known, f"there are {', '.join(sorted(known))}.")
            raise UsageError(f"there is no training setting {name!r}; {hint}")
    Settings(variant="", task="1", **values)


def seeds(settings: Settings, restarts: int) -> list[Settings]:
    """The settings of each seed of a run.

    Where words are renamed, the second of several seeds goes without, the third renames all roles
    but the first, the fourth all but the second: so validation decides whether a role is kept.
    Every second one learns at another rate where `restart_rate` is not 1.
    """
    each = []
    for place in range(restarts):
        seed = settings.seed + place
        rate = settings.learning_rate * (settings.restart_rate if place % 2 else 1)
        mine = replace(settings, seed=seed, learning_rate=rate)
        if settings.rename == "auto" and place == 1:
            mine = replace(mine, rename="off")
        elif settings.rename == "auto" and place > 1:
            mine = replace(mine, rename_without=place - 1)
        each.append(mine)
    return each


_TYPES: dict[Any, tuple[Check, str]] = {
    str: (is_text, "text"),
    int: (is_whole, "a whole number"),
    float: (lambda value: type(value) in (int, float), "a number"),
    dict[str, Any]: (table_of(is_plain), "a table"),
}
_TOO_MUCH = 1e12
_LOWEST = {
    "fold": -1, "seed": 0, "epochs": 1, "batch": 1, "halve_every": 1, "restart_epochs": 0,
    "warmup": 0, "clip": 0, "weight_decay": 0, "l2": 0, "momentum": 0, "drop_connect": 0,
    "patience": 1, "refit": 0, "split_seed": 0, "extra": 0, "rare": 1, "cap": 0,
    "rename_after": 0, "rename_without": 0,
}  # fmt: skip
_END = {"validation": 1, "drop_connect": 1, "momentum": 1}
_CHOICES = {
    "shuffle": SHUFFLED,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "kernels": tuple(kind.value for kind in Kernels),
    "rename": RENAMING,
    "words": WORDS,
}

_NAME = re.compile(r"\w[\w.+-]*")
_NOT_SHARED = {"variant", "task", "fold", "seed", "options"}
_OWN_FLAG = {
    "variant", "task", "data", "fold", "seed", "epochs", "kernels", "rename", "words", "begin",
    "options",
}  # fmt: skip
_FLAGS = {name: f"--{name}" for name in _OWN_FLAG - {"options", "begin"}} | {
    "begin": "--from", "restarts": "--restarts", "device": "--device", "threads": "--threads",
}  # fmt: skip
"""What `--set` does not take: options of their own, by the names that they may be given."""


def split_assignments(
    assignments: Sequence[str], variant: Variant
) -> tuple[dict[str, Any], dict[str, Any]]:
    """`--set key=value` as (training settings, the variant's options).

    Raises UsageError for what is neither, or is no value of the setting's type.
    """
    training = {f.name: f.default for f in fields(Settings) if f.name not in _OWN_FLAG}
    options = variant.defaults()
    chosen: tuple[dict[str, Any], dict[str, Any]] = ({}, {})
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            raise UsageError(f"--set {assignment!r} has no '='; write --set key=value.")
        for known, values in zip((training, options), chosen, strict=True):
            if key in known:
                values[key] = _parse(key, text.strip(), type(known[key]))
                break
        else:
            if flag := _FLAGS.get(key):
                raise UsageError(f"--set {key}: {key} is an option of its own, {flag} {text}.")
            names = [*sorted(options), *sorted(training)]
            hint = did_you_mean(key, names, f"it has {', '.join(names)}.")
            raise UsageError(f"--set {key}: {variant.name} has no such setting; {hint}")
    return chosen


def _parse(key: str, text: str, kind: type) -> Any:
    if kind is bool:
        if text.lower() in ("true", "yes", "on", "1"):
            return True
        if text.lower() in ("false", "no", "off", "0"):
            return False
        raise UsageError(f"--set {key}: {text!r} is not true or false.")
    try:
        return kind(text)
    except ValueError:
        wanted = {"int": "a whole number", "float": "a number"}[kind.__name__]
        raise UsageError(f"--set {key}: {text!r} is not {wanted}.") from None
