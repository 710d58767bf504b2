"""What relmem raises when a person can mend the cause."""


class RelmemError(Exception):
    """One sentence that says what is wrong and what to do; the command ends with exit code 1."""

    exit_code = 1


class UsageError(RelmemError):
    """The request itself is wrong: an unknown name, a value out of range; exit code 2."""

    exit_code = 2


class StoppedError(RelmemError):
    """Work under way cannot go on, and what has ended is kept; a sentence without its full stop."""
