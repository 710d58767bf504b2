"""How a model does on test stories."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from relmem_cli.api.calling import at_work, told_in_python
from relmem_cli.api.drawing import draw_tested
from relmem_cli.intervals import wilson
from relmem_cli.stories.catalogue import TaskName, title

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from relmem_cli.reports.assessment import Assessed
    from relmem_cli.reports.subject import Subject
    from relmem_cli.stories.sources import Source


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TaskError:
    """The test error of a task.

    task    a bAbI number, or a source's own name
    title   what it is called
    errors  wrong answers, of `n` questions
    """

    task: TaskName
    title: str
    errors: int
    n: int

    @property
    def error(self) -> float:
        """The fraction of wrong answers."""
        return self.errors / self.n

    @property
    def low(self) -> float:
        """The lower end of the error's 95% interval, Wilson's."""
        return wilson(self.errors, self.n)[0]

    @property
    def high(self) -> float:
        """The upper end of the error's 95% interval, Wilson's."""
        return wilson(self.errors, self.n)[1]

    def __repr__(self) -> str:
        return f"<TaskError {self.error:.1%} ({self.errors} of {self.n}) on task {self.task}>"


class Evaluation:
    """A model's test errors.

    model  its name
    data   the name of what it was tested on
    tasks  the error of every task
    notes  what has to be said of the tests: missing files, words that the model does not know
    """

    def __init__(self, subject: "Subject", source: "Source", assessed: "Assessed") -> None:
        from relmem_cli.reports.error_tables import columns_of, unknown_words  # noqa: PLC0415

        self.model, self.data = subject.name, assessed.data
        self.tasks: dict[TaskName, TaskError] = {
            task: TaskError(
                task=task,
                title=assessed.titles.get(task, title(task)),
                errors=result.score.errors,
                n=result.score.n,
            )
            for task, result in assessed.results.items()
        }
        unknown = [unknown_words(column) for column in columns_of([assessed])]
        self.notes = (*assessed.missing, *filter(None, unknown))
        self._subject, self._source = subject, source

    @property
    def error(self) -> float:
        """The mean of the tasks' errors, a fraction."""
        return sum(one.error for one in self.tasks.values()) / len(self.tasks)

    def samples(self) -> list[dict[str, Any]]:
        """Every test question as the model answered it.

        Each has "task", "story" (its place in the file, from 0), "question", "answer", "right" (the
        true answer), "correct", "probability" and "alternatives". Answers everything once more.
        """
        from relmem_cli.reports.assessment import sample_rows  # noqa: PLC0415  # torch

        with at_work():
            return list(sample_rows(self._subject, self._source, list(self.tasks)))

    def plot(self) -> "Figure":
        """The errors as bars; raises RelmemError where matplotlib is not installed."""
        shown = {f"{task} {one.title}".strip(): one for task, one in self.tasks.items()}
        return draw_tested(shown, f"{self.model}, tested on {self.data}")

    def __repr__(self) -> str:
        count = len(self.tasks)
        on = f"task {next(iter(self.tasks))}" if count == 1 else f"{count} tasks"
        return f"<Evaluation of {self.model} on {self.data}, {on}: {self.error:.1%} wrong>"


def evaluate(subject: "Subject", data: str, task: str) -> Evaluation:
    """Test a model; raises RelmemError where there is nothing to test it on."""
    from relmem_cli.reports.assessment import assess  # noqa: PLC0415  # torch
    from relmem_cli.reports.subject import planned  # noqa: PLC0415

    with told_in_python():
        source, tasks = planned(subject, data, task)
    with at_work():
        return Evaluation(subject, source, assess(subject, source, tasks))
