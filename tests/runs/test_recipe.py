from dataclasses import asdict, replace

import pytest

from relmem_cli.builtin_recipes import RECIPES, VARIANTS
from relmem_cli.contract import Recipe
from relmem_cli.errors import UsageError
from relmem_cli.plugins import registry
from relmem_cli.reports.reproduced import table6
from relmem_cli.runs.recipe import find_recipe, published_error, resolved, settings_of
from relmem_cli.training.settings import Settings
from tests.reproducing import row


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_every_recipe_makes_settings_for_every_variant(recipe: Recipe) -> None:
    for name in {*VARIANTS, *recipe.variants}:
        settings = settings_of(
            recipe, registry().variants.get_or_explain(name), task=7, fold=2, seed=5
        )
        assert (settings.variant, settings.task) == (name, "7")
        assert (settings.fold, settings.seed) == (2, 5)


def test_an_option_goes_to_the_variants_that_have_it() -> None:
    recipe = Recipe(name="x", summary="", variants=(), options={"hops": 3, "dim": 50})
    variants = registry().variants
    multi = settings_of(recipe, variants.get_or_explain("multi-hop"), task=1, fold=0, seed=0)
    single = settings_of(recipe, variants.get_or_explain("entnet"), task=1, fold=0, seed=0)
    assert (multi.options["hops"], multi.options["dim"]) == (3, 50)
    assert single.options["dim"] == 50
    assert "hops" not in single.options


def test_a_recipe_goes_before_a_variants_own_settings() -> None:
    recipe = Recipe(name="x", summary="", variants=(), settings={"epochs": 5})
    variant = replace(registry().variants["gru"], training={"epochs": 7, "batch": 3})
    found = settings_of(recipe, variant, task=1, fold=0, seed=0)
    assert (found.epochs, found.batch) == (5, 3)


@pytest.fixture
def plugin_recipe(monkeypatch) -> Recipe:
    """One that a plugin offers, with figures that somebody has published."""
    recipe = Recipe(
        name="theirs",
        summary="As they did it.",
        variants=("gru",),
        settings={"epochs": 5},
        published={"gru": {"1": 48.0}},
    )
    offers = registry().recipes
    monkeypatch.setattr(offers, "_found", {"theirs": [(recipe, registry().plugins[0])]})
    return recipe


def test_a_plugins_recipe_is_found_and_its_published_figures_are(plugin_recipe) -> None:
    assert find_recipe("theirs") is plugin_recipe
    assert published_error("theirs", "gru", "1") == 0.48
    assert published_error("theirs-quick", "gru", "1") == 0.48
    assert published_error("theirs", "gru", "2") is None
    assert published_error("theirs", "entnet", "1") is None
    assert published_error("unheard-of", "entnet", "1") is None


def test_published_figures_stand_beside_ours(plugin_recipe) -> None:
    ours = row(variant="gru", task=1, recipe="theirs", errors=450)
    table = table6([ours])
    assert table.rows[0]["gru theirs paper"] == "48.0"
    assert table.rows[0]["gru theirs diff"] == "-3.0"
    assert any("of theirs: the published figures that the recipe names" in n for n in table.notes)
    assert not any("Table 6" in note for note in table.notes)


def test_an_option_that_a_variant_refuses_is_told() -> None:
    recipe = Recipe(name="x", summary="", variants=(), options={"dim": "wide"})
    with pytest.raises(UsageError, match="dim is 'wide'"):
        settings_of(recipe, registry().variants.get_or_explain("entnet"), task=1, fold=0, seed=0)


def test_resolved_settings_are_all_those_of_a_run_but_what_a_run_has_of_its_own() -> None:
    recipe = Recipe(
        name="x", summary="", variants=(), settings={"epochs": 7}, restarts=3, options={"dim": 9}
    )
    found = resolved(recipe)
    own = {"variant", "task", "fold", "seed"}
    assert found.keys() == {*asdict(Settings(variant="v", task="1")), "restarts"} - own
    assert (found["epochs"], found["restarts"]) == (7, 3)
    assert found["options"] == {"dim": 9}


def test_a_quick_recipe_has_one_restart_and_a_name_of_its_own() -> None:
    quick = Recipe(name="x", summary="", variants=(), settings={"epochs": 7}, restarts=3).quick
    assert (quick.name, quick.restarts, quick.settings) == ("x-quick", 1, {"epochs": 7})


def test_an_unknown_recipe_names_those_there_are() -> None:
    with pytest.raises(UsageError, match="'soup'; there are: as-published, dropconnect, relmem"):
        find_recipe("soup")
