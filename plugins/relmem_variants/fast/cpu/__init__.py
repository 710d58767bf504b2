"""The fast path on the CPU; what this package compiles with takes nothing from a working folder."""

from pathlib import Path

from relmem_cli.errors import RelmemError

_SETTINGS = Path(".numba_config.yaml")

if _SETTINGS.exists():  # one may name a folder of machine code, which is unpickled
    raise RelmemError(
        f"{_SETTINGS.absolute()} would set how kernels are compiled, which no working folder may; "
        "move it away, or work in another folder."
    )
