import json
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from relmem_cli.chat.export import conversation, export
from relmem_cli.chat.heat import MapsView
from relmem_cli.chat.lines import parse_line
from relmem_cli.chat.memory import memory_maps
from relmem_cli.chat.reader import Reader
from relmem_cli.chat.session import Session
from relmem_cli.chat.why import WhyView
from relmem_cli.errors import RelmemError


@pytest.fixture
def session(reader: Reader) -> Session:
    session = Session(reader)
    for line in ("1 Mary went to the kitchen.", "2 Where is Mary?\tgarden\t1"):
        parsed = parse_line(line)
        assert isinstance(parsed, list)
        session.say(parsed[0])
    return session


def test_the_picture_is_written_in_colour_whatever_the_terminal_shows(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    path = tmp_path / "memory.SVG"
    export(session, MapsView(list(memory_maps(session).values())), path)
    text = path.read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert "#fae146" in text
    assert "relmem:&#160;walks" in text


def test_without_a_picture_it_is_the_conversation(session: Session, tmp_path: Path) -> None:
    export(session, None, tmp_path / "talk.html")
    text = (tmp_path / "talk.html").read_text(encoding="utf-8")
    assert "Mary went to the kitchen." in text
    assert "Where is Mary?" in text


def test_json_holds_the_whole_conversation(session: Session, tmp_path: Path) -> None:
    export(session, None, tmp_path / "talk.json")
    data = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    assert data == json.loads(json.dumps(conversation(session)))
    assert (data["model"], data["variant"]) == ("walks", "entnet")
    sentence, question = data["said"]
    assert sentence == {"sentence": "Mary went to the kitchen."}
    assert (question["answer"], question["truth"]) == ("kitchen", "garden")
    assert question["probability"] + sum(
        each["probability"] for each in question["alternatives"]
    ) == pytest.approx(1)
    assert len(data["memory"]["gates"]["values"][0]) == 5
    assert list(data["memory"]) == ["gates", "attention"]


def test_png_draws_maps_or_reasons(session: Session, tmp_path: Path) -> None:
    for name, picture in [("maps", None), ("why", WhyView(session.why()))]:
        export(session, picture, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_png_without_matplotlib_says_what_to_install(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "relmem_cli.chat.plot", raising=False)
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.axis", None)
    with pytest.raises(RelmemError, match=r"pip install 'relmem\[plot\]'"):
        export(session, None, tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_over(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text("mine")
    with pytest.raises(RelmemError, match="already"):
        export(session, None, path)
    assert path.read_text() == "mine"


@pytest.mark.parametrize("name", ["x", "x.txt", "svg"])
def test_another_ending_is_refused(session: Session, tmp_path: Path, name: str) -> None:
    with pytest.raises(RelmemError, match=r"\.svg, \.html, \.png, \.json"):
        export(session, None, tmp_path / name)


def test_an_empty_story_and_a_folder_that_is_not_there_are_refused(
    session: Session, reader: Reader, tmp_path: Path
) -> None:
    with pytest.raises(RelmemError, match="story is empty"):
        export(Session(reader), None, tmp_path / "x.json")
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "typo"):
        with pytest.raises(RelmemError, match=f"there is no folder {folder}; make it first."):
            export(session, None, folder / "x.json")
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
