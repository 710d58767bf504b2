"""`relmem params`: how many parameters, and where they are."""

from typing import TYPE_CHECKING, Any

import typer

from relmem_cli.commands.shared.output import Format, FormatOption, say, show
from relmem_cli.errors import RelmemError, UsageError

if TYPE_CHECKING:
    from relmem_cli.contract import Variant
    from relmem_cli.reports.parameters import Count

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def params() -> None:
    """Count parameters beside the paper's figures.

    Examples:

      relmem params table

      relmem params show --variant relation-slot --task 1
    """


@app.command()
def table(
    variant: list[str] = typer.Option(
        [],
        "--variant",
        "-v",
        help="Only this variant; may be repeated. By default all but the field's.",
    ),
    task: str = typer.Option("1-20", "--task", "-t", help="7, a range or a list: 1,4,12-15."),
    format: Format = FormatOption,
) -> None:
    """Count parameters by task and variant, beside the paper's.

    They are counted from the built modules; no data is needed.

    Examples:

      relmem params table

      relmem params table --variant relation-slot --format json
    """
    from relmem_cli.stories.catalogue import parse_tasks

    numbers, chosen = parse_tasks(task), _named(variant)
    from relmem_cli.reports.parameters import count_rows, count_table  # torch: refusals are over

    counts = _count_all(chosen, numbers)
    people = format in (Format.table, Format.md)
    show(count_table(counts) if people else count_rows(counts), format)


@app.command("show")
def show_one(
    variant: str = typer.Option(..., "--variant", "-v", help="Which variant: relmem variants."),
    task: str = typer.Option(..., "--task", "-t", help="Whose vocabulary and lengths: 1 to 20."),
    set: list[str] = typer.Option(
        [], "--set", "-s", metavar="OPTION=VALUE", help="An option of the variant, as slots=10."
    ),
    format: Format = FormatOption,
) -> None:
    """Every tensor of a model by group, with shapes and sums.

    Examples:

      relmem params show --variant relation-slot --task 1

      relmem params show --variant multi-hop --task 7 --set dim=50
    """
    from relmem_cli.plugins import registry
    from relmem_cli.stories.catalogue import TASKS, parse_tasks

    chosen = registry().variants.get_or_explain(variant)
    numbers = parse_tasks(task)
    if len(numbers) > 1:
        raise UsageError(f"task {task!r} names {len(numbers)} tasks; params show takes one.")
    options = _options(set, chosen)
    wanted = TASKS[numbers[0]]
    title = f"{variant} on task {wanted.number}, {wanted.name}"
    from relmem_cli.reports.parameters import for_people, group_table  # torch: refusals are over

    made = group_table(chosen, wanted.sizes, options, title)
    show(for_people(made) if format in (Format.table, Format.md) else made, format)


def _named(names: list[str]) -> "list[Variant]":
    """The variants of those names, each once."""
    from relmem_cli.plugins import registry

    return [registry().variants.get_or_explain(name) for name in dict.fromkeys(names)]


def _count_all(chosen: "list[Variant]", tasks: tuple[int, ...]) -> "list[Count]":
    """Counts of the chosen variants; where none is chosen, of those that can be built.

    Those of the field are not among the latter: a table of two dozen columns tells nobody anything.
    """
    from relmem_cli.plugins import registry
    from relmem_cli.reports.parameters import count

    if chosen:
        return [one for variant in chosen for one in count(variant, tasks)]
    counts = []
    for name, variant in registry().variants.items():
        if registry().variants.origin(name).is_own("field"):
            continue
        try:
            counts += count(variant, tasks)
        except RelmemError as error:
            say(f"relmem: left out {variant.name}: {error}")
    if not counts:
        raise RelmemError("no variant could be counted; relmem plugins says what is installed.")
    return counts


def _options(assignments: list[str], variant: "Variant") -> dict[str, Any]:
    """`--set` as the variant's options; a training setting changes no parameter and is refused."""
    from relmem_cli.training.settings import split_assignments

    training, options = split_assignments(assignments, variant)
    variant.parse_options(options)
    if training:
        known = ", ".join(variant.defaults())
        raise UsageError(
            f"--set {next(iter(training))} is a setting of training, not an option of "
            f"{variant.name}; its options are {known}."
        )
    return options
