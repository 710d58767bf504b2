"""Pictures and conversations as files: what was seen in chat, to be shown to others."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.terminal_theme import MONOKAI

from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.memory_maps import memory_maps
from relmem_cli.chat.story.session import Session
from relmem_cli.chat.story.story_files import write_new, write_over
from relmem_cli.chat.story.turns import SessionTurn
from relmem_cli.chat.view import render
from relmem_cli.chat.view.heatmaps import MapsView
from relmem_cli.chat.view.markdown import to_markdown
from relmem_cli.chat.view.render import Picture
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.chat.view.why import WhyView
from relmem_cli.console import Console
from relmem_cli.errors import RelmemError
from relmem_cli.plugin_faults import explain

WIDTH = 100
"""Columns of a picture of text."""

FORMAT = "relmem conversation, version 1"


def export(
    session: Session,
    picture: Picture | None,
    path: Path,
    *,
    title: str = "",
    over: bool = False,
) -> bool:
    """Write a picture (.svg, .html, .png), of the story where there is none.

    Or the conversation: as text to paste (.md), under its title, or with all numbers (.json).

    over  whether the file may be there already; returns whether it was

    Raises RelmemError for another ending, where there is nothing to write, and as `write_new` and
    `write_over` do.
    """
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise RelmemError(f"a name that ends in {', '.join(_WRITERS)} is needed.")
    if not session.turns and (picture is None or write in (_json, _md)):
        raise RelmemError("the story is empty: there is nothing to export.")
    data = write(session, picture, title)
    if over:
        return write_over(path, data)
    write_new(path, data, over="/export!")
    return False


def conversation_data(session: Session) -> dict[str, Any]:
    """All of a conversation, to be written as JSON: text, answers, and what the model shows."""
    reader = session.reader
    return {
        "format": FORMAT,
        "model": reader.name,
        "variant": reader.card.variant,
        "said": [_said(turn) for turn in session.turns],
        **_memory(session),
    }


def _memory(session: Session) -> dict[str, Any]:
    """What the model shows; where it cannot, why: what was said is worth keeping without it."""
    try:
        maps = memory_maps(session) if session.sentences else {}
    except Exception as error:
        return {"memory": {}, "memory_fault": explain(error)}
    return {"memory": {name: _map(heat) for name, heat in maps.items()}}


def _said(turn: SessionTurn) -> dict[str, Any]:
    said: dict[str, Any] = {str(turn.said.kind): turn.said.text}
    if not turn.read:
        said["read"] = False
    if turn.said.truth:
        said["truth"] = turn.said.truth
    if turn.said.among:
        said["among"] = list(turn.said.among)
    if turn.answer is not None:
        given = turn.answer
        said |= {
            "answer": given.answer,
            "probability": given.probability,
            "alternatives": [{"answer": item, "probability": p} for item, p in given.alternatives],
        }
    return said


def _map(heat: HeatMap) -> dict[str, Any]:
    return {
        "rows": heat.rows,
        "columns": heat.columns,
        "row_labels": list(heat.row_labels),
        "column_labels": list(heat.column_labels),
        "values": [list(row) for row in heat.values],
    }


def _json(session: Session, picture: Picture | None, title: str) -> str:
    del picture, title
    return json.dumps(conversation_data(session), ensure_ascii=False) + "\n"


def _md(session: Session, picture: Picture | None, title: str) -> str:
    del picture
    return to_markdown(session, title)


def _svg(session: Session, picture: Picture | None, title: str) -> str:
    del title
    model = picture.model if picture else session.reader.name
    return _recorded(session, picture).export_svg(title=f"relmem: {model}")


def _html(session: Session, picture: Picture | None, title: str) -> str:
    del title
    return _recorded(session, picture).export_html(theme=MONOKAI)


def _png(session: Session, picture: Picture | None, title: str) -> bytes:
    del title
    try:
        from relmem_cli.chat.view.plot import draw_maps, draw_why, to_png  # noqa: PLC0415  # extra
    except ImportError as error:
        raise RelmemError(
            "PNG pictures need matplotlib: pip install 'relmem[plot]'; SVG does not."
        ) from error
    view = picture.view if picture else MapsView(list(memory_maps(session).values()))
    if isinstance(view, WhyView):
        return to_png(draw_why(view.why))
    if isinstance(view, MapsView) and view.maps:
        return to_png(draw_maps(view.maps))
    raise RelmemError("a PNG is drawn of /why or /memory: show one of them first, or take .svg.")


def _recorded(session: Session, picture: Picture | None) -> Console:
    """A console that has shown the picture in full, with colours, wherever chat itself runs."""
    console = styled_console(
        Theme.dark,
        record=True,
        file=io.StringIO(),
        width=WIDTH,
        height=10_000,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        legacy_windows=False,
    )
    console.print(picture.view if picture else render.story(session.turns))
    return console


_WRITERS: dict[str, Callable[[Session, Picture | None, str], str | bytes]] = {
    ".svg": _svg,
    ".html": _html,
    ".png": _png,
    ".md": _md,
    ".json": _json,
}
