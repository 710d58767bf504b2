import json
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from relmem_cli.plugins import Offers, registry


@pytest.fixture(autouse=True)
def nothing_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without relmem.toml."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(ran) -> dict[str, tuple[object, str]]:
    assert ran.code == 0, ran.err
    return {row["setting"]: (row["value"], row["source"]) for row in json.loads(ran.out)}


def test_show_names_each_setting_with_where_it_comes_from(
    relmem: Callable, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = own_home / "relmem.toml"
    file.write_text('[chat]\ntask = 2\nmodel = "mine"\n[params.table]\nformat = "md"\n')
    monkeypatch.setenv("RELMEM_CHAT_TASK", "7")
    assert settings(relmem("config", "show", "--format", "json")) == {
        "chat.model": ("mine", str(file)),
        "chat.task": (7, "RELMEM_CHAT_TASK"),
        "params.table.format": ("md", str(file)),
    }


def test_show_all_has_every_option_of_every_command(relmem: Callable) -> None:
    shown = settings(relmem("config", "show", "--all", "--format", "json"))
    assert shown["chat.device"] == ("auto", "default")
    assert shown["ask.number"] == (1, "default")
    assert shown["params.show.task"] == (None, "default")
    assert {key.split(".")[0] for key in shown} >= {"chat", "ask", "eval", "config", "doctor"}
    assert not {key for key in shown if key.split(".")[-1] in ("help", "key")}
    assert "ask.questions" not in shown


def test_a_table_has_values_as_they_are_typed(relmem: Callable) -> None:
    assert "chat.json is true in" in relmem("config", "set", "chat.json", "true").err
    relmem("config", "set", "train.set", "epochs=3", "dim=4")
    lines = relmem("config", "show").out.splitlines()
    shown = {words[0]: words[1:-1] for line in lines if (words := line.split())}
    assert shown["chat.json"] == ["true"]
    assert shown["train.set"] == ["epochs=3", "dim=4"]


def test_a_wrong_variable_is_shown_as_it_is(
    relmem: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELMEM_CHAT_TASK", "abc")
    shown = settings(relmem("config", "show", "--format", "json"))
    assert shown == {"chat.task": ("abc", "RELMEM_CHAT_TASK")}


def test_an_underscore_in_a_key_is_a_hyphen(relmem: Callable, own_home: Path) -> None:
    assert relmem("config", "set", "chat.no_history", "true").code == 0
    assert (own_home / "relmem.toml").read_text() == "[chat]\nno-history = true\n"


@pytest.mark.parametrize("content", [b"chat = 3\n", b"[chat\n", b"\xff"])
def test_a_file_that_cannot_be_changed_is_named_and_left_as_it_is(
    relmem: Callable, own_home: Path, nothing_set: Path, content: bytes
) -> None:
    (nothing_set / "relmem.toml").touch()  # this one counts
    file = own_home / "relmem.toml"
    file.write_bytes(content)
    changed = relmem("config", "set", "chat.model", "mine")
    assert (changed.code, changed.err.count("\n")) == (2, 1)
    assert f"{file} cannot be" in changed.err
    assert relmem("config", "unset", "chat.model").code == 2
    assert file.read_bytes() == content


def test_where_nothing_is_set_show_says_so_and_machines_get_an_empty_list(relmem: Callable) -> None:
    ran = relmem("config", "show")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing is set" in ran.err
    assert settings(relmem("config", "show", "--format", "json")) == {}


def test_a_command_that_cannot_be_loaded_costs_one_line(
    relmem: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relmem_cli.contract import Command

    added: Offers[Command] = Offers("command")
    sing = Command(name="sing", summary="sing", load="no_such_module:app")
    added.add(sing, registry().plugins[0])
    monkeypatch.setattr(registry(), "commands", added)
    ran = relmem("config", "show", "--all", "--format", "json")
    assert "chat.model" in settings(ran)
    assert "no_such_module" in ran.err


def test_set_writes_your_file_which_then_counts(relmem: Callable, own_home: Path) -> None:
    assert relmem("config", "set", "chat.model", "mine").code == 0
    assert relmem("config", "set", "chat.task", "3").code == 0
    assert relmem("config", "set", "train.set", "epochs=3", "dim=4").code == 0
    assert (own_home / "relmem.toml").read_text() == (
        '[chat]\nmodel = "mine"\ntask = 3\n\n[train]\nset = ["epochs=3", "dim=4"]\n'
    )
    shown = settings(relmem("config", "show", "--format", "json"))
    assert shown["chat.model"][0] == "mine"


def test_set_here_writes_the_working_folders_file(
    relmem: Callable, own_home: Path, nothing_set: Path
) -> None:
    relmem("config", "set", "params.table.format", "md", "--here")
    assert (nothing_set / "relmem.toml").read_text() == '[params.table]\nformat = "md"\n'
    assert not (own_home / "relmem.toml").exists()
    other = relmem("config", "set", "chat.model", "mine")
    assert f"{nothing_set / 'relmem.toml'} counts instead" in other.err


def test_unset_here_leaves_no_empty_file_that_would_count(
    relmem: Callable, own_home: Path, nothing_set: Path
) -> None:
    relmem("config", "set", "chat.theme", "light")
    relmem("config", "set", "chat.theme", "plain", "--here")
    ran = relmem("config", "unset", "chat.theme", "--here")
    assert "which had nothing else and is gone" in ran.err + ran.out
    assert not (nothing_set / "relmem.toml").exists()
    assert settings(relmem("config", "show", "--format", "json"))["chat.theme"][0] == "light"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["chat.thme", "light"], "did you mean chat.theme?"),
        (["cht.theme", "light"], "did you mean chat.theme?"),
        (["chat", "light"], "chat has model, task, device"),
        (["chat.zzzzz", "light"], "chat has model, task, device"),
        (["zzz", "light"], "config show --all"),
        (["theme", "light"], "did you mean chat.theme or demo.theme?"),
        (["chat.theme", "blue"], "'blue' is not one of"),
        (["chat.task", "99"], "'99' is not a whole number from 1 to 20."),
        (["chat.task", "two"], "'two' is not a whole number from 1 to 20."),
        (["chat.json", "maybe"], "chat.json: 'maybe' is neither true nor false."),
        (["chat.model", "a", "b"], "takes one value, not 2"),
    ],
)
def test_a_wrong_key_or_value_is_refused_and_nothing_written(
    relmem: Callable, own_home: Path, arguments: list[str], complaint: str
) -> None:
    ran = relmem("config", "set", *arguments)
    assert ran.code == 2
    assert complaint in ran.err
    assert ran.err.count("\n") == 1
    assert not (own_home / "relmem.toml").exists()


def test_unset_takes_out_even_what_no_command_has(relmem: Callable, own_home: Path) -> None:
    file = own_home / "relmem.toml"
    file.write_text('[chat]\nmodle = "mine"\ntask = 2\n')
    assert relmem("chat").code == 2
    assert relmem("config", "set", "chat.task", "3").code == 0
    assert relmem("config", "unset", "chat.modle").code == 0
    assert file.read_text() == "[chat]\ntask = 3\n"
    again = relmem("config", "unset", "chat.modle")
    assert again.code == 2
    assert again.err == f"relmem: chat.modle is not set in {file}.\n"


def test_path_says_which_file_counts_and_where_yours_lies(
    relmem: Callable, own_home: Path, nothing_set: Path
) -> None:
    yours = own_home / "relmem.toml"
    assert relmem("config", "path").out == f"counts  none\nyours   {yours}  (not there yet)\n"
    (nothing_set / "relmem.toml").write_text("")
    assert relmem("config", "path").out.splitlines()[0] == f"counts  {nothing_set / 'relmem.toml'}"


def test_a_link_to_the_file_stays_a_link(
    relmem: Callable, own_home: Path, nothing_set: Path
) -> None:
    real = nothing_set / "dotfiles.toml"
    real.write_text("# kept elsewhere\n")
    (own_home / "relmem.toml").symlink_to(real)
    relmem("config", "set", "chat.theme", "light")
    assert stat.S_ISLNK((own_home / "relmem.toml").lstat().st_mode)
    assert real.read_text() == '# kept elsewhere\n\n[chat]\ntheme = "light"\n'


BROKEN = "[chat\n"


@pytest.mark.parametrize("content", [BROKEN, "[sing]\na = 1\n", "[config]\na = 1\n"])
def test_path_tells_where_a_file_lies_whatever_is_wrong_with_it(
    relmem: Callable, nothing_set: Path, content: str
) -> None:
    file = nothing_set / "relmem.toml"
    file.write_text(content)
    ran = relmem("config", "path")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == f"counts  {file}"
    refused = relmem("config", "show")
    assert refused.code == 2
    assert refused.err.startswith(f"relmem: {file}")


def test_set_leaves_a_file_alone_that_is_not_toml_and_can_still_change_another(
    relmem: Callable, own_home: Path, nothing_set: Path
) -> None:
    file = nothing_set / "relmem.toml"
    file.write_text(BROKEN)
    refused = relmem("config", "set", "chat.theme", "light", "--here")
    assert refused.code == 2
    assert refused.err.startswith(f"relmem: {file} cannot be used: ")
    assert refused.err.count("\n") == 1
    assert file.read_text() == BROKEN
    assert relmem("config", "set", "chat.theme", "light").code == 0


def test_what_names_no_command_can_be_taken_out(relmem: Callable, own_home: Path) -> None:
    (own_home / "relmem.toml").write_text("[sing]\na = 1\n[chat]\ntask = 2\n")
    assert relmem("config", "unset", "sing").code == 0
    assert settings(relmem("config", "show", "--format", "json")).keys() == {"chat.task"}


def test_defaults_of_config_itself_count(relmem: Callable, nothing_set: Path) -> None:
    (nothing_set / "relmem.toml").write_text('[config.show]\nformat = "json"\n')
    assert settings(relmem("config", "show")).keys() == {"config.show.format"}


def test_options_go_by_their_long_names(relmem: Callable) -> None:
    shown = settings(relmem("config", "show", "--all", "--format", "json"))
    assert {"chat.continue", "chat.no-history", "reproduce.from"} <= shown.keys()
    assert not [key for key in shown if "_" in key or key.endswith("-")]
    assert "chat.no-history" in relmem("config", "set", "chat.no-histori", "true").err


@pytest.mark.parametrize("key", ["no-history", "no_history", "continue", "continue_", "continue-"])
def test_a_file_may_spell_an_option_as_before(relmem: Callable, own_home: Path, key: str) -> None:
    file = own_home / "relmem.toml"
    file.write_text(f"[chat]\n{key} = true\n")
    (shown,) = settings(relmem("config", "show", "--format", "json")).items()
    name = key.replace("_", "-").rstrip("-")
    assert shown == (f"chat.{name}", (True, str(file)))
    assert relmem("config", "set", f"chat.{name}", "false").code == 0
    assert file.read_text() == f"[chat]\n{key} = false\n"


@pytest.mark.parametrize("variable", ["RELMEM_CHAT_CONTINUE", "RELMEM_CHAT_CONTINUE_"])
def test_a_variable_is_named_as_it_was_set(
    relmem: Callable, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "1")
    assert settings(relmem("config", "show", "--format", "json")) == {
        "chat.continue": (True, variable)
    }
