"""Whose error it is: what a plugin's code raised is told with the plugin's name."""

import os
from inspect import getattr_static
from types import FrameType
from typing import Any

from relmem_cli.contract import Variant
from relmem_cli.errors import RelmemError
from relmem_cli.plugins import OWN, Plugin, registry
from relmem_cli.sealing import frames_of, last_within, named, origin, package_of, text_of


def explain(error: BaseException) -> str:
    """An error as one sentence; one that is not relmem's own is named by its kind, or blamed."""
    if isinstance(error, RelmemError):
        return " ".join(text_of(error).split())
    return plugin_fault(error) or named(error)


def plugin_fault(error: BaseException) -> str | None:
    """The error as a sentence that names the plugin, its variant if it is one, and the place.

    None unless it came up in a plugin's code, or in relmem's on behalf of a plugin's model.
    """
    raised = origin(error)
    frames = frames_of(error)
    plugin, place = _culprit(frames)
    variant = _variant(raised, frames)
    if variant:
        owner = registry().variants.origin(variant.name).distribution
        if owner != OWN:
            return (
                f"variant {variant.name} of plugin {owner} raised {named(error)}{place}; "
                "relmem_cli.testing.check_variant tells more."
            )
    return f"plugin {plugin.distribution} raised {named(error)}{place}." if plugin else None


def _culprit(frames: list[tuple[FrameType, int]]) -> tuple[Plugin | None, str]:
    """The plugin whose code was reached last, and where that was, as " (model.py, line 3)"."""
    packages = {
        package_of(plugin.location.partition(":")[0]): plugin
        for plugin in registry().plugins
        if plugin.distribution != OWN
    }
    found = last_within(packages, frames)
    return (packages[found[0]], found[1]) if found else (None, "")


def _variant(error: BaseException, frames: list[tuple[FrameType, int]]) -> Variant | None:
    """The variant whose model, or which itself, was at work."""
    models = {variant.model: variant for variant in registry().variants.values()}
    for frame, _ in frames:
        me: Any = frame.f_locals.get("self")
        if issubclass(type(me), Variant) and me.name in registry().variants:
            asked: Variant = me
            return asked
        if found := models.get(_location(me)):
            return found
    if isinstance(error, TypeError) and frames:  # of a call that a method does not take
        *_, (innermost, _) = frames
        near = list(innermost.f_locals.values())
        text = text_of(error)
        for value in [*near, *(getattr_static(each, "model", None) for each in near)]:
            if f"{type(value).__qualname__}." in text and _location(value) in models:
                return models[_location(value)]
    return None


def _location(model: object) -> str:
    return f"{type(model).__module__}:{type(model).__qualname__}"


def explain_or_raise(error: Exception) -> str:
    """The same; with RELMEM_DEBUG=1 what is not relmem's own is raised again, for its traceback."""
    if not isinstance(error, RelmemError) and os.environ.get("RELMEM_DEBUG") == "1":
        raise error
    return explain(error)
