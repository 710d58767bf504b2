"""What is not as it was when a results file was written."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from relmem_cli.contract import Variant
from relmem_cli.reproduction.rows import Row
from relmem_cli.training.settings import Settings


def changes(before: Mapping[str, Any], now: Mapping[str, Any], default: Mapping[str, Any]) -> str:
    """Such as "learning_rate was 0.01"; what is in one of the two alone is at `default` there."""
    return ", ".join(
        f"{key} was {before.get(key, default.get(key))!r}"
        for key in {**before, **now}
        if before.get(key, default.get(key)) != now.get(key, default.get(key))
    )


def run_changes(row: Row, settings: Settings, variant: Variant) -> str:
    """What the row's run was trained with that `settings` are not; "" where they agree.

    A setting or an option that came later was at its default.
    """
    now = json.loads(json.dumps(asdict(settings)))  # as a line holds it
    before = dict(row.settings)
    default = json.loads(json.dumps(asdict(Settings(variant=variant.name, task="1"))))
    usual = json.loads(json.dumps(variant.defaults()))
    options = changes(before.pop("options", {}), now.pop("options"), usual)
    return ", ".join(text for text in (changes(before, now, default), options) if text)
