from dataclasses import replace
from pathlib import Path

import pytest

from relmem_cli.errors import UsageError
from relmem_cli.runs.folder import RunFolder
from relmem_cli.training.settings import Settings

SETTINGS = Settings(variant="gru", task="1", epochs=5)


def identity(path: Path) -> tuple[int, int]:
    """What changes where a file is written."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns


def test_going_on_with_the_same_settings_does_not_write_them_again(tmp_path: Path) -> None:
    folder = RunFolder(path=tmp_path / "run")
    folder.begin(SETTINGS, resume=False)
    before = identity(folder.settings)
    folder.begin(SETTINGS, resume=True)
    assert identity(folder.settings) == before


def test_going_on_for_more_epochs_writes_them(tmp_path: Path) -> None:
    folder = RunFolder(path=tmp_path / "run")
    folder.begin(SETTINGS, resume=False)
    folder.begin(replace(SETTINGS, epochs=9), resume=True)
    assert Settings.from_toml(folder.settings.read_text()).epochs == 9


def test_a_run_whose_folder_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to("elsewhere")
    with pytest.raises(UsageError, match="run is a link, and relmem writes to none"):
        RunFolder(path=tmp_path / "run").begin(SETTINGS, resume=False)
    assert [*(tmp_path / "elsewhere").iterdir()] == []
