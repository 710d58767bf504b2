"""relmem's own plugin for stories that are told anew: the source `world` and its kinds."""

from collections.abc import Mapping

from relmem_cli import hookimpl
from relmem_cli.contract import Kind, Source
from relmem_cli.world.source import World


def _kinds() -> Mapping[str, Kind]:
    """The built-in ones, then those of plugins."""
    from relmem_cli.plugins import registry
    from relmem_cli.world.kinds import KINDS
    from relmem_cli.world.mixture import MIXTURE

    own = {**KINDS, MIXTURE.name: MIXTURE}
    return {**own, **{name: kind for name, kind in registry().kinds.items() if name not in own}}


@hookimpl
def relmem_sources() -> list[Source]:
    """`--data world`."""
    return [World(kinds=_kinds)]
