"""What can be wrong with a plugin that is told when it is loaded."""

import pluggy

from relmem_cli import hookspecs
from relmem_cli.contract import Recipe, Variant
from relmem_cli.errors import UsageError
from relmem_cli.nearest import did_you_mean


def check_hooks(loaded: object, manager: pluggy.PluginManager, location: str) -> None:
    """Raise ValueError for a hook that relmem does not have or see, or where there is none."""
    hooks = {name for name in vars(hookspecs) if name.startswith("relmem_")}
    own = [name for name in dir(loaded) if name.startswith("relmem_")]
    try:
        manager.check_pending()
    except pluggy.PluginValidationError as error:
        near = [(name, did_you_mean(name, hooks, most=1)) for name in {*own} - hooks]
        hints = [f"{name!r} ({found})" for name, found in near if found]
        raise ValueError(f"unknown hook {', '.join(hints) or error}") from error
    for name in hooks & {*own}:
        function = getattr(loaded, name)
        if callable(function) and not hasattr(function, "relmem_impl"):
            raise ValueError(f"{name} is not marked with @hookimpl, so that relmem does not see it")
    if not any(getattr(manager.hook, name).get_hookimpls() for name in hooks):
        raise ValueError(
            f"{location} has no function relmem_*; name the module with them as entry point"
        )


def check_offer(offer: object) -> None:
    """Raise what is wrong with a variant's options, or with what a recipe names."""
    if isinstance(offer, Variant):
        for name, value in offer.defaults().items():
            if type(value) not in (int, float, bool, str):
                raise TypeError(
                    f"variant {offer.name}: option {name} defaults to {value!r}; it must be an "
                    "int, a float, a bool or a str"
                )
    if isinstance(offer, Recipe):
        if isinstance(offer.variants, str):
            raise TypeError(f"recipe {offer.name}: variants is a str; it must be a tuple of names")
        tasks = [task for errors in offer.published.values() for task in errors]
        if wrong := [task for task in tasks if not isinstance(task, str)]:
            raise TypeError(f"recipe {offer.name}: published task {wrong[0]!r} must be a str")
    settings = {Variant: "training", Recipe: "settings"}.get(type(offer))
    if settings and (named := getattr(offer, settings)):
        from relmem_cli.training.settings import check_settings  # noqa: PLC0415  # seldom needed

        try:
            check_settings(named)
        except UsageError as error:
            raise UsageError(f"{getattr(offer, 'name', '')}: {error}") from error
