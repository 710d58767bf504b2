"""`relmem models rm`, `rename` and `path`: the user's models alone, and nothing else of theirs."""

from pathlib import Path

import pytest
from filelock import FileLock

from relmem_cli.library import DEFAULT_MODEL, model_names
from relmem_cli.paths import runs_folder, shipped_models
from tests.commands.conftest import Relmem
from tests.commands.making_runs import make_run


@pytest.fixture
def mine() -> Path:
    """A model of the user's, with what a run and a grid leave beside it."""
    folder = make_run(runs_folder() / "mine")
    make_run(folder / "seed-0")
    for name in ("last.safetensors", "results.jsonl", ".lock", ".results.jsonl.lock"):
        (folder / name).write_text("")
    return folder


def test_a_model_is_deleted_with_its_run(relmem: Relmem, mine: Path) -> None:
    other = make_run(runs_folder() / "other")
    done = relmem("models", "rm", "mine", "--yes")
    assert (done.code, done.out, done.err) == (0, "", "relmem: mine is deleted.\n")
    assert not mine.exists()
    assert (other / "best.safetensors").exists()


def test_what_relmem_did_not_write_stays(relmem: Relmem, mine: Path) -> None:
    for notes in (mine / "notes.txt", mine / "seed-0" / "notes.txt"):
        notes.write_text("mine")
    done = relmem("models", "rm", "mine", "--yes")
    assert done.err == f"relmem: mine is deleted; {mine} has other files, which stay.\n"
    left = {str(path.relative_to(mine)) for path in mine.rglob("*") if path.is_file()}
    assert left == {"notes.txt", str(Path("seed-0/notes.txt"))}
    assert "mine" not in model_names()


def test_nothing_is_deleted_where_one_name_is_wrong_or_ships(relmem: Relmem, mine: Path) -> None:
    for name, said in ((DEFAULT_MODEL, "ships with relmem"), ("mien", "did you mean mine?")):
        done = relmem("models", "rm", "mine", name, "--yes")
        assert (done.code, said in done.err) == (2, True)
    assert (mine / "best.safetensors").exists()
    assert (shipped_models() / f"{DEFAULT_MODEL}.safetensors").exists()


def test_a_path_is_no_name_to_delete(relmem: Relmem, mine: Path) -> None:
    for path in (str(mine), str(mine / "best.safetensors"), "../runs/mine", "."):
        assert relmem("models", "rm", path, "--yes").code == 2
    assert (mine / "best.safetensors").exists()


@pytest.mark.parametrize(("typed", "code"), [("y\n", 0), ("n\n", 1), ("\n", 1), ("", 130)])
def test_at_a_terminal_it_is_asked(
    relmem: Relmem, mine: Path, monkeypatch: pytest.MonkeyPatch, typed: str, code: int
) -> None:
    import io

    terminal = io.StringIO(typed)
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    done = relmem("models", "rm", "mine")
    assert done.code == code
    assert "Delete mine and all of the training?" in done.out + done.err
    assert mine.exists() == bool(code)
    assert ("nothing was deleted" in done.err) == bool(code)


def test_where_nobody_can_be_asked_nothing_is_deleted(relmem: Relmem, mine: Path) -> None:
    done = relmem("models", "rm", "mine")
    assert (done.code, "--yes is needed" in done.err) == (2, True)
    assert (mine / "best.safetensors").exists()


def test_a_model_that_is_being_trained_stays(relmem: Relmem, mine: Path) -> None:
    with FileLock(mine / ".lock"):
        for done in (
            relmem("models", "rm", "mine", "--yes"),
            relmem("models", "rename", "mine", "x"),
        ):
            assert (done.code, "is training in" in done.err) == (1, True)
    assert (mine / "best.safetensors").exists()


def test_what_a_link_leads_to_stays(relmem: Relmem, tmp_path: Path) -> None:
    elsewhere = make_run(tmp_path / "elsewhere")
    runs_folder().mkdir(parents=True)
    (runs_folder() / "link").symlink_to(elsewhere)
    mine = make_run(runs_folder() / "mine")
    (mine / "seed-0").symlink_to(elsewhere)
    for done in (relmem("models", "rm", "link", "--yes"), relmem("models", "rename", "link", "x")):
        assert (done.code, "is a link" in done.err) == (1, True)
    relmem("models", "rm", "mine", "--yes")
    assert (elsewhere / "best.safetensors").exists()
    assert (elsewhere / "settings.toml").exists()


def test_a_model_is_called_otherwise(relmem: Relmem, mine: Path) -> None:
    done = relmem("models", "rename", "mine", "kitchen-net")
    assert (done.code, done.err) == (0, "relmem: mine is kitchen-net now.\n")
    assert not mine.exists()
    assert "kitchen-net" in model_names()
    path = relmem("models", "path", "kitchen-net").out
    assert path == f"{runs_folder() / 'kitchen-net' / 'best.safetensors'}\n"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../mine", "is no name for a model"),
        ("a/b", "is no name for a model"),
        ("..", "is no name for a model"),
        (".hidden", "is no name for a model"),
        ("", "is no name for a model"),
        ("a\x1b[2J", "is no name for a model"),
        ("a\u202eb", "is no name for a model"),
        ("a" * 101, "is no name for a model"),
        ("a*", "is no name for a model"),
        (DEFAULT_MODEL, "there is a model"),
        ("other", "there is a model"),
        ("folder", "is there already"),
    ],
)
def test_a_name_that_no_model_should_have_is_refused(
    relmem: Relmem, mine: Path, name: str, said: str
) -> None:
    make_run(runs_folder() / "other")
    (runs_folder() / "folder").mkdir()
    before = sorted(runs_folder().iterdir())
    done = relmem("models", "rename", "mine", name)
    assert (done.code, said in done.err, done.err.count("\n")) == (2, True, 1)
    assert sorted(runs_folder().iterdir()) == before


def test_a_model_that_ships_has_a_path_and_keeps_its_name(relmem: Relmem) -> None:
    path = Path(relmem("models", "path", DEFAULT_MODEL).out.strip())
    assert path.samefile(shipped_models() / f"{DEFAULT_MODEL}.safetensors")
    done = relmem("models", "rename", DEFAULT_MODEL, "x")
    assert (done.code, "ships with relmem" in done.err) == (2, True)
    assert relmem("models", "path", "nope").code == 2


def test_a_working_folders_settings_do_not_agree_in_your_place(
    relmem: Relmem, mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relmem.toml").write_text("[models.rm]\nyes = true\n")
    done = relmem("models", "rm", "mine")
    assert (done.code, "agrees to what you are asked" in done.err) == (2, True)
    assert (mine / "best.safetensors").exists()
