"""Recipes: the training settings that `relmem reproduce` uses for every task and variant alike."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from relmem_cli.contract import Variant
from relmem_cli.errors import UsageError
from relmem_cli.training.settings import Settings

_OF_A_RUN = ("variant", "task", "fold", "seed", "options")


VARIANTS = ("entnet", "multi-hop", "relation-slot", "self-memory")
"""The variants of the paper's Table 6, in its order."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One way to train, whatever the task.

    variants  what it trains where no other is asked for
    settings  fields of Settings that are not at their default
    restarts  how many seeds a run tries; validation picks one
    options   values by name of option, for the variants that have it
    """

    name: str
    summary: str
    variants: tuple[str, ...] = VARIANTS
    settings: Mapping[str, Any] = field(default_factory=dict)
    restarts: int = 1
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def quick(self) -> "Recipe":
        """The same with one restart, under a name of its own, so that results are kept apart."""
        return replace(self, name=f"{self.name}-quick", restarts=1)

    def run(self, variant: Variant, *, task: int, fold: int, seed: int) -> Settings:
        """The settings of one run; raises UsageError for a value that the variant refuses."""
        mine = {key: value for key, value in self.options.items() if key in variant.defaults()}
        variant.parse_options(mine)
        return Settings(
            variant=variant.name,
            task=str(task),
            fold=fold,
            seed=seed,
            options={**variant.defaults(), **mine},
            **self.settings,
        )

    def resolved(self) -> dict[str, Any]:
        """Every setting that all its runs share, those at their default too."""
        settings = asdict(Settings(variant="", task="1", **self.settings))
        shared = {key: value for key, value in settings.items() if key not in _OF_A_RUN}
        return {**shared, "restarts": self.restarts, "options": dict(self.options)}


_RECIPES = (
    Recipe(
        name="as-published",
        summary="Nothing that the paper does not have, beyond what training needs.",
        settings={
            "epochs": 100,
            "patience": 30,
            "learning_rate": 0.004,
            "schedule": "halving",
            "halve_every": 40,
            "restart_rate": 2.5,
            "warmup": 3,
            "clip": 1.0,
        },
        restarts=2,
        options={"relation_limit": 1.0},
    ),
    Recipe(
        name="dropconnect",
        summary="The paper's equations, learned with DropConnect, at the end from all questions.",
        settings={
            "drop_connect": 0.2,
            "batch": 16,
            "epochs": 300,
            "patience": 100,
            "refit": 40,
            "learning_rate": 0.002,
            "schedule": "halving",
            "halve_every": 120,
            "restart_rate": 2.0,
            "restart_epochs": 60,
            "warmup": 3,
            "clip": 1.0,
        },
        restarts=6,
        options={"relation_limit": 1.0},
    ),
    Recipe(
        name="relmem",
        summary="Anything honest that uses the same 1,000 questions without supporting facts.",
        variants=("relation-transformer",),
        restarts=8,
        settings={
            "epochs": 80,
            "patience": 25,
            "learning_rate": 0.002,
            "warmup": 3,
            "clip": 1.0,
            "weight_decay": 0.7,
            "rename": "auto",
            "rename_after": 0,
        },
    ),
)
RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in _RECIPES}
"""Recipe by name."""


def find_recipe(name: str) -> Recipe:
    """The recipe of that name; raises UsageError that names those there are."""
    if name not in RECIPES:
        known = ", ".join(RECIPES)
        raise UsageError(f"there is no recipe {name!r}; there are: {known}.")
    return RECIPES[name]
