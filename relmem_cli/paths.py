"""The user's folders: models that were trained, data that was fetched, settings, history."""

import os
from pathlib import Path

import platformdirs

from relmem_cli.files import typed_path


def home() -> Path | None:
    """$RELMEM_HOME, which holds all of the folders below when it is set."""
    named = os.environ.get("RELMEM_HOME")
    return typed_path(named) if named else None


def runs_folder() -> Path:
    """Runs of `relmem train` that were given no --out, one folder each."""
    return (home() or platformdirs.user_data_path("relmem", appauthor=False)) / "runs"


def data_cache() -> Path:
    """What `relmem data fetch` downloads and unpacks."""
    return (home() or platformdirs.user_cache_path("relmem", appauthor=False)) / "data"


def config_folder() -> Path:
    """Where relmem.toml lies when there is none in the working folder."""
    return home() or platformdirs.user_config_path("relmem", appauthor=False)


def history_file() -> Path:
    """Lines typed in chat."""
    return (home() or platformdirs.user_state_path("relmem", appauthor=False)) / "chat_history"


def conversations_folder() -> Path:
    """Conversations that chat keeps as they go."""
    return (home() or platformdirs.user_state_path("relmem", appauthor=False)) / "conversations"


def shipped_models() -> Path:
    """The models that come with relmem: inside the wheel, or beside the packages in a checkout."""
    package = Path(__file__).parent
    inside = package / "models"
    return inside if inside.is_dir() else package.parent / "models"
