from dataclasses import asdict

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.plugins import registry
from relmem_cli.reproduction.recipes import RECIPES, VARIANTS, Recipe, find_recipe
from relmem_cli.training.settings import Settings


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_recipe_makes_settings_for_every_variant(recipe: Recipe) -> None:
    for name in {*VARIANTS, *recipe.variants}:
        settings = recipe.run(registry().variants.get_or_explain(name), task=7, fold=2, seed=5)
        assert (settings.variant, settings.task) == (name, "7")
        assert (settings.fold, settings.seed) == (2, 5)


def test_an_option_goes_to_the_variants_that_have_it() -> None:
    recipe = Recipe(name="x", summary="", options={"hops": 3, "dim": 50})
    variants = registry().variants
    multi = recipe.run(variants.get_or_explain("multi-hop"), task=1, fold=0, seed=0)
    single = recipe.run(variants.get_or_explain("entnet"), task=1, fold=0, seed=0)
    assert (multi.options["hops"], multi.options["dim"]) == (3, 50)
    assert single.options["dim"] == 50
    assert "hops" not in single.options


def test_an_option_that_a_variant_refuses_is_told() -> None:
    recipe = Recipe(name="x", summary="", options={"dim": "wide"})
    with pytest.raises(UsageError, match="dim is 'wide'"):
        recipe.run(registry().variants.get_or_explain("entnet"), task=1, fold=0, seed=0)


def test_resolved_settings_are_all_those_of_a_run_but_what_a_run_has_of_its_own() -> None:
    recipe = Recipe(name="x", summary="", settings={"epochs": 7}, restarts=3, options={"dim": 9})
    resolved = recipe.resolved()
    own = {"variant", "task", "fold", "seed"}
    assert resolved.keys() == {*asdict(Settings(variant="v", task="1")), "restarts"} - own
    assert (resolved["epochs"], resolved["restarts"]) == (7, 3)
    assert resolved["options"] == {"dim": 9}


def test_a_quick_recipe_has_one_restart_and_a_name_of_its_own() -> None:
    quick = Recipe(name="x", summary="", settings={"epochs": 7}, restarts=3).quick
    assert (quick.name, quick.restarts, quick.settings) == ("x-quick", 1, {"epochs": 7})


def test_an_unknown_recipe_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="'soup'; there are: as-published, dropconnect, relmem"):
        find_recipe("soup")
