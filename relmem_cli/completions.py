"""What a shell offers on Tab for an option's value: names of models, variants, tasks and more."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr
from typing import Any

from typer.core import CompletionItem  # type: ignore[attr-defined]  # it is nowhere else

Offered = Iterable[tuple[str, str]]
"""Names, each with what it means, "" where it speaks for itself."""

VARIABLE = "_RELMEM_COMPLETE"
"""What a shell sets that asks for completions."""


def complete_values(option: Any) -> None:
    """Have a shell complete an option or argument that is called like something with names."""
    names = _NAMES.get(option.name)
    if names is not None and option.type.name in ("str", "int range"):
        option.shell_complete = lambda context, typed: _items(names(context), typed)


@contextmanager
def silence() -> Iterator[None]:
    """Nothing is said, a plugin's fault either: somebody is in the middle of a line."""
    with redirect_stderr(io.StringIO()):
        yield


def _items(names: Offered, typed: str) -> list[CompletionItem]:
    """Those that begin as typed; of a list with commas the last one is completed."""
    before, comma, last = typed.rpartition(",")
    return [
        CompletionItem(f"{before}{comma}{name}", help=meaning or None)
        for name, meaning in names
        if name.startswith(last)
    ]


def _models(context: Any) -> Offered:
    from relmem_cli.library import library  # noqa: PLC0415  # only a shell asks

    own = context.info_name in ("rm", "rename")
    return [(one.name, "") for one in library() if not own or one.origin == "yours"]


def _runs(_: Any) -> Offered:
    from relmem_cli.paths import runs_folder  # noqa: PLC0415
    from relmem_cli.runs.found import find_runs  # noqa: PLC0415

    home = runs_folder()
    runs = find_runs(home) if home.is_dir() else ()
    return [(str(folder.relative_to(home)), "") for folder in runs]


def _variants(_: Any) -> Offered:
    from relmem_cli.plugins import registry  # noqa: PLC0415

    return [(name, variant.summary) for name, variant in registry().variants.items()]


def _tasks(context: Any) -> Offered:
    from relmem_cli.stories.catalogue import TASKS  # noqa: PLC0415

    joint = [("joint", "one model for all")] if context.info_name == "train" else []
    return [*((str(number), task.name) for number, task in TASKS.items()), *joint]


def _recipes(_: Any) -> Offered:
    from relmem_cli.runs.recipe import all_recipes  # noqa: PLC0415

    return [(name, recipe.summary) for name, recipe in all_recipes().items()]


def _data(_: Any) -> Offered:
    from relmem_cli.plugins import registry  # noqa: PLC0415
    from relmem_cli.stories.sources import SETS  # noqa: PLC0415

    sources = registry().sources
    return [*((name, "") for name in SETS), *((name, one.summary) for name, one in sources.items())]


def _devices(_: Any) -> Offered:
    from relmem_cli.training.device_names import DEVICES  # noqa: PLC0415

    return [(name, "") for name in DEVICES]


_NAMES: Mapping[str, Callable[[Any], Offered]] = {
    "model": _models,
    "models": _models,
    "begin": _models,
    "run": _runs,
    "variant": _variants,
    "task": _tasks,
    "recipe": _recipes,
    "data": _data,
    "device": _devices,
}
"""By what an option is called in its command."""
