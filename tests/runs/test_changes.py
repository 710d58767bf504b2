from dataclasses import asdict

from relmem_cli.contract import Variant
from relmem_cli.plugins import registry
from relmem_cli.runs.ledger import run_changes
from relmem_cli.training.settings import Settings
from tests.reproducing import row


def gru() -> Variant:
    return registry().variants.get_or_explain("gru")


def settings(**more) -> Settings:
    return Settings(**{"variant": "gru", "task": "1", "fold": 0, "options": {"dim": 8}, **more})


def test_the_same_settings_are_no_change() -> None:
    assert run_changes(row(settings=asdict(settings())), settings(), gru()) == ""


def test_a_setting_and_an_option_that_changed_are_told_with_what_they_were() -> None:
    before = row(settings=asdict(settings()))
    now = settings(learning_rate=0.5, options={"dim": 9})
    assert run_changes(before, now, gru()) == "learning_rate was 0.01, dim was 8"


def test_what_came_later_was_at_its_default() -> None:
    plain = asdict(settings())
    del plain["warmup"], plain["options"]
    defaults = gru().defaults()
    before = row(settings=plain)
    assert run_changes(before, settings(options=defaults), gru()) == ""
    assert run_changes(before, settings(warmup=3, options=defaults), gru()) == "warmup was 0"
    changed = settings(options={"dim": defaults["dim"] + 1})
    assert run_changes(before, changed, gru()) == f"dim was {defaults['dim']}"


def test_an_option_that_there_is_no_more_is_a_change() -> None:
    before = row(settings=asdict(settings(options={"dim": 8, "soup": 1})))
    assert run_changes(before, settings(), gru()) == "soup was 1"
