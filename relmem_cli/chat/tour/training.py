"""The tour of training: a small model learns before one's eyes, is tested, and asked."""

import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path

from rich.text import Text

from relmem_cli.chat.tour.guide import Guide, TourStep
from relmem_cli.contract import Variant
from relmem_cli.intervals import wilson
from relmem_cli.plugins import registry
from relmem_cli.runs.job import Job
from relmem_cli.runs.plan import combine
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.run import Run

VARIANT, EPOCHS, OPTIONS = "entnet", 12, ("slots=8", "dim=48")
"""What is trained: so small that it learns in seconds without kernels, which take half a minute
to compile where they have not run yet."""

DATA, TASK = "world", "1"
SHELL = "$ "
WIDEST_BAR = 40


def tour(guide: Guide, folder: Path, device: str, *, kept: bool) -> list[TourStep]:
    """Train in a folder; returns the steps that talk to the model there, which is the rest.

    kept  whether the folder will be there afterwards

    Raises LeftError where nobody wants to go on.
    """
    run = new_run(registry().variants.get_or_explain(VARIANT), folder, device, OPTIONS)
    _begin(guide, run)
    record = trained(guide, run, folder if kept else None)
    _test(guide, record)
    return [*CONVERSATION, TourStep(_end(folder, kept=kept), ("/clear",))]


CONVERSATION = (
    TourStep(
        "Now it is asked as any model in chat. The bars below a sentence are its slots: how far "
        "each was opened for writing.",
        ("Mary went to the kitchen.", "John went to the garden.", "Mary moved to the bathroom."),
    ),
    TourStep(
        "Nobody told it that a person needs a place to be remembered in. What each slot holds "
        "now, and how far it was read for the question:",
        ("Where is Mary?", "Where is John?", "/watch 5"),
    ),
)


def new_run(
    variant: Variant, folder: Path, device: str, options: tuple[str, ...] = (), epochs: int = 0
) -> Run:
    """A run of a variant on stories that are told anew, to write into a folder."""
    (settings,) = combine(
        [variant],
        [TASK],
        [-1],
        [0],
        assignments=options,
        data=DATA,
        epochs=epochs or EPOCHS,
        kernels="reference",
    )
    return Run(Job(settings=settings, source=None, folder=folder, device=device))


def command(run: Run, folder: Path | None) -> str:
    """What does the same in a shell."""
    settings = run.job.settings
    usual = run.variant.defaults()
    words = ["relmem", "train", "--variant", settings.variant, "--data", settings.data]
    words += ["--task", settings.task, "--epochs", str(settings.epochs), "--kernels", "reference"]
    for name, value in settings.options.items():
        words += ["--set", f"{name}={value}"] if value != usual[name] else []
    words += ["--out", str(folder)] if folder else []
    return shlex.join(words)


def _continued(command: str, width: int) -> str:
    """A command as a shell takes it on several lines, each of at most so many columns."""
    lines = textwrap.wrap(command, width - 2, break_long_words=False, break_on_hyphens=False)
    return " \\\n".join(lines)


def trained(guide: Guide, run: Run, folder: Path | None) -> RunRecord:
    """Train it, with a row for each epoch as it ends, and test it."""
    from relmem_cli.training.arithmetic import use_threads  # noqa: PLC0415  # torch
    from relmem_cli.training.loop import Epoch  # noqa: PLC0415

    guide.type(_continued(command(run, folder), guide.console.width - len(SHELL)), SHELL)
    use_threads(run.job.threads)
    for _, event in run.events():
        if isinstance(event, Epoch):
            error = event.validation.error
            guide.show(_row(event.epoch, error, event.loss, guide.console.width))
    return run.finish()


def tested(record: RunRecord) -> Text:
    """The errors on the test questions, with their interval."""
    errors, n = record.test_errors or 0, record.test_n or 1
    low, high = wilson(errors, n)
    return Text.assemble(
        "  ",
        (f"{errors:,} of {n:,} wrong: {errors / n:.1%}", "relmem.answer"),
        (f"  (95% interval {low:.1%} to {high:.1%})", "relmem.quiet"),
    )


def _begin(guide: Guide, run: Run) -> None:
    """Where the model learns from."""
    train, held_out = run.data.train, run.data.validation
    guide.say(
        "A model learns from stories with questions and their answers. relmem tells them itself; "
        "--data en takes bAbI's, where they are on your machine. The first story, in the words "
        "that the model reads:"
    )
    guide.show(Text("\n").join(_story(run)))
    asked = sum(len(story.questions) for story in train)
    held = sum(len(story.questions) for story in held_out)
    guide.say(
        f"{run.variant.name} ({run.variant.summary.rstrip('.')}) trains on {asked:,} such "
        f"questions, again in every epoch. {held:,} are held out: each bar is how many of those "
        f"it answers wrongly after an epoch. The likeliest answer alone would miss "
        f"{_guessing(run):.0%}."
    )


def _story(run: Run) -> Iterator[Text]:
    """Its lines up to the second question, in the words that the model reads."""
    story = run.data.train[0]
    questions = story.questions[:2]
    for number, sentence in enumerate(story.sentences[: questions[-1].position], start=1):
        yield Text.assemble((f"  {number} ", "relmem.quiet"), " ".join(sentence))
        for question in questions:
            if question.position == number:
                asked, answer = " ".join(question.text), (question.answer, "relmem.answer")
                yield Text.assemble((f"    {asked}  ", "relmem.quiet"), answer)


def _guessing(run: Run) -> float:
    """The error on held-out questions of the answer that is the most frequent in training."""
    answers = [q.answer for story in run.data.train for q in story.questions]
    most = max(set(answers), key=answers.count)
    held = [q.answer for story in run.data.validation for q in story.questions]
    return sum(answer != most for answer in held) / len(held)


def _row(epoch: int, error: float, loss: float, width: int) -> Text:
    """An epoch's bar."""
    room = max(5, min(WIDEST_BAR, width - (34 if width >= 60 else 20)))
    bar = "#" * (round(error * room) or int(error > 0))
    row = Text.assemble(
        (f"  epoch {epoch:>2} ", "relmem.quiet"),
        (f"{bar:<{room}}", "relmem.bar"),
        f" {error:>6.1%}",
        no_wrap=True,
    )
    if width >= 60:
        row.append(f"  loss {loss:.2f}", style="relmem.quiet")
    return row


def _test(guide: Guide, record: RunRecord) -> None:
    guide.say(
        f"Epoch {record.epoch} was the first with the fewest errors; it is kept. What counts "
        "are questions that it was neither trained on nor chosen by:"
    )
    guide.show(tested(record))


def _end(folder: Path, *, kept: bool) -> str:
    where = (
        f"The model stays in {folder}: relmem chat --model {folder} talks to it again."
        if kept
        else "Nothing of this stays on your disk; relmem demo train --out FOLDER keeps the model."
    )
    return f"{where} /watch shows its slots live. A clean page: your turn."
