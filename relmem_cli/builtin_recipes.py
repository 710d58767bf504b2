"""relmem's own recipes: training settings for every task and variant alike; light."""

from relmem_cli.contract import Recipe

VARIANTS = ("entnet", "multi-hop", "relation-slot", "self-memory")
"""The variants of the paper's Table 6, in its order."""

_RECIPES = (
    Recipe(
        name="as-published",
        summary="Nothing that the paper does not have, beyond what training needs.",
        variants=VARIANTS,
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
        variants=VARIANTS,
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
"""relmem's own recipes, by name."""
