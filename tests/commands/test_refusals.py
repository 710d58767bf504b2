"""What can be refused is refused before torch is imported, which takes seconds."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from filelock import FileLock

from relmem_cli.files import write_atomically
from relmem_cli.training.settings import Settings

Refused = Callable[..., "subprocess.CompletedProcess[str]"]

SETTINGS = Settings(variant="gru", task="1", epochs=2, options={"dim": 8})


@pytest.fixture
def relmem(tiny_world: Path, tmp_path: Path) -> Refused:
    """Runs `relmem` in a folder of its own, with a torch whose import is fatal."""
    fatal = tmp_path / "packages/torch.py"
    fatal.parent.mkdir()
    fatal.write_text("import os\nos.write(2, b'torch was imported')\nos._exit(77)\n")
    (tmp_path / "work").mkdir()

    def run(*arguments: str, stdin: str = "") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-c", "from relmem_cli.script import run; run()", *arguments],
            capture_output=True,
            text=True,
            check=False,
            input=stdin,
            cwd=tmp_path / "work",
            env=os.environ | {"PYTHONPATH": str(fatal.parent), "RELMEM_DATA": str(tmp_path)},
        )

    return run


@pytest.fixture
def train(relmem: Refused, tiny_world: Path) -> Refused:
    """`relmem train` as SETTINGS say, in the folder run."""

    def run(*more: str) -> "subprocess.CompletedProcess[str]":
        usual = ("--variant", "gru", "--set", "dim=8", "--epochs", "2", "--out", "run")
        return relmem("train", *usual, "--data", str(tiny_world), *more)

    return run


def check(done: "subprocess.CompletedProcess[str]", code: int, complaint: str) -> None:
    assert complaint in done.stderr
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (code, "", 1)


def test_what_is_not_refused_needs_torch(relmem: Refused, train: Refused) -> None:
    for done in (
        train(),
        train("--seed", "0-1"),
        relmem("chat", stdin="Where is Mary?\n"),
        relmem("params", "table"),
        relmem("ask", "--story", "-", "Where is Mary?", stdin="Mary went to the kitchen.\n"),
    ):
        assert (done.returncode, done.stderr) == (77, "torch was imported")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (["--variant", "nope"], 2, "no variant 'nope'"),
        (["--task", "21"], 2, "the tasks are 1 to 20"),
        (["--task", "2"], 1, "is missing"),
        (["--task", "2", "--restarts", "2"], 1, "is missing"),
        (["--set", "dim=none"], 2, "not a whole number"),
        (["--set", "colour=red"], 2, "no such setting"),
        (["--set", "clip=-1"], 2, "clip is -1"),
        (["--device", "abacus"], 2, "no device 'abacus'"),
        (["--device", "cuda:x"], 2, "no device 'cuda:x'"),
        (["--seed", "0-1", "--device", "abacus"], 2, "no device 'abacus'"),
        (["--data", "nowhere"], 2, "neither a known set"),
        (["--data", "hn"], 1, "relmem data fetch"),
        (["--out", "/dev/null/x"], 1, "/dev/null/x cannot be used: Not a directory."),
        (["--out", "/dev/null/x", "--seed", "0-1"], 1, "cannot be used: Not a directory."),
        (["--recipe", "soup"], 2, "no recipe 'soup'"),
        (["--fold", "7"], 2, "there is no fold 7"),
    ],
)
def test_a_training_that_cannot_begin(
    train: Refused, tmp_path: Path, arguments: list[str], code: int, complaint: str
) -> None:
    check(train(*arguments), code, complaint)
    assert list((tmp_path / "work").iterdir()) == []


def test_a_test_file_that_is_missing(train: Refused, tiny_world: Path) -> None:
    (tiny_world / "qa1_tiny_test.txt").unlink()
    check(train(), 1, "_test.txt is missing")


def begun(tmp_path: Path, tiny_world: Path) -> Path:
    """The folder of a run that has begun."""
    folder = tmp_path / "work/run"
    settings = replace(SETTINGS, data=str(tiny_world))
    write_atomically(folder / "settings.toml", settings.to_toml())
    return folder


def test_a_folder_that_holds_a_run(train: Refused, tmp_path: Path, tiny_world: Path) -> None:
    begun(tmp_path, tiny_world)
    check(train(), 2, "already holds a run; add --resume")
    check(train("--resume", "--epochs", "1"), 2, "begun with other settings (epochs was 2)")
    check(train("--resume", "--restarts", "2"), 2, "begun with another --restarts")
    assert train("--resume").returncode == 77


def test_a_seeds_folder_that_holds_a_run(train: Refused, tmp_path: Path, tiny_world: Path) -> None:
    begun(tmp_path, tiny_world).rename(tmp_path / "work/seed-1")
    (tmp_path / "work/run").mkdir()
    (tmp_path / "work/seed-1").rename(tmp_path / "work/run/seed-1")
    check(train("--restarts", "2"), 2, "seed-1 already holds a run; add --resume")


def test_a_run_whose_settings_are_damaged(train: Refused, tmp_path: Path, tiny_world: Path) -> None:
    (begun(tmp_path, tiny_world) / "settings.toml").write_text("fast = true\n")
    check(train("--resume"), 2, "is damaged: these are no settings of a run")


def test_a_grid_over_runs_that_are_there(train: Refused, tmp_path: Path, tiny_world: Path) -> None:
    folder = begun(tmp_path, tiny_world)
    folder.rename(tmp_path / "work/gru-1-tiny")
    again = ("--seed", "0-1", "--out", ".")
    check(train(*again), 2, "already holds 1 of these 2 runs")
    check(train(*again, "--resume", "--epochs", "1"), 2, "other settings (epochs was 2)")


def test_a_folder_that_another_process_trains_in(
    train: Refused, tmp_path: Path, tiny_world: Path
) -> None:
    with FileLock(begun(tmp_path, tiny_world) / ".lock"):
        check(train("--resume"), 1, "is training in")


def model(path: Path, **changes: str) -> str:
    """A file that begins as a model does, with other metadata."""
    metadata = {
        "format": "relmem-model-2",
        "variant": "gru",
        "options": "{}",
        "sizes": json.dumps({"vocabulary": 2, "sentence_length": 2, "question_length": 2}),
        "vocabulary": json.dumps(["<pad>", "mary"]),
        "answers": "[]",
        "record": "{}",
    }
    header = json.dumps({"__metadata__": metadata | changes}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header)
    return str(path)


@pytest.mark.parametrize("command", ["chat", "ask", "eval"])
def test_a_model_or_a_device_that_cannot_be_used(
    relmem: Refused, tmp_path: Path, command: str
) -> None:
    def use(name: str, *more: str) -> "subprocess.CompletedProcess[str]":
        arguments = {
            "chat": ["chat", "--model", name],
            "ask": ["ask", "--model", name, "--story", "-", "Where is Mary?"],
            "eval": ["eval", name],
        }[command]
        return relmem(*arguments, *more, stdin="Mary went to the kitchen.\nWhere is Mary?\n")

    file = tmp_path / "x.safetensors"
    check(use("nope"), 2, "there is no model 'nope'")
    check(use(model(file, format="relmem-model-1")), 1, "has format relmem-model-1")
    check(use(model(file, variant="lost")), 1, "no plugin here has that variant")
    check(use(model(file, sizes="3")), 1, "has a damaged model card")
    file.write_text("no model at all")
    check(use(str(file)), 1, "is not a whole .safetensors file")
    check(use("relation-transformer-1", "--device", "abacus"), 2, "no device 'abacus'")


ASK = ("ask", "--task", "1", "--story", "-")
STORY = "Mary went to the kitchen.\n"


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "complaint"),
    [
        (["ask", "--story", "missing.txt", "Where is Mary?"], "", 1, "missing.txt cannot be read"),
        ([*ASK, "Where is Mary?"], "", 1, "has no sentence in it"),
        ([*ASK, "Mary slept."], STORY, 2, "is no question"),
        ([*ASK, "Where is Mary?", "-n", "2"], STORY, 2, "has one story, not 2"),
        (["ask", "--csv", "-"], "a,b\n", 2, "has no columns 'story' and 'question'"),
        (["chat", "--panel", "nope"], STORY, 2, "no chat panel 'nope'"),
        (["chat", "--log", "no/where"], STORY, 2, "the log no/where cannot be written"),
        (["eval", "relation-transformer-1", "--task", "x"], "", 2, "task 'x'"),
        (["eval", "nothing-*"], "", 2, "no model is named like"),
        (["eval", "relation-transformer-1", "--samples", "."], "", 2, "is a folder"),
        (
            ["eval", "relation-transformer-1", "--samples", "/dev/null/x"],
            "",
            1,
            "--samples /dev/null/x cannot be written: Not a directory.",
        ),
        (["eval", "relation-transformer-1", "--data", "tiny", "--task", "2"], "", 1, "is missing"),
        (["params", "table", "--task", "99"], "", 2, "the tasks are 1 to 20"),
        (["params", "table", "--variant", "nope"], "", 2, "no variant 'nope'"),
        (["params", "show", "-v", "entnet", "-t", "1", "--set", "slots=0"], "", 2, "slots is 0"),
        (["params", "show", "-v", "entnet", "-t", "1-2"], "", 2, "takes one"),
        (["reproduce", "table6", "--device", "abacus"], "", 1, "relmem data fetch"),
        (["reproduce", "table5", "--plots", "x", "--quick"], "", 2, "trains nothing"),
    ],
)
def test_what_else_is_asked_in_vain(
    relmem: Refused, tmp_path: Path, arguments: list[str], stdin: str, code: int, complaint: str
) -> None:
    (tmp_path / "tiny").rename(tmp_path / "work/tiny")
    check(relmem(*arguments, stdin=stdin), code, complaint)


def test_an_unanswerable_question_needs_no_torch_and_has_a_line(relmem: Refused) -> None:
    done = relmem(*ASK, "Where is Zog?", "--json", stdin=f"Fnord slept.\n{STORY}")
    row = json.loads(done.stdout)
    assert (done.returncode, row["answer"], row["unknown"]) == (1, None, ["zog", "fnord", "slept"])
