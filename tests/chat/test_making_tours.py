"""The tours that make something: a trained model, and a plugin with one."""

import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from relmem_cli.chat.tour import plugin, training
from relmem_cli.chat.tour.guide import Guide
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.plugins import registry
from tests.conftest import Relmem


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Few questions and epochs; temporary folders are made in one of the test's own."""
    monkeypatch.setattr(training, "DATA", "world:questions=200")
    monkeypatch.setattr(training, "EPOCHS", 1)
    monkeypatch.setattr(plugin, "EPOCHS", 1)
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_model_is_trained_tested_and_asked_and_nothing_stays(
    relmem: Relmem, quick: Path, own_home: Path
) -> None:
    done = relmem("demo", "train", "--device", "cpu")
    assert done.code == 0
    rows = [line for line in done.out.splitlines() if line.startswith("  epoch")]
    assert [row.split()[1] for row in rows] == ["1"]
    assert f"$ relmem train --variant {training.VARIANT} --data world:questions=200" in done.out
    assert " wrong: " in done.out
    assert "my-first-model  line 5 of 5" in done.out
    assert "Nothing of this stays on your disk" in done.out
    assert list(quick.glob("relmem-*")) == []
    assert not (own_home / "runs").exists()


def test_the_model_is_kept_where_it_is_asked_for(relmem: Relmem, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    done = relmem("demo", "train", "--device", "cpu", "--out", str(folder))
    assert f"--out {folder}" in done.out.replace("\\\n", "")
    assert "Nothing of this stays" not in done.out
    (tmp_path / "story").write_text("Mary went to the kitchen.\n")
    story = str(tmp_path / "story")
    asked = relmem("ask", "--model", str(folder), "--story", story, "Where is Mary?")
    assert asked.code == 0


def test_a_folder_that_holds_something_is_refused_and_left_as_it_is(
    relmem: Relmem, tmp_path: Path
) -> None:
    (tmp_path / "mine").write_text("mine")
    for tour in ("train", "plugin"):
        done = relmem("demo", tour, "--out", str(tmp_path))
        assert done.code == 2
        assert "is there already" in done.err
    assert (tmp_path / "mine").read_text() == "mine"


def test_a_plugin_is_written_loaded_checked_trained_and_asked(
    relmem: Relmem, tmp_path: Path
) -> None:
    folder = tmp_path / "mine"
    done = relmem("demo", "plugin", "--device", "cpu", "--out", str(folder))
    assert done.code == 0, done.err
    assert "my-memory: ok, variant: my-memory" in done.out
    assert "my-memory keeps the contract" in done.out
    assert "> Where is Mary?" in done.out
    written = {str(path.relative_to(folder)) for path in folder.rglob("*.py")}
    assert written == {
        "my_memory/__init__.py", "my_memory/model.py", "my_memory/plugin.py",
        "tests/test_my_memory.py",
    }  # fmt: skip
    assert (folder / "pyproject.toml").exists()
    assert not list(folder.rglob("__pycache__"))


def test_a_plugin_is_found_where_a_module_was_looked_for_before_it_was_written(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As something always is at a terminal, while the code is shown."""
    monkeypatch.setattr(plugin, "_show_files", lambda *_, **__: find_spec("no_such_module"))
    done = relmem("demo", "plugin", "--device", "cpu")
    assert done.code == 0, done.err


def test_a_plugin_that_was_shown_is_forgotten_and_gone(relmem: Relmem, quick: Path) -> None:
    done = relmem("demo", "plugin", "--device", "cpu")
    assert done.code == 0, done.err
    assert list(quick.glob("relmem-*")) == []
    assert plugin.VARIANT not in registry().variants
    assert find_spec(plugin.PACKAGE) is None
    assert not any(str(quick) in path for path in sys.path)


def test_a_package_of_that_name_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / plugin.PACKAGE).mkdir()
    (tmp_path / plugin.PACKAGE / "__init__.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(Exception, match="is installed already"), plugin.importable(tmp_path / "x"):
        pass


def test_ctrl_c_while_it_trains_leaves_nothing_behind(
    relmem: Relmem, quick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(training, "_row", interrupt)
    done = relmem("demo", "train", "--device", "cpu")
    assert done.code == 0
    assert "wrong: " not in done.out
    assert list(quick.glob("relmem-*")) == []


def test_the_code_fits_a_terminal_of_80_columns_and_24_rows() -> None:
    console = styled_console(Theme.plain, width=80, height=24)
    with console.capture() as captured:
        plugin._show_files(Guide(console), light=False)
    assert captured.get().count("\n") < 3 * 24
    for name in plugin.SOURCES:
        assert all(len(line) <= 80 for line in plugin._source(name).splitlines())


@pytest.mark.slow
def test_as_it_is_shown_the_model_learns(relmem: Relmem, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "DATA", "world")
    monkeypatch.setattr(plugin, "EPOCHS", 4)
    done = relmem("demo", "plugin", "--device", "cpu")
    wrong = int(done.out.partition(" of 1,000 wrong: ")[0].split()[-1].replace(",", ""))
    assert wrong < 50
    assert "  bathroom  " in done.out.partition("> Where is Mary?")[2].splitlines()[1]
