"""relmem's own plugin for the Children's Book Test: the source `cbt`."""

from relmem_cli import hookimpl
from relmem_cli.contract import Source
from relmem_cli.stories.cbt import Cbt


@hookimpl
def relmem_sources() -> list[Source]:
    """`--data cbt:FOLDER`."""
    return [Cbt()]
