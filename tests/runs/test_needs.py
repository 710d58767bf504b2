"""What a worker says that it lacks; here the worker is this process, and what is needed differs."""

import asyncio
from collections.abc import Iterator
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

import pytest

from relmem_cli import __version__
from relmem_cli.runs import locks
from relmem_cli.runs.locks import hold_beside, issue_ticket
from relmem_cli.runs.needs import Needs, look


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A grid's ticket, as it is while the grid runs."""
    with issue_ticket(tmp_path / "out") as ticket, hold_beside(ticket):
        yield ticket


@pytest.fixture
def needs(make_job, held: Path) -> Needs:
    return Needs.of([make_job(task="1"), make_job(task="2")], held)


def lack(needs: Needs, **changes: object) -> str:
    return asyncio.run(look(asdict(replace(needs, **changes))))


def test_a_worker_with_all_that_is_needed_lacks_nothing_and_leaves_nothing(
    needs: Needs, held: Path
) -> None:
    before = sorted(held.parent.iterdir())
    assert lack(needs) == ""
    assert sorted(held.parent.iterdir()) == before


def test_a_grid_that_has_ended_leaves_no_lock(tmp_path: Path) -> None:
    with issue_ticket(tmp_path) as ticket, hold_beside(ticket):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_jobs_variants_and_sources_are_needed_of_their_plugins(make_job, held: Path) -> None:
    jobs = [
        replace(make_job(data="world:3+world:mixture"), source=None),
        replace(make_job(data="world:3+world:mixture", variant="entnet"), source=None),
    ]
    example = ("relmem-example", version("relmem-example"))
    own = ("relmem", version("relmem"))
    assert Needs.of(jobs, held).plugins == [
        ("variant", "entnet", *own),
        ("variant", "gru", *example),
        ("source", "world", *own),
    ]


def test_the_files_that_are_read_are_needed(make_job, held: Path, tiny_tasks: Path) -> None:
    large = tiny_tasks.with_name("tiny-10k")
    large.mkdir()
    (large / "qa1_tiny_train.txt").write_text("more")
    begin = tiny_tasks.parent / "begin.safetensors"
    begin.write_text("model")

    def files(*jobs) -> set[Path]:
        return {Path(name) for name in Needs.of(jobs, held).files}

    small = set(tiny_tasks.iterdir())
    assert files(make_job()) == small
    assert files(make_job(), make_job(begin=str(begin))) == small | {begin}
    assert files(make_job(), make_job(fold=1)) == small | set(large.iterdir())


def test_of_joined_sources_the_files_of_each_are_needed(
    make_job, held: Path, tiny_tasks: Path
) -> None:
    archive = tiny_tasks.parent / "archive"
    archive.mkdir()
    tiny_tasks.rename(archive / "en")
    job = replace(make_job(data="en+world"), source=None, archive=archive)
    needs = Needs.of([job], held)
    assert {Path(name).parent for name in needs.files} == {archive / "en"}
    assert [plugin[1] for plugin in needs.plugins] == ["gru", "world"]


def test_another_relmem_is_named(needs: Needs) -> None:
    assert lack(needs, relmem="9.9") == f"has relmem {__version__}, not 9.9"


def test_a_plugin_that_is_not_there_or_another_one_is_named(needs: Needs) -> None:
    gone = [*needs.plugins, ("variant", "soup", "relmem-soup", "1.0")]
    assert lack(needs, plugins=gone) == "lacks the variant soup of plugin relmem-soup 1.0"
    there = version("relmem-example")
    said = lack(needs, plugins=[("variant", "gru", "relmem-example", "9.9")])
    assert said == f"has variant gru of plugin relmem-example {there}, not relmem-example 9.9"


def test_data_that_is_not_seen_or_is_other_data_is_named(needs: Needs, tiny_tasks: Path) -> None:
    file = tiny_tasks / "qa3_tiny_train.txt"
    file.write_text(file.read_text() + "\n")
    assert lack(needs) == f"sees another {file} than this machine"
    file.unlink()
    assert lack(needs) == f"cannot read {file} (No such file or directory)"


def test_another_file_system_is_told_by_what_is_not_there(needs: Needs, held: Path) -> None:
    held.unlink()
    assert lack(needs) == f"does not see what this machine writes to {held.parent}"


def test_a_lock_that_is_not_seen_to_be_held_is_told(make_job, tmp_path: Path) -> None:
    with issue_ticket(tmp_path / "out") as ticket:
        assert "locks do not hold" in lack(Needs.of([make_job()], ticket))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(13, "Permission denied"), "cannot write to"),
        (NotImplementedError(), "on a file system without locks"),
    ],
)
def test_a_folder_that_cannot_be_written_to_or_has_no_locks_is_told(
    needs: Needs, held: Path, monkeypatch: pytest.MonkeyPatch, error, said
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(locks, "FileLock", refuse)
    assert said in lack(needs)
    assert str(held.parent) in lack(needs)
