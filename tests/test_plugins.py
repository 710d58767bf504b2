import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from relmem_cli.contract import TrainingEvent
from relmem_cli.errors import RelmemError, UsageError
from relmem_cli.plugins import GROUP, Registry, load, registry

VARIANT = """
from relmem_cli import hookimpl
from relmem_cli.contract import Variant
from relmem_variants.options import EntNetOptions

@hookimpl
def relmem_variants():
    return [
        Variant(name="{name}", summary="", reference="", options=EntNetOptions, model="{model}")
    ]
"""
GOOD = VARIANT.format(name="mine", model="relmem_variants.entnet:EntNet")


class NamedEntryPoint(EntryPoint):
    """An entry point as if it came from an installed distribution of its own."""

    @property
    def dist(self):
        return type("Distribution", (), {"name": f"dist-{self.name}", "version": "1.2"})()


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delenv("RELMEM_STRICT_PLUGINS", raising=False)

    def load_sources(**sources: str) -> Registry:
        points = []
        for name, source in sources.items():
            (tmp_path / f"relmem_test_{name}.py").write_text(source)
            sys.modules.pop(f"relmem_test_{name}", None)
            points.append(NamedEntryPoint(name, f"relmem_test_{name}", GROUP))
        return load(points)

    return load_sources


def test_a_working_plugin_is_listed_with_what_it_adds(plugins, capsys) -> None:
    found = plugins(good=GOOD)
    (plugin,) = found.plugins
    assert (plugin.distribution, plugin.version, plugin.status) == ("dist-good", "1.2", "ok")
    assert plugin.summary == "variant: mine"
    assert found.variants.get_or_explain("mine").name == "mine"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("import a_module_that_is_not_there", "No module named 'a_module_that_is_not_there'"),
        ("def f(:", "invalid syntax"),
        ("raise SystemExit(3)", "SystemExit"),
        (GOOD.replace("return [", "raise ValueError('boom') or ["), "boom"),
        (GOOD.replace("return [", "return 'no list' or ["), "returned 'no list'; expected a list"),
        (GOOD.replace("return [", "return ['x'] or ["), "expected a list of Variant"),
        (GOOD.replace("return [", "raise SystemExit(7) or ["), "SystemExit"),
        (GOOD.replace("options=EntNetOptions", "options=Variant"), "missing"),
        (GOOD.replace("def relmem_variants", "def relmem_varaints"), "hook 'relmem_varaints'"),
        (f"relmem_contract = 99\n{GOOD}", "it needs contract 99, this relmem has 2; update"),
        (GOOD.replace("@hookimpl", ""), "relmem_variants is not marked with @hookimpl"),
        (GOOD.replace('model="', 'training={"lr": 1}, model="'), "no training setting 'lr'"),
        (GOOD.replace("relmem_variants():", "relmem_variants(nonsense):"), "nonsense"),
    ],
)  # fmt: skip
def test_a_broken_plugin_costs_one_line_and_no_other_plugin(plugins, capsys, broken, fault) -> None:
    other = GOOD.replace('"mine"', '"theirs"')
    found = plugins(broken=broken, other=other)
    assert "theirs" in found.variants
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("relmem: plugin dist-broken: ")
    assert fault in lines[0]
    assert fault in found.plugins[0].status
    assert found.plugins[1].status == "ok"


def test_two_plugins_that_claim_one_variant_are_both_named(plugins, capsys) -> None:
    found = plugins(one=GOOD, two=GOOD, three=GOOD.replace('"mine"', '"free"'))
    with pytest.raises(UsageError, match="variant 'mine' is claimed by dist-one and dist-two"):
        found.variants.get_or_explain("mine")
    assert list(found.variants) == ["free"]
    assert all(
        "claimed by dist-one and dist-two" in p.status for p in found.plugins if p.name != "three"
    )
    assert capsys.readouterr().err.count("claimed by dist-one and dist-two") == 1


def test_a_variant_whose_module_is_missing_fails_when_it_is_used(plugins) -> None:
    found = plugins(gone=VARIANT.format(name="gone", model="nowhere_at_all:Model"))
    variant = found.variants.get_or_explain("gone")
    with pytest.raises(RelmemError, match="nowhere_at_all:Model cannot be loaded"):
        variant.build(None)


def test_an_unknown_variant_is_refused_with_the_known_ones(plugins) -> None:
    with pytest.raises(UsageError, match="there are: mine; relmem plugins says what was loaded.$"):
        plugins(good=GOOD).variants.get_or_explain("yours")


def test_strict_mode_raises_the_first_fault(plugins, monkeypatch) -> None:
    monkeypatch.setenv("RELMEM_STRICT_PLUGINS", "1")
    with pytest.raises(RelmemError, match="plugin dist-broken"):
        plugins(broken="import a_module_that_is_not_there")


def test_a_plugin_cannot_take_the_place_of_a_command(plugins, capsys) -> None:
    found = plugins(
        bold="""
from relmem_cli import hookimpl
from relmem_cli.contract import Command

@hookimpl
def relmem_commands():
    return [Command(name="train", summary="mine", load="nowhere:app")]
"""
    )
    assert "train" not in found.commands
    assert "command 'train' is relmem's own" in capsys.readouterr().err


def test_a_listener_may_leave_the_event_out(plugins) -> None:
    found = plugins(
        quiet="""
from relmem_cli import hookimpl
heard = []

@hookimpl
def relmem_training_event():
    heard.append("an epoch")
"""
    )
    event = TrainingEvent(run="r", variant="v", epoch=1, loss=1.0, validation_error=0.5)
    found.training_event(event)
    assert sys.modules["relmem_test_quiet"].heard == ["an epoch"]


def test_a_listener_that_raises_is_named_once_and_not_called_again(plugins, capsys) -> None:
    listener = """
from relmem_cli import hookimpl
heard = []

@hookimpl
def relmem_training_event(event):
    heard.append(event.epoch)
    {action}
"""
    found = plugins(
        bad=listener.format(action="raise ValueError('deaf')"), good=listener.format(action="pass")
    )
    for epoch in (1, 2, 3):
        event = TrainingEvent(run="r", variant="v", epoch=epoch, loss=1.0, validation_error=0.5)
        found.training_event(event)
    assert sys.modules["relmem_test_bad"].heard == [1]
    assert sys.modules["relmem_test_good"].heard == [1, 2, 3]
    assert capsys.readouterr().err.count("ValueError: deaf") == 1


def test_a_variant_without_a_reference_has_no_line_for_it(plugins, monkeypatch, relmem) -> None:
    offer = VARIANT.format(name="mine", model="m:M").replace('reference=""', 'reference="none"')
    monkeypatch.setattr(registry(), "variants", plugins(good=offer).variants)
    assert "none" not in relmem("variants").out.split()
    assert '"reference": "none"' in relmem("variants", "--format", "json").out
