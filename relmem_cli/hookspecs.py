"""The whole plugin contract: what relmem asks a plugin.

A plugin is a module (or object) named by an entry point of the group `relmem`. Its functions,
marked with `relmem_cli.hookimpl`, implement any of these hooks.
"""

import pluggy

from relmem_cli.contract import (
    ChatCommand,
    ChatPanel,
    Command,
    Kind,
    Recipe,
    Source,
    TrainingEvent,
    Variant,
)

hookspec = pluggy.HookspecMarker("relmem")


@hookspec
def relmem_variants() -> list[Variant]:  # type: ignore[empty-body]
    """Memory variants to train and talk to; keep it light, without importing torch."""


@hookspec
def relmem_recipes() -> list[Recipe]:  # type: ignore[empty-body]
    """Ways to train, with published figures, for `relmem reproduce --recipe NAME`."""


@hookspec
def relmem_commands() -> list[Command]:  # type: ignore[empty-body]
    """Subcommands of `relmem`."""


@hookspec
def relmem_sources() -> list[Source]:  # type: ignore[empty-body]
    """Data sources for `--data NAME`."""


@hookspec
def relmem_kinds() -> list[Kind]:  # type: ignore[empty-body]
    """Kinds of story for `relmem data generate --kind NAME` and `--data world:NAME`."""


@hookspec
def relmem_chat_commands() -> list[ChatCommand]:  # type: ignore[empty-body]
    """Slash commands for chat."""


@hookspec
def relmem_chat_panels() -> list[ChatPanel]:  # type: ignore[empty-body]
    """What chat can show after each answer or sentence; `--panel NAME` turns one on."""


@hookspec
def relmem_training_event(event: TrainingEvent) -> None:
    """An epoch of a run has ended."""
