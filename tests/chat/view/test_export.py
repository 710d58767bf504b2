import json
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.text import Text

from relmem_cli.chat.model.reader import Reader
from relmem_cli.chat.story.lines import parse_line
from relmem_cli.chat.story.memory_maps import memory_maps
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.story_files import split_stories
from relmem_cli.chat.view.export import conversation_data, export
from relmem_cli.chat.view.heatmaps import MapsView
from relmem_cli.chat.view.render import Picture
from relmem_cli.chat.view.why import WhyView
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
    export(session, Picture(MapsView(list(memory_maps(session).values())), "walked"), path)
    text = path.read_text(encoding="utf-8")
    assert ET.fromstring(text).tag.endswith("svg")
    assert "#fae146" in text
    assert "relmem:&#160;walked" in text


def test_without_a_picture_it_is_the_conversation(session: Session, tmp_path: Path) -> None:
    export(session, None, tmp_path / "talk.html")
    text = (tmp_path / "talk.html").read_text(encoding="utf-8")
    assert "Mary went to the kitchen." in text
    assert "Where is Mary?" in text


def test_json_holds_the_whole_conversation(session: Session, tmp_path: Path) -> None:
    export(session, None, tmp_path / "talk.json")
    data = json.loads((tmp_path / "talk.json").read_text(encoding="utf-8"))
    assert data == json.loads(json.dumps(conversation_data(session)))
    assert (data["model"], data["variant"]) == ("walks", "entnet")
    sentence, question = data["said"]
    assert sentence == {"sentence": "Mary went to the kitchen."}
    assert (question["answer"], question["truth"]) == ("kitchen", "garden")
    assert question["probability"] + sum(
        each["probability"] for each in question["alternatives"]
    ) == pytest.approx(1)
    assert len(data["memory"]["gates"]["values"][0]) == 5
    assert data["memory"]["gates"]["row_labels"] == ["Mary went to the kitchen."]
    assert list(data["memory"]) == ["gates", "attention", "contents"]


def test_json_of_a_model_that_cannot_explain_itself_says_so_and_has_the_rest(
    session: Session, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explain(*_: object) -> None:
        raise ValueError("nothing to see")

    monkeypatch.setattr(reader._model, "explain", explain)
    data = conversation_data(session)
    assert (data["memory"], data["memory_fault"]) == ({}, "ValueError: nothing to see")
    assert len(data["said"]) == len(session.turns)


def test_json_of_questions_alone_has_no_memory_and_says_what_was_not_read(
    session: Session, reader: Reader, stranger: Reader
) -> None:
    alone = Session(reader)
    alone.load([session.turns[1].said])
    assert conversation_data(alone)["memory"] == {}
    told = Session(reader)
    told.load(split_stories(["Mary went to the attic.", "Mary went to the kitchen."])[0])
    told.switch(stranger)
    assert [said.get("read") for said in conversation_data(told)["said"]] == [False, None]


def test_a_picture_has_every_row_of_a_long_story(reader: Reader, tmp_path: Path) -> None:
    session = Session(reader)
    session.load(split_stories(["Mary went to the kitchen."] * 40)[0])
    export(session, Picture(MapsView([memory_maps(session)["gates"]]), ""), tmp_path / "long.html")
    assert "not shown" not in (tmp_path / "long.html").read_text()


def test_png_has_what_was_shown_last(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from relmem_cli.chat.view import plot

    drawn: list[object] = []
    monkeypatch.setattr(plot, "draw_maps", drawn.append)
    monkeypatch.setattr(plot, "draw_why", drawn.append)
    monkeypatch.setattr(plot, "to_png", lambda _: b"")
    maps, why = memory_maps(session), session.why()
    export(session, Picture(MapsView([maps["attention"]]), ""), tmp_path / "1.png")
    export(session, Picture(WhyView(why), ""), tmp_path / "2.png")
    export(session, None, tmp_path / "3.png")
    assert drawn == [(maps["attention"],), why, tuple(maps.values())]


def test_png_of_a_model_that_has_shown_nothing_is_refused(
    untrained: Callable[..., Reader], tmp_path: Path
) -> None:
    session = Session(untrained("relation-transformer", ["mary slept ."]))
    session.load(split_stories(["Mary slept."])[0])
    with pytest.raises(RelmemError, match="show one of them first"):
        export(session, None, tmp_path / "x.png")
    with pytest.raises(RelmemError, match="show one of them first"):
        export(session, Picture(Text("a table"), ""), tmp_path / "x.png")


def test_png_draws_maps_or_reasons(session: Session, tmp_path: Path) -> None:
    for name, picture in [("maps", None), ("why", Picture(WhyView(session.why()), ""))]:
        export(session, picture, tmp_path / f"{name}.png")
        assert (tmp_path / f"{name}.png").read_bytes().startswith(b"\x89PNG")


def test_png_without_matplotlib_says_what_to_install(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "relmem_cli.chat.view.plot", raising=False)
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
    with pytest.raises(RelmemError, match=r"\.svg, \.html, \.png, \.md, \.json"):
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
