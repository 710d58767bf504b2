import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import relmem_cli
from relmem_cli.app import main
from relmem_cli.builtin import COMMANDS

RELMEM = str(Path(sys.executable).with_name("relmem"))


def relmem(*arguments: str, cwd: Path | None = None, **env: str):
    return subprocess.run(
        [RELMEM, *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
    )


@pytest.mark.parametrize("arguments", [["--help"], ["variants"], ["plugins"], ["models"]])
def test_listing_imports_neither_torch_nor_prompt_toolkit(arguments: list[str]) -> None:
    code = (
        "import sys\n"
        "from relmem_cli.app import app\n"
        "try:\n    app(prog_name='relmem')\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'torch', 'prompt_toolkit'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_help_lists_every_command_with_its_summary() -> None:
    done = relmem("--help", COLUMNS="100")
    assert done.returncode == 0
    for name, summary in COMMANDS.items():
        assert name in done.stdout
        assert summary in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(command: str) -> None:
    done = relmem(command, "--help")
    assert done.returncode == 0, done.stderr
    assert f"relmem {command}" in done.stdout.removeprefix("Usage: relmem")


def test_the_version_is_the_distributions() -> None:
    assert relmem("--version").stdout == f"relmem {relmem_cli.__version__}\n"


def test_an_unknown_command_is_wrong_usage() -> None:
    done = relmem("sing")
    assert done.returncode == 2
    assert "No such command 'sing'" in done.stderr


def test_an_error_is_one_line_unless_debugging() -> None:
    done = relmem("train", "--variant", "nope")
    assert done.returncode == 2
    assert done.stderr.startswith("relmem: there is no variant 'nope'")
    assert done.stderr.count("\n") == 1
    assert "Traceback" in relmem("--debug", "train", "--variant", "nope").stderr


def test_settings_come_from_flags_then_variables_then_the_file(tmp_path: Path) -> None:
    (tmp_path / "relmem.toml").write_text('[variants]\nformat = "json"\n')
    assert json.loads(relmem("variants", cwd=tmp_path).stdout)
    by_variable = relmem("variants", cwd=tmp_path, RELMEM_VARIANTS_FORMAT="csv")
    assert by_variable.stdout.startswith("variant,summary")
    by_flag = relmem("variants", "--format", "md", cwd=tmp_path, RELMEM_VARIANTS_FORMAT="csv")
    assert by_flag.stdout.startswith("| variant |")


def test_the_users_settings_count_where_there_are_none_here(own_home: Path, tmp_path: Path) -> None:
    (own_home / "relmem.toml").write_text('[variants]\nformat = "json"\n')
    assert json.loads(relmem("variants", cwd=tmp_path).stdout)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[variants\n", "relmem.toml cannot be used"),
        ("[sing]\nloud = true\n", "[sing] is no command"),
        ('format = "json"\n', "[format] is no command"),
        ('[variants]\nfromat = "json"\n', "has no setting 'fromat'; it has format"),
        ('[variants]\nformat = "svg"\n', "[variants] format: 'svg' is not one of"),
        ('[variants]\nformat = ["json"]\n', "[variants] format: one value is needed"),
        ("variants = 3\n", "[variants] is no command"),
    ],
)
def test_a_settings_file_with_a_mistake_is_refused_by_its_whole_path(
    tmp_path: Path, content: str, complaint: str
) -> None:
    file = tmp_path / "relmem.toml"
    file.write_text(content)
    done = relmem("variants", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"relmem: {file}")
    assert complaint in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["--version"], ["chat", "--help"], ["params", "show", "-h"]]
)
def test_help_and_the_version_need_no_settings_file(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "relmem.toml").write_text("[variants\n")
    here, elsewhere = relmem(*arguments, cwd=tmp_path), relmem(*arguments)
    assert (here.stdout, here.stderr) == (elsewhere.stdout, elsewhere.stderr)
    assert "cannot be used" not in here.stderr


def test_after_two_dashes_nothing_is_an_option(tmp_path: Path) -> None:
    (tmp_path / "relmem.toml").write_text("[variants\n")
    assert "cannot be used" in relmem("ask", "--", "--help", cwd=tmp_path).stderr


def test_any_option_can_be_set_by_its_variable_or_in_the_file(tmp_path: Path) -> None:
    arguments = ["params", "show", "--variant", "entnet", "--task", "1", "--format", "json"]
    by_variable = relmem(*arguments, cwd=tmp_path, RELMEM_PARAMS_SHOW_SET="dim=7")
    (tmp_path / "relmem.toml").write_text('[params.show]\nset = ["dim=7"]\n')
    by_file = relmem(*arguments, cwd=tmp_path)
    assert by_variable.returncode == by_file.returncode == 0
    assert by_variable.stdout == by_file.stdout
    assert '"parameters": 154' in by_file.stdout.replace("\n", "")


def test_a_variable_named_version_is_no_option() -> None:
    assert relmem("variants", RELMEM_VERSION="3.2").returncode == 0


def test_an_unexpected_error_is_one_line_too(monkeypatch, capsys) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("relmem_cli.app.app", fail)
    monkeypatch.delenv("RELMEM_DEBUG", raising=False)
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert (
        said
        == "relmem: unexpected ZeroDivisionError: oops; --debug shows where, for a bug report.\n"
    )


def test_a_closed_pipe_is_no_error_message() -> None:
    done = subprocess.run(
        f"{RELMEM} params table --format json | head -n 1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""


def test_the_import_rules_are_kept() -> None:
    root = Path(__file__).parents[1]
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout
