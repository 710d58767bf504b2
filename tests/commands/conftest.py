"""What the commands' tests call a command that ran in this process."""

from tests.conftest import Ran, Relmem

__all__ = ["Ran", "Relmem"]
