"""What is relmem's own keeps its name, whoever claims it."""

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from relmem_cli.builtin import CHAT_COMMANDS
from relmem_cli.chat.commands import BUILT_IN
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plugins import GROUP, load
from tests.faults.conftest import OfTheirs, offered

CLAIMS = [
    ("variants", 'name="faulty", summary="", reference', 'name="entnet", summary="", reference',
     "variant 'entnet'"),
    ("commands", 'name="faulty", summary="Faults."', 'name="train", summary="Faults."',
     "command 'train'"),
    ("recipes", 'Recipe(name="faulty"', 'Recipe(name="relmem"', "recipe 'relmem'"),
    ("sources", 'name = "faulty"', 'name = "world"', "source 'world'"),
    ("sources", 'name = "faulty"', 'name = "en"', "source 'en'"),
    ("kinds", 'Kind(name="faulty"', 'Kind(name="mixture"', "kind 'mixture'"),
    ("chat_commands", 'ChatCommand(name="faulty"', 'ChatCommand(name="Words"',
     "chat command 'Words'"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "claimed"), CLAIMS, ids=[c[3] for c in CLAIMS])
@pytest.mark.parametrize("name", ["a-first", "z-last"])
def test_what_is_relmems_own_keeps_its_name(
    faulty: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    kind: str,
    old: str,
    new: str,
    claimed: str,
) -> None:
    plugin = faulty / "plugin.py"
    own = load(entry_points(group=GROUP))
    text = plugin.read_text()
    assert text.count(old) == 1
    plugin.write_text(text.replace(old, new))
    capsys.readouterr()
    found = load([OfTheirs(name, "faulty.plugin", GROUP), *entry_points(group=GROUP)])
    (line,) = capsys.readouterr().err.splitlines()
    hook = f"relmem_{kind}"
    assert line == (
        f"relmem: plugin dist-{name}: {hook}: {claimed} is relmem's own; choose another name"
    )
    assert offered(found) == offered(own)
    assert dict(getattr(found, kind)) == dict(getattr(own, kind))
    (claiming,) = [plugin for plugin in found.plugins if plugin.name == name]
    assert claimed in claiming.status
    others = [plugin.status for plugin in found.plugins if plugin is not claiming]
    assert others == ["ok"] * len(own.plugins)


def test_a_claim_costs_a_plugin_nothing_else_that_it_offers(faulty: Path) -> None:
    plugin = faulty / "plugin.py"
    text = plugin.read_text()
    first = 'Command(name="train", summary="", load="")'
    plugin.write_text(text.replace("return [Command(", f"return [{first}, Command("))
    found = load([OfTheirs("faulty", "faulty.plugin", GROUP)])
    assert [*found.commands] == ["faulty"]


def test_strict_mode_raises_a_claim(faulty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = faulty / "plugin.py"
    plugin.write_text(
        plugin.read_text().replace('ChatCommand(name="faulty"', 'ChatCommand(name="quit"')
    )
    monkeypatch.setenv("RELMEM_STRICT_PLUGINS", "1")
    with pytest.raises(RelmemError, match="chat command 'quit' is relmem's own"):
        load([OfTheirs("faulty", "faulty.plugin", GROUP)])


def test_every_slash_command_is_relmems_own() -> None:
    assert {*CHAT_COMMANDS} == {command.name for command in BUILT_IN}


def test_two_plugins_that_claim_a_built_in_name_and_another_are_all_named(
    faulty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = [OfTheirs(name, "faulty.plugin", GROUP) for name in ("one", "two")]
    found = load([*entry_points(group=GROUP), *points])
    with pytest.raises(UsageError, match="claimed by dist-one and dist-two"):
        found.variants.get_or_explain("faulty")
    assert "entnet" in {*found.variants}
