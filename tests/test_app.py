import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import relmem_cli
from relmem_cli.app import main
from relmem_cli.builtin import COMMANDS
from relmem_cli.checkout import Commit
from tests.conftest import Relmem

RELMEM = str(Path(sys.executable).with_name("relmem"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


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


def test_help_lists_every_command_with_its_summary(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    done = relmem("--help")
    assert done.code == 0
    for name, summary in COMMANDS.items():
        assert name in done.out
        assert summary in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(relmem: Relmem, command: str) -> None:
    done = relmem(command, "--help")
    assert done.code == 0, done.err
    assert f"relmem {command}" in done.out.removeprefix("Usage: relmem")


@pytest.mark.parametrize(
    ("commit", "shown"),
    [
        (None, ""),
        (Commit("a" * 40, changed=False), " (commit aaaaaaaaa)"),
        (Commit("a" * 40, changed=True), " (commit aaaaaaaaa, with changes)"),
    ],
)
def test_the_version_is_the_distributions_and_a_checkout_adds_its_commit(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, commit: Commit | None, shown: str
) -> None:
    monkeypatch.setattr("relmem_cli.checkout.find_commit", lambda: commit)
    assert relmem("--version").out == f"relmem {relmem_cli.__version__}{shown}\n"


def test_no_command_asks_git_for_the_commit(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr("relmem_cli.checkout.find_commit")
    assert relmem("variants").code == 0


def test_an_unknown_command_is_wrong_usage(relmem: Relmem) -> None:
    done = relmem("sing")
    assert done.code == 2
    assert done.err == "relmem: there is no command 'sing'; relmem --help lists them.\n"


def test_an_error_is_one_line_unless_debugging() -> None:
    command = ["train", "--variant", "nope"]
    done = subprocess.run([RELMEM, *command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("relmem: there is no variant 'nope'")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
    command = [RELMEM, "--debug", *command]
    assert b"Traceback" in subprocess.run(command, capture_output=True, check=False).stderr


def test_settings_come_from_flags_then_variables_then_the_file(
    relmem: Relmem, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (here / "relmem.toml").write_text('[variants]\nformat = "json"\n')
    assert json.loads(relmem("variants").out)
    monkeypatch.setenv("RELMEM_VARIANTS_FORMAT", "csv")
    assert relmem("variants").out.startswith("variant,group,summary")
    assert relmem("variants", "--format", "md").out.startswith("| variant |")


@pytest.mark.usefixtures("here")
def test_the_users_settings_count_where_there_are_none_here(relmem: Relmem, own_home: Path) -> None:
    (own_home / "relmem.toml").write_text('[variants]\nformat = "json"\n')
    assert json.loads(relmem("variants").out)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[variants\n", "relmem.toml cannot be used"),
        ("[sing]\nloud = true\n", "[sing] is no command"),
        ('format = "json"\n', "[format] is no command"),
        ('[variants]\nfromat = "json"\n', "has no setting 'fromat'; it has format"),
        ('[variants]\nformat = "svg"\n', "'csv', 'md'; did you mean csv?"),
        ('[variants]\nformat = ["json"]\n', "[variants] format: one value is needed"),
        ("variants = 3\n", "variants is a command; its options go below [variants]."),
        ("[chatt]\ntask = 1\n", "[chatt] is no command; did you mean chat?"),
        ("x = " + "[" * 100_000, "lists and tables within each other"),
        ("[variants]\nx = " + "{a = " * 300 + "1" + "}" * 300, "within each other"),
        (f"[variants]\nx = 9{'9' * 5000}\n", "cannot be used: Exceeds the limit"),
        (f"[variants]\n{'a.' * 9999}a = 1\n", "line 2 has more than 200 dots"),
        ('[variants]\nformat = "\\u001b[31m' + "x" * 9999 + '"\n', r"format: '\x1b[31mxx"),
        (f"[variants]\n{'x' * 9999} = 1\n", "has no setting 'xxx"),
        (f"[{'x' * 9999}]\n", "is no command"),
    ],
)
def test_a_settings_file_with_a_mistake_is_refused_by_its_whole_path(
    relmem: Relmem, here: Path, content: str, complaint: str
) -> None:
    file = here / "relmem.toml"
    file.write_text(content)
    done = relmem("variants")
    assert done.code == 2
    assert done.err.startswith(f"relmem: {file}")
    assert complaint in done.err
    assert done.err.count("\n") == 1
    assert done.err[:-1].isprintable()
    assert len(done.err) < 300 + len(str(file))
    assert done.out == ""


@pytest.mark.usefixtures("here")
def test_an_unknown_setting_of_many_is_told_with_those_like_it(relmem: Relmem) -> None:
    Path("relmem.toml").write_text("[train]\nepoch = 3\n")
    assert relmem("train").err.endswith("[train] has no setting 'epoch'; did you mean epochs?\n")
    Path("relmem.toml").write_text("[train]\nzzz = 3\n")
    assert relmem("train").err.endswith("[train] has no setting 'zzz'; --help lists them.\n")


@pytest.mark.parametrize(
    "arguments", [[], ["--help"], ["--version"], ["chat", "--help"], ["params", "show", "-h"]]
)
def test_help_and_the_version_need_no_settings_file(
    relmem: Relmem, here: Path, arguments: list[str]
) -> None:
    elsewhere = relmem(*arguments)
    (here / "relmem.toml").write_text("[variants\n")
    assert relmem(*arguments) == elsewhere
    assert "cannot be used" not in elsewhere.err


def test_after_two_dashes_nothing_is_an_option(relmem: Relmem, here: Path) -> None:
    (here / "relmem.toml").write_text("[variants\n")
    assert "cannot be used" in relmem("ask", "--", "--help").err


def test_any_option_can_be_set_by_its_variable_or_in_the_file(
    relmem: Relmem, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ["params", "show", "--variant", "entnet", "--task", "1", "--format", "json"]
    with monkeypatch.context() as patched:
        patched.setenv("RELMEM_PARAMS_SHOW_SET", "dim=7")
        by_variable = relmem(*arguments)
    (here / "relmem.toml").write_text('[params.show]\nset = ["dim=7"]\n')
    by_file = relmem(*arguments)
    assert by_variable.code == by_file.code == 0
    assert by_variable.out == by_file.out
    assert '"parameters": 154' in by_file.out.replace("\n", "")


@pytest.mark.usefixtures("here")
def test_a_variable_named_version_is_no_option(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMEM_VERSION", "3.2")
    assert relmem("variants").code == 0


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


@pytest.mark.parametrize(
    "arguments", [["variants"], ["variants", "--format", "json"], ["--help"], ["config", "path"]]
)
def test_a_pipe_whose_reader_has_gone_ends_the_command_without_a_word(
    arguments: list[str],
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [RELMEM, *arguments], stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")  # `| head` is no failure


@pytest.mark.parametrize(
    "arguments", ["variants", "variants --format json", "--version", "config path"]
)
def test_a_stdout_that_is_closed_is_told_in_a_sentence(arguments: str) -> None:
    done = subprocess.run(
        f"{RELMEM} {arguments} >&-", shell=True, stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.returncode == 1
    assert done.stderr == (
        "relmem: stdout is closed, so nothing can be printed; send it to a file, or to /dev/null.\n"
    )


def test_a_stderr_that_is_closed_costs_no_result() -> None:
    command = f"{RELMEM} config path 2>&-; {RELMEM} variants --format no 2>&-; echo $?"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("counts  ")
    assert done.stdout.endswith("\n2\n")


def test_files_never_take_the_place_of_a_closed_stream(tmp_path: Path) -> None:
    code = (
        "import os; from relmem_cli.door import doors\n"
        "with doors():\n"
        "    assert os.open('kept', os.O_WRONLY | os.O_CREAT) > 2\n"
        "os.write(1, b'stray'), os.write(2, b'stray')"
    )
    subprocess.run(
        f'"{sys.executable}" -c "{code}" <&- >&- 2>&-', shell=True, check=True, cwd=tmp_path
    )
    assert (tmp_path / "kept").read_bytes() == b""


@pytest.mark.parametrize("columns", ["0", "00", ""])
def test_a_terminal_that_does_not_know_its_width_has_80_columns(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    wanted = relmem("variants").out
    assert max(map(len, wanted.splitlines())) == 80
    monkeypatch.setenv("COLUMNS", columns)
    assert relmem("variants").out == wanted


LONG = "n" * 300


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["chat", "--model", LONG], 2, f"there is no model '{LONG}'"),
        (["ask", "-s", "-", "-m", LONG, "Where is Mary?"], 2, f"there is no model '{LONG}'"),
        (["eval", LONG], 2, f"there is no model '{LONG}'"),
        (["eval", f"{LONG}*"], 2, f"no model is named like '{LONG}*'"),
        (["calibrate", LONG], 2, f"there is no model '{LONG}'"),
        (["train", "-v", "gru", "--data", LONG], 2, f"--data '{LONG}' is neither a known set"),
        (["train", "-v", "gru", "--data", f"{LONG}+en"], 2, "neither a known set"),
        (["data", "stats", "--data", LONG], 2, f"--data '{LONG}' is neither a known set"),
        (["data", "check", "--data", LONG], 2, f"--data '{LONG}' is neither a known set"),
        (["train", "-v", "gru", "--data", "WORLD", "--out", LONG], 1, "File name too long"),
        (["ask", "-s", LONG, "Where is Mary?"], 1, f"{LONG} cannot be read: File name too long"),
    ],
)
def test_a_name_that_is_too_long_is_one_sentence(
    relmem: Relmem, here: Path, tiny_world: Path, arguments: list[str], code: int, said: str
) -> None:
    done = relmem(*(str(tiny_world) if each == "WORLD" else each for each in arguments))
    assert done.code == code
    assert done.err.startswith("relmem: ")
    assert said in done.err
    assert done.err.count("\n") == 1
    assert [path.name for path in here.iterdir()] == [tiny_world.name]


def test_data_that_is_set_to_a_name_too_long_is_not_found(
    relmem: Relmem, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMEM_DATA", LONG)
    assert f"the bAbI tasks were not found in {LONG}" in relmem("data").err


def test_a_zero_in_a_name_is_no_name_of_a_file(relmem: Relmem, here: Path) -> None:
    (here / "relmem.toml").write_text('[chat]\nmodel = "a\\u0000b"\n[train]\ndata = "a\\u0000b"\n')
    assert "there is no model" in relmem("chat").err
    assert "is neither a known set" in relmem("train", "-v", "gru").err


def test_the_import_rules_are_kept() -> None:
    root = Path(__file__).parents[1]
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are kept by Linux")
def test_too_little_memory_is_one_sentence(tmp_path: Path) -> None:
    import resource

    (tmp_path / "story").write_text("Ann left.\n")
    done = subprocess.run(
        [RELMEM, "ask", "--story", str(tmp_path / "story"), "Where is Ann?"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (800 << 20, 800 << 20)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "relmem: there is not enough memory; end other programs, or raise the limit (ulimit -v).",
    )
