"""What a model's card may say of how the model was trained; each part may be missing."""

from typing import Any

from relmem_cli.plain import (
    check_fields,
    is_count,
    is_number,
    is_plain,
    is_text,
    is_whole,
    list_of,
    maybe,
    table_of,
)


def check_record(record: Any) -> None:
    """Raise ValueError for what cannot be a record, with the part that is wrong.

    Parts that only a later relmem, or a plugin, knows may hold anything.
    """
    check_fields(record, _KINDS)


def is_score(value: Any) -> bool:
    """Whether it is a `Score` as a card has it: errors of n questions."""
    try:
        check_fields(value, _SCORE)
        return not {"errors", "n"} - set(value) and 0 < value["n"] >= value["errors"]
    except ValueError:
        return False


def _is_settings(value: Any) -> bool:
    try:
        check_fields(value, {"options": table_of(is_plain), "task": is_text, "seed": is_whole})
    except ValueError:
        return False
    return all(is_plain(one) for name, one in value.items() if name != "options")


def _is_temperature(value: Any) -> bool:
    return is_number(value) and 0 < value < 1e6


_ROLES = table_of(list_of(list_of(list_of(is_text))))

_SCORE = {
    "errors": is_count,
    "n": is_count,
    "loss": lambda value: type(value) in (int, float),  # of a model that overflowed it is NaN
    "measures": table_of(lambda value: type(value) in (int, float)),
}

_KINDS = {
    "settings": _is_settings,
    "notes": list_of(is_text),
    "data": table_of(is_text),
    "roles": maybe(_ROLES),
    "epoch": is_count,
    "parameters": is_count,
    "seeds_tried": is_count,
    "seconds": is_number,
    "validation": maybe(is_score),
    "test": table_of(is_score),
    "temperature": _is_temperature,
    **dict.fromkeys(("device", "relmem", "torch"), is_text),
}
