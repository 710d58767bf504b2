"""What this plugin adds; no torch, so that `relmem variants` stays fast."""

from dataclasses import dataclass

from relmem_cli import hookimpl
from relmem_cli.contract import Variant


@dataclass(frozen=True, kw_only=True)
class Options:
    """dim: how many rows and columns the memory has."""

    dim: int = 32


MY_MEMORY = Variant(
    name="my-memory",
    summary="A matrix that keeps a value for every key, by the delta rule.",
    reference="Widrow and Hoff 1960; Schlag et al. 2021, arXiv 2102.11174",
    options=Options,
    model="my_memory.model:MyMemory",
)


@hookimpl
def relmem_variants() -> list[Variant]:
    """The variants that this plugin adds."""
    return [MY_MEMORY]
