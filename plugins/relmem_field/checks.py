"""What options may be; each check raises ValueError with the value and what it must be."""

_MOST = {
    "slots": 500,
    "hops": 100,
    "layers": 100,
    "passes": 100,
    "steps": 100,
    "order": 20,
    "room": 10**8,
}
"""What whole numbers are at most, 10,000 where nothing is said: a model file's are held to it."""


def counts(options: object, *names: str, least: int = 1) -> None:
    """Raise ValueError for an option of these that is below `least`, or above what is sensible."""
    for name in names:
        value, most = getattr(options, name), _MOST.get(name, 10_000)
        if not least <= value <= most:
            raise ValueError(f"{name} is {value}; it must be at least {least} and at most {most:,}")


def one_of(options: object, name: str, *values: str) -> None:
    """Raise ValueError for an option that is none of these values."""
    if getattr(options, name) not in values:
        raise ValueError(f"{name} is {getattr(options, name)}; it must be {' or '.join(values)}")


def fraction(options: object, *names: str) -> None:
    """Raise ValueError for an option of these that is not from 0 to below 1."""
    for name in names:
        if not 0 <= getattr(options, name) < 1:
            raise ValueError(f"{name} is {getattr(options, name)}; it must be from 0 to below 1")
