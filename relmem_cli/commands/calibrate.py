"""`relmem calibrate`: how sure a model may be of its answers."""

from typing import Any

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, say, show
from relmem_cli.errors import RelmemError
from relmem_cli.reports.tables import Table
from relmem_cli.sealing import off_stdout

app = typer.Typer(add_completion=False)

UNSEEN = "world:mixture,words=everyday,style=held-out,questions=3000"
"""Stories in phrasings that relmem's models are not trained on."""


@app.command()
def calibrate(
    model: str = typer.Argument(..., metavar="MODEL", help="A name (relmem models) or a file."),
    data: str = typer.Option(UNSEEN, help="Stories that it was not trained on, of any source."),
    device: str = typer.Option("auto", help="auto, cpu, cuda or mps."),
    format: Format = FormatOption,
) -> None:
    """Set how sure a model may be, by stories it has not seen.

    Its logits are divided by one number, the temperature that makes the right answers likeliest
    (Guo et al. 2017); answers stay the same, percentages become honest. The number is kept in the
    model's file, but for a model that ships with relmem. The table says what it was and is, and how
    many of the answers that were given with more than 90% were wrong.

    Example: relmem calibrate my-run --data world:mixture,words=everyday,style=held-out
    """
    from relmem_cli.asked_data import open_data
    from relmem_cli.library import library, look_up
    from relmem_cli.stories.sources import source_tasks

    found, source = look_up(model, device), open_data(data)
    tasks = tuple(source_tasks(source))
    from relmem_cli.training.calibration import temperature  # torch: refusals are over
    from relmem_cli.training.checkpoints import add_to_record

    with off_stdout():
        answers = _answers(found, device, [(source, task) for task in tasks])
    if not answers:
        raise RelmemError(f"{model} can give no answer to the questions of {data}.")
    was, now = float(found.card.record.get("temperature", 1.0)), temperature(answers)
    ships = any(one.name == model and one.origin == "relmem" for one in library())
    if not ships:
        add_to_record(found.path, {"temperature": now, "calibrated_on": data})
    table = Table(
        title=f"{model} on {sum(len(one.right) for one in answers):,} questions",
        rows=[_row(answers, "before", was), _row(answers, "now", now)],
        formats={"temperature": ".2f", "cross_entropy": ".3f", "wrong": ".1%"},
        headers={"when": "", "over_90": "over 90%", "wrong": "of those wrong"},
    )
    show(table, format)
    if ships:
        say(f"relmem: {model} ships with relmem and stays as it is; calibrate a copy of it.")


def _answers(found: Any, device: str, tasks: Any) -> Any:
    """What the model makes of all training questions of sources' tasks."""
    from relmem_cli.stories.batch import encode_story
    from relmem_cli.stories.checking import stories_of
    from relmem_cli.stories.tasks import as_read
    from relmem_cli.training.arithmetic import use_threads
    from relmem_cli.training.calibration import answered
    from relmem_cli.training.checkpoints import load_model
    from relmem_cli.training.device import pick_device

    use_threads(1)
    trained = load_model(found.path, {found.variant.name: found.variant}, pick_device(device))
    is_open = trained.card.sizes.words == "open"
    stories = [
        encode_story(story, trained.vocabulary, trained.card.sizes)
        for source, task in tasks
        for story in as_read(
            stories_of(source, task, "train"), found.variant.own_tokens, clauses=is_open
        )
    ]
    return answered(trained.model, stories)


def _row(answers: Any, when: str, temperature: float) -> dict[str, Any]:
    from relmem_cli.training.calibration import cross_entropy_at, sure

    certain = sure(answers, temperature)
    return {
        "when": when,
        "temperature": temperature,
        "cross_entropy": cross_entropy_at(answers, temperature),
        "over_90": certain.given,
        "wrong": certain.wrong / certain.given if certain.given else None,
    }
