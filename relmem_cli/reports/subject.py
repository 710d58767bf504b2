"""A model that is to be tested, and on what; light: nothing is loaded before it is tested."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from relmem_cli.asked_data import asked_tasks, open_data
from relmem_cli.errors import UsageError
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.sources import SETS, BabiFolder, Source, source_tasks
from relmem_cli.stories.tasks import JOINT, Tokens, tasks_of
from relmem_cli.training.cards import ModelCard
from relmem_cli.training.settings import Settings

if TYPE_CHECKING:
    from relmem_cli.training.checkpoints import TrainedModel


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model to be tested, by the name that was asked for.

    load   loads it, once, when it is tested
    usual  its variant's defaults
    tokens  its variant's own, if any
    """

    name: str
    card: ModelCard
    load: "Callable[[], TrainedModel]"
    usual: Mapping[str, Any] = field(default_factory=dict)
    tokens: Tokens | None = None

    @cached_property
    def trained(self) -> "TrainedModel":
        """The model itself; raises RelmemError where it cannot be loaded."""
        return self.load()

    @property
    def open_words(self) -> bool:
        """Whether it reads sentences clause by clause, with open words."""
        return self.card.sizes.words == "open"

    @cached_property
    def settings(self) -> Settings | None:
        """How it was trained, or None where its card does not say."""
        try:
            return Settings(**self.card.record["settings"])
        except (KeyError, TypeError, UsageError):
            return None

    @property
    def joint(self) -> bool:
        """Whether it was trained on all tasks together."""
        return self.settings is not None and self.settings.task == JOINT

    def tasks(self, source: Source) -> tuple[TaskName, ...]:
        """The source's tasks that it was trained on.

        Raises UsageError where its card does not say, or the source does not have them.
        """
        return tasks_of(source, self._known("--task").task)

    def data(self) -> str:
        """The data whose test files belong to what it was trained on: a 10k set shares its 1k's.

        Raises UsageError where its card does not say.
        """
        name = self._known("--data").data
        return name.removesuffix("-10k") if name in SETS else name

    def _known(self, flag: str) -> Settings:
        if self.settings is None:
            raise UsageError(
                f"{self.name} does not say what it was trained on; name it with {flag}."
            )
        return self.settings


def planned(subject: Subject, data: str, task: str) -> tuple[Source, Sequence[TaskName]]:
    """Where a model's test stories come from and the tasks; one of them is there.

    data, task  as --data and --task have them; "" for the model's own

    Raises RelmemError where there are none.
    """
    data = data or subject.data()
    asked = asked_tasks(task, data) if task else None
    source = open_data(data)
    every = source_tasks(source)
    tasks = asked or (tuple(every) if len(every) == 1 else subject.tasks(source))
    check_tests(source, tasks)
    return source, tasks


def check_tests(source: Source, tasks: Sequence[TaskName]) -> None:
    """Raise MissingFileError where a folder has a test file of none of the tasks."""
    numbers = [task for task in tasks if isinstance(task, int)]
    if isinstance(source, BabiFolder) and not any(source.has(task, "test") for task in numbers):
        source.file(numbers[-1], "test")
