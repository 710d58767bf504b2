"""A working folder that somebody else filled: its relmem.toml writes nothing and calls nobody."""

import socket
from pathlib import Path

import pytest
import typer

from relmem_cli.app import app
from relmem_cli.commands.shared.setting_keys import Option, options
from relmem_cli.config import reaches_out
from tests.conftest import Relmem


def reaching() -> list[Option]:
    """Every option of every command that names a file, a folder or an address."""
    command = typer.main.get_command(app)
    context = command.context_class(command, info_name="relmem", resilient_parsing=True)
    found = [one for one in options(context) if isinstance(one, Option)]
    return [one for one in found if reaches_out(one.option)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_options_that_write_or_connect_are_known() -> None:
    known = {one.key for one in reaching()}
    assert {"train.on", "train.out", "reproduce.on", "eval.samples", "chat.log"} <= known
    assert {"eval.plots", "data.generate.out", "reproduce.plots"} <= known


def test_none_of_them_is_taken_from_a_working_folders_file(relmem: Relmem, folder: Path) -> None:
    thesis = folder / "thesis.txt"
    for one in reaching():
        thesis.write_text("years of work")
        (folder / "relmem.toml").write_text(f'[{".".join(one.table)}]\n{one.name} = "{thesis}"\n')
        ran = relmem(*one.table)
        assert ran.code == 2, one.key
        assert "no working folder's relmem.toml may" in ran.err, one.key
        assert len(ran.err.splitlines()) == 1
        assert thesis.read_text() == "years of work"
        assert sorted(path.name for path in folder.iterdir()) == ["relmem.toml", "thesis.txt"]


def test_nobody_is_called_for_a_working_folder(relmem: Relmem, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        stranger.settimeout(0.1)
        port = stranger.getsockname()[1]
        (folder / "relmem.toml").write_text(f'[train]\non = "dask://127.0.0.1:{port}"\n')
        assert relmem("train", "-v", "gru", "-t", "1").code == 2
        with pytest.raises(TimeoutError):
            stranger.accept()


def test_the_users_own_file_may_name_them(relmem: Relmem, folder: Path, own_home: Path) -> None:
    (own_home / "relmem.toml").write_text(f'[eval]\nsamples = "{folder / "samples.jsonl"}"\n')
    assert "there is no model" in relmem("eval", "nobody-has-this").err


def test_they_cannot_be_set_here_either(relmem: Relmem, folder: Path) -> None:
    ran = relmem("config", "set", "train.on", "dask://host:1", "--here")
    assert (ran.code, (folder / "relmem.toml").exists()) == (2, False)
