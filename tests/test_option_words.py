"""What options take is said in words: in --help, where a value is wrong, and on Tab."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from relmem_cli.app import app
from relmem_cli.builtin import COMMANDS
from relmem_cli.commands.shared.setting_keys import Option, options
from relmem_cli.paths import runs_folder
from tests.conftest import Relmem

TYPES = ("<int", "<float", "<str", "<path", "<file", "<directory", "x>=", "<=x")


def test_no_help_names_a_type(relmem: Relmem) -> None:
    for command in COMMANDS:
        assert not [one for one in TYPES if one in relmem(command, "--help").out], command
    for below in (("data", "generate"), ("params", "table"), ("models", "rm"), ("runs", "show")):
        assert not [one for one in TYPES if one in relmem(*below, "--help").out], below


def test_help_says_what_a_number_is(relmem: Relmem) -> None:
    shown = " ".join(relmem("train", "--help").out.split())
    assert "--epochs N Epochs at most; 60 without a recipe. [a whole number from 1]" in shown
    assert "[a whole number from 1 to 20]" in " ".join(relmem("ask", "--help").out.split())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("train", "-v", "gru", "--epochs", "many"), "'many' is not a whole number from 1."),
        (("train", "-v", "gru", "--epochs", "0"), "'0' is not a whole number from 1."),
        (("chat", "--task", "21"), "'21' is not a whole number from 1 to 20."),
        (("reproduce", "tabel6"), "'recipes'; did you mean table6 or table7?"),
        (
            ("models", "--format", "jsom"),
            "'csv', 'md'; did you mean json?",
        ),
        (("models", "--format", "xyz"), "'xyz' is not one of 'table', 'json', 'csv', 'md'."),
        (("models", "lsit"), "No such command 'lsit'."),
        (("models", "renam"), "Did you mean 'rename'?"),
        (("chatt",), "there is no command 'chatt'; did you mean chat?"),
        (("train", "--epoch", "3"), "--epochs"),
        (("train", "-v", "gruu"), "there is no variant 'gruu'; did you mean gru"),
        (("train", "-v", "gru", "--set", "dimm=3"), "did you mean dim?"),
        (("train", "-v", "gru", "--set", "learning_rat=3"), "did you mean learning_rate?"),
        (("train", "-v", "gru", "--data", "wrld"), "(did you mean world?)"),
        (("train", "-v", "gru", "--data", "world:mixtur"), "did you mean mixture?"),
        (("train", "-v", "gru", "--data", "world:1,question=3"), "did you mean questions?"),
        (("train", "-v", "gru", "--recipe", "relmen"), "did you mean relmem?"),
        (("train", "-v", "gru", "--set", "optimizer=adm"), "did you mean adam"),
        (("data", "show", "--kind", "mixtur"), "did you mean mixture?"),
        (("data", "show", "--style", "everyda"), "did you mean everyday?"),
        (("data", "show", "--words", "everyda"), "did you mean everyday?"),
        (("chat", "--device", "cude"), "did you mean cuda?"),
    ],
)
def test_what_is_wrong_is_said_in_words(
    relmem: Relmem, arguments: tuple[str, ...], said: str
) -> None:
    ran = relmem(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err


@pytest.fixture
def offered(relmem: Relmem, monkeypatch: pytest.MonkeyPatch):
    """offered("chat --model re") is what a shell offers for the last word."""

    def complete(line: str) -> list[str]:
        words = ["relmem", *line.split(" ")]
        monkeypatch.setenv("_RELMEM_COMPLETE", "complete_bash")
        monkeypatch.setenv("COMP_WORDS", " ".join(words))
        monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        ran = relmem()
        assert (ran.code, ran.err) == (0, "")
        return ran.out.split()

    return complete


@pytest.mark.parametrize(
    ("line", "first"),
    [
        ("chat --model relation-s", "relation-slot-joint"),
        ("ask -m relation-s", "relation-slot-joint"),
        ("eval relation-s", "relation-slot-joint"),
        ("train --from relation-s", "relation-slot-joint"),
        ("train -v entn", "entnet"),
        ("train --variant gru,entn", "gru,entnet"),
        ("params show -v entn", "entnet"),
        ("train --task jo", "joint"),
        ("data roles --task 2", "2"),
        ("reproduce --recipe as-", "as-published"),
        ("eval --data hn-", "hn-10k"),
        ("chat --device cu", "cuda"),
        ("mod", "models"),
        ("models ren", "rename"),
    ],
)
def test_a_shell_offers_names(offered, line: str, first: str) -> None:
    assert offered(line)[0] == first


def test_a_shell_offers_to_delete_only_what_is_yours(offered) -> None:
    mine = runs_folder() / "relation-mine/best.safetensors"
    mine.parent.mkdir(parents=True)
    mine.write_bytes(b"")
    assert offered("models rm relation") == ["relation-mine"]
    assert offered("runs show rel") == []
    (mine.parent / "settings.toml").touch()
    assert offered("runs show rel") == ["relation-mine"]


def test_completion_says_nothing_of_what_is_wrong_elsewhere(
    offered, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "relmem.toml").write_text("no toml")
    assert "entnet" in offered("train -v entnet")
    assert offered("nonsense --model x") == []


def test_completion_waits_for_no_torch() -> None:
    code = (
        "import sys\nfrom relmem_cli.app import main\nsys.argv = ['relmem']\n"
        "try:\n    main()\nexcept SystemExit: pass\nassert 'torch' not in sys.modules"
    )
    words = {"_RELMEM_COMPLETE": "complete_bash", "COMP_WORDS": "relmem chat -m open"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | words | {"COMP_CWORD": "3"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "open-transformer-joint\n"), done.stderr


def test_every_option_with_names_has_them() -> None:
    command = typer.main.get_command(app)
    context = command.context_class(command, info_name="relmem", resilient_parsing=True)
    found = [one for one in options(context) if isinstance(one, Option)]
    named = {one.key for one in found if "shell_complete" in vars(one.option)}
    wanted = {one.key for one in found if one.name in ("model", "variant", "task", "recipe")}
    assert wanted <= named
