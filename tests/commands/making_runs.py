"""Folders of runs that were never trained."""

import json
from collections.abc import Sequence
from pathlib import Path

from relmem_cli.training.settings import Settings
from tests.test_door import model


def make_run(
    folder: Path,
    errors: Sequence[float] = (0.5, 0.25),
    *,
    tested: bool = True,
    **changes: object,
) -> Path:
    """A run with so many epochs; one that was not tested has no model yet."""
    settings = Settings(**{"variant": "gru", "task": "1", "options": {"dim": 8}, **changes})
    folder.mkdir(parents=True)
    (folder / "settings.toml").write_text(settings.to_toml())
    epochs = [
        {"epoch": number, "loss": 2 * error, "validation_error": error, "seconds": 1.5}
        for number, error in enumerate(errors, start=1)
    ]
    (folder / "metrics.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in epochs))
    if tested:
        record = {
            "settings": {"task": "1", "seed": settings.seed},
            "epoch": len(epochs),
            "parameters": 1234,
            "validation": {"errors": 1, "n": 4, "loss": 0.5},
            "test": {"1": {"errors": 1, "n": 10, "loss": 0.5}},
        }
        model(folder / "best.safetensors", record=json.dumps(record))
    return folder
