"""Whether a command that is shown could be typed: what it names is looked up in relmem itself."""

import re
from typing import Any

import typer

from relmem_cli.app import app
from relmem_cli.library import model_names
from relmem_cli.plugins import registry
from relmem_cli.runs.recipe import all_recipes
from relmem_cli.stories.catalogue import parse_tasks
from relmem_cli.training.settings import split_assignments

PLACEHOLDERS = {"N": "1", "E": "1", "DIR": "figures"}
"""What a reader puts in where a number or folder is meant."""

OF_THE_READER = {"fading", "my-model", "my-run", "kitchen-net", "coins", "swap"}
"""Variants, models, recipes and kinds that the pages have their reader make."""


def look_up(words: tuple[str, ...], *, whole: bool) -> None:
    """Raises an error where the command, an option, a value or a name is not relmem's.

    whole  whether it has all that it needs, so that it is parsed as when it is run
    """
    typed = [PLACEHOLDERS.get(word, word) for word in words[1:]]
    root = typer.main.get_command(app)
    if not whole:
        return _look_up_options(root, typed)
    context, command = root.make_context("relmem", list(typed)), root
    while hasattr(command, "commands") or command is root:
        rest = [*context._protected_args, *context.args]
        if not rest:
            return None
        name, command, rest = command.resolve_command(context, rest)
        context = command.make_context(name, rest, parent=context)
    return _look_up_names(context.params)


def _look_up_options(command: Any, typed: list[str]) -> None:
    """Raises LookupError where a word is no subcommand, or no option of the one before."""
    context = command.make_context("relmem", [], resilient_parsing=True)
    for word in typed:
        below = None if word.startswith("-") else command_of(command, context, word)
        if below is not None:
            command = below
        elif word.startswith("-") and word != "--help":
            known = {name for each in command.params for name in (*each.opts, *each.secondary_opts)}
            if word.partition("=")[0] not in known:
                raise LookupError(f"{command.name} has no option {word}")
        elif hasattr(command, "get_command") and word != "--help":
            raise LookupError(f"there is no command {word}")


def command_of(group: Any, context: Any, name: str) -> Any:
    """The group's command of that name; None where it is no group or has none such."""
    return group.get_command(context, name) if hasattr(group, "get_command") else None


def _look_up_names(params: dict[str, Any]) -> None:
    """Raises where a variant, setting, task, recipe or model is none."""
    found = registry()
    variants = _split(params.get("variant"))
    for name in variants:
        if name not in {*found.variants, *OF_THE_READER}:
            raise LookupError(f"there is no variant {name}")
    for name in filter(None, [params.get("recipe")]):
        if name not in {*all_recipes(), *OF_THE_READER}:
            raise LookupError(f"there is no recipe {name}")
    for text in _split(params.get("task"), ""):
        if text not in ("joint", "NE", "CN", "NE,CN"):
            parse_tasks(text)
    if variants and params.get("set") and variants[0] in found.variants:
        split_assignments(params["set"], found.variants[variants[0]])
    for name in _split(params.get("models") or params.get("model"), ""):
        _look_up_model(name, set(found.variants))


def _look_up_model(name: str, variants: set[str]) -> None:
    """A model that ships, a file, a pattern, or what a training on the same page makes."""
    made = re.fullmatch(r"([a-z-]+?)-(\d+|joint)(-world)?", name)
    known = {*model_names(), *OF_THE_READER}
    trained = made and made[1] in {*variants, *OF_THE_READER}
    if not (name in known or trained or name.isupper() or name.endswith((".safetensors", "*"))):
        raise LookupError(f"there is no model {name}")


def _split(value: Any, by: str = ",") -> list[str]:
    """The values of an option that may be repeated, or hold a list, or be left out."""
    values = [] if value is None else list(value) if isinstance(value, list | tuple) else [value]
    parts = [part for each in values for part in (str(each).split(by) if by else [str(each)])]
    return [part for part in parts if part]
