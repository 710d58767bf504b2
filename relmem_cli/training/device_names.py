"""What a device may be called; which of them a machine has, torch alone can tell."""

from relmem_cli.errors import UsageError
from relmem_cli.nearest import did_you_mean

DEVICES = ("auto", "cpu", "cuda", "mps")


def check_device(name: str) -> None:
    """Raise UsageError for what no device is called. "cuda:1" is the second GPU of several."""
    kind, numbered, number = name.partition(":")
    if kind not in DEVICES or (numbered and (kind == "auto" or not number.isdecimal())):
        hint = did_you_mean(kind, DEVICES, f"choose one of {', '.join(DEVICES)}.")
        raise UsageError(f"there is no device {name!r}; {hint}")
