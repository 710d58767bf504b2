"""The recipes side by side."""

from typing import Any

from relmem_cli.reports.tables import Table
from relmem_cli.runs.recipe import all_recipes, resolved


def recipe_table() -> Table:
    """A row for every setting that the runs of a recipe share."""
    recipes = all_recipes()
    by_name = {name: _flat(resolved(recipe)) for name, recipe in recipes.items()}
    keys = dict.fromkeys(key for settings in by_name.values() for key in settings)
    return Table(
        title="Recipes",
        rows=[
            {"setting": key, **{name: _text(found.get(key)) for name, found in by_name.items()}}
            for key in keys
        ],
        notes=[f"{recipe.name}: {recipe.summary}" for recipe in recipes.values()],
    )


def _flat(settings: dict[str, Any]) -> dict[str, Any]:
    """Variants' options as settings of their own."""
    options = settings.pop("options")
    return {**settings, **options}


def _text(value: Any) -> str:
    return "the variant's own" if value is None else str(value)
