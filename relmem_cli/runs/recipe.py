"""Recipes, relmem's own and those of plugins, and the runs that they make."""

from dataclasses import asdict
from typing import Any

from relmem_cli.builtin_recipes import RECIPES
from relmem_cli.contract import Recipe, Variant
from relmem_cli.errors import UsageError
from relmem_cli.nearest import did_you_mean
from relmem_cli.plugins import registry
from relmem_cli.stories.catalogue import TaskName
from relmem_cli.training.settings import Settings

_OF_A_RUN = ("variant", "task", "fold", "seed", "options")


def settings_of(
    recipe: Recipe, variant: Variant, *, task: TaskName, fold: int, seed: int
) -> Settings:
    """The settings of one run; raises UsageError for a value that the variant refuses."""
    mine = {key: value for key, value in recipe.options.items() if key in variant.defaults()}
    variant.parse_options(mine)
    return Settings(
        variant=variant.name,
        task=str(task),
        fold=fold,
        seed=seed,
        options={**variant.defaults(), **mine},
        **{**variant.training, **recipe.settings},
    )


def resolved(recipe: Recipe) -> dict[str, Any]:
    """Every setting that all its runs share, those at their default too."""
    settings = asdict(Settings(variant="", task="1", **recipe.settings))
    shared = {key: value for key, value in settings.items() if key not in _OF_A_RUN}
    return {**shared, "restarts": recipe.restarts, "options": dict(recipe.options)}


def all_recipes() -> dict[str, Recipe]:
    """Relmem's own, and those of plugins."""
    return {**RECIPES, **{name: registry().recipes[name] for name in registry().recipes}}


def find_recipe(name: str) -> Recipe:
    """The recipe of that name; raises UsageError that names those there are."""
    if name in RECIPES:
        return RECIPES[name]
    if name not in registry().recipes:
        known = all_recipes()
        hint = did_you_mean(name, known, f"there are: {', '.join(known)}.")
        raise UsageError(f"there is no recipe {name!r}; {hint}")
    return registry().recipes[name]


def published_error(recipe: str, variant: str, task: str) -> float | None:
    """What is published of a variant trained like that, a fraction; None where nothing is."""
    found = all_recipes().get(recipe.removesuffix("-quick"))
    error = found.published.get(variant, {}).get(task) if found else None
    return None if error is None else error / 100
