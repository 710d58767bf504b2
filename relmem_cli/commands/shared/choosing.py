"""The options that chat, ask and demo share; above all, which model they talk to."""

from typing import Annotated, Any

import typer

from relmem_cli.chat.view.theme import Theme
from relmem_cli.errors import UsageError

ModelOption = Annotated[
    str | None,
    typer.Option("--model", "-m", metavar="NAME|PATH", help="The model; see relmem models."),
]
TaskOption = Annotated[
    int | None,
    typer.Option(metavar="N", min=1, max=20, help="The model of one bAbI task instead."),
]
DeviceOption = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Print one JSON object for each question.")
]
ThemeOption = Annotated[
    Theme, typer.Option(help="auto, dark, light (for a light background) or plain (no colour).")
]
PanelOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME", help="Show a plugin's panel; may be repeated. See relmem plugins."
    ),
]


def chosen(context: Any, model: str | None, task: int | None) -> str:
    """The model's name; where both are given, a flag goes before an environment variable or file.

    Raises UsageError where both are given in the same way.
    """
    from relmem_cli.library import DEFAULT_MODEL, task_model

    if model is not None and task is not None:
        by_model, by_task = map(context.get_parameter_source, ("model", "task"))
        if by_model == by_task or by_model is None or by_task is None:
            raise UsageError("--model and --task both name a model; give one of them.")
        if by_model.value < by_task.value:
            return model
    if task is not None:
        return task_model(task)
    return DEFAULT_MODEL if model is None else model
