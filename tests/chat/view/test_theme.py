import re

import pytest
from rich.color import Color
from rich.style import Style

from relmem_cli.chat.line.prompt_style import prompt_style
from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.view import render, theme
from relmem_cli.chat.view.heatmaps import MapsView
from relmem_cli.chat.view.theme import Theme, resolve_theme, restyle, styled_console


def styles(chosen: Theme) -> dict[str, Style]:
    console = styled_console(chosen)
    return {name: console.get_style(f"relmem.{name}") for name in theme._STYLES[Theme.dark]}


def shown(chosen: Theme, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = styled_console(chosen)
    with console.capture() as captured:
        console.print(render.problem("x"))
    return captured.get()


def test_auto_is_plain_where_colour_is_not_wanted() -> None:
    assert resolve_theme(Theme.auto, {}) is Theme.dark
    assert resolve_theme(Theme.auto, {"NO_COLOR": ""}) is Theme.dark
    assert resolve_theme(Theme.auto, {"NO_COLOR": "1"}) is Theme.plain
    assert resolve_theme(Theme.auto, {"TERM": "dumb"}) is Theme.plain
    assert resolve_theme(Theme.light, {"NO_COLOR": "1"}) is Theme.light


def test_every_theme_has_the_same_names() -> None:
    names = {frozenset(named) for named in theme._STYLES.values()}
    assert len(names) == 1


def test_plain_has_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(
        style.color is None and style.bgcolor is None for style in styles(Theme.plain).values()
    )
    assert not re.search(r"\x1b\[[0-9;]*3\d", shown(Theme.plain, monkeypatch))
    assert re.search(r"\x1b\[[0-9;]*33m", shown(Theme.dark, monkeypatch))
    attributes = [
        prompt_style(Theme.plain).get_attrs_for_style_str(f"class:{name}")
        for name in ("prompt", "bottom-toolbar", "completion-menu.completion.current", "unknown")
    ]
    assert all(found.color in {"", "default"} for found in attributes)


def test_nothing_is_coloured_by_what_it_looks_like() -> None:
    console = styled_console(
        Theme.dark, force_terminal=True, color_system="standard", no_color=False
    )
    with console.capture() as captured:
        console.print("12 'Mary' http://x True")
    assert captured.get() == "12 'Mary' http://x True\n"


def luminance(color: Color) -> float:
    """WCAG 2.1's relative luminance."""
    shares = [value / 255 for value in color.get_truecolor()]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_light_can_be_read_on_white() -> None:
    named = styles(Theme.light)
    colours = [named[name].color for name in named if name not in theme.HEAT]
    coloured = [color for color in colours if color and not color.is_default]
    assert coloured
    assert min(1.05 / (luminance(color) + 0.05) for color in coloured) >= 4.5


@pytest.mark.parametrize(("chosen", "ground"), [(Theme.light, 1.0), (Theme.dark, 0.0)])
def test_what_is_nothing_in_a_heat_map_is_near_the_background(chosen: Theme, ground: float) -> None:
    colours = [styles(chosen)[name].color for name in theme.HEAT]
    away = [abs(luminance(color) - ground) for color in colours if color]
    assert away == sorted(away)
    assert away[0] < 0.15
    assert away[-1] > 0.7


def test_a_heat_map_of_the_plain_theme_has_no_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    heat = HeatMap(name="gates", values=((0.0, 1.0),), rows="hop", columns="slot")
    monkeypatch.setenv("FORCE_COLOR", "1")
    console = styled_console(Theme.plain, color_system="truecolor")
    with console.capture() as captured:
        console.print(MapsView([heat]))
    assert "\x1b[48" not in captured.get()
    assert "█" in captured.get()


def test_a_console_takes_another_theme_and_back() -> None:
    console = styled_console(Theme.dark, color_system="truecolor", force_terminal=True)
    for chosen in (Theme.light, Theme.plain, Theme.dark):
        restyle(console, chosen, {})
        expected = styles(chosen)
        assert {name: console.get_style(f"relmem.{name}") for name in expected} == expected
        assert console.no_color is (chosen is Theme.plain)
    restyle(console, Theme.dark, {"NO_COLOR": "1"})
    assert console.no_color
