"""The views as pictures in text, at two widths: a change of their looks shows as a difference.

`pytest --snapshot-update tests/chat/view/test_views.py` takes new ones, to be looked at.
"""

import io
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from rich.console import RenderableType
from syrupy.assertion import SnapshotAssertion

from relmem_cli.chat.commands import KEYS
from relmem_cli.chat.story.answers import Answer, Given
from relmem_cli.chat.story.autosave import Saved
from relmem_cli.chat.story.comparison import Compared, Comparison, Cost
from relmem_cli.chat.story.conversations import Conversation, Listed
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.maps import HeatMap
from relmem_cli.chat.story.quiz import Round
from relmem_cli.chat.story.turns import Change, Reason, SessionTurn, Why
from relmem_cli.chat.view import chat_tables, render
from relmem_cli.chat.view.heatmaps import MapsView, Strip
from relmem_cli.chat.view.theme import Theme, styled_console
from relmem_cli.chat.view.why import WhyView


def said(text: str, *, truth: str = "") -> Utterance:
    kind = UtteranceKind.question if text.endswith("?") else UtteranceKind.sentence
    tokens = tuple(text.lower().replace(".", " .").replace("?", " ?").split())
    return Utterance(kind=kind, text=text, tokens=tokens, truth=truth)


TOLD = [said("Mary picked up the milk."), said("Mary went to the garden with 牛奶.")]
ASKED = said("Where is the milk?", truth="garden")
ANSWER = Answer(
    answer="garden",
    probability=0.9151,
    alternatives=(Given("kitchen", 0.08), Given("nothing", 0.004), Given("office", 0.0001)),
    unknown=(),
    seconds=0.00123,
)
WHY = Why(
    question=ASKED,
    answer=ANSWER,
    reasons=(
        Reason(said=TOLD[0], share=0.25, words=(0.0, 0.1, 0.0, 0.0, 0.3)),
        Reason(said=TOLD[1], share=0.75, words=(0.1, 0.2, 0.0, 0.0, 1.0, 0.1, 0.0)),
    ),
)
GATES = HeatMap(
    name="gates",
    title="the slots that each sentence opened",
    values=tuple(tuple((row + slot) % 7 / 6 for slot in range(12)) for row in range(2)),
    rows="sentence",
    columns="slot",
    row_labels=tuple(one.text for one in TOLD),
    column_labels=("milk", "mary", "football") * 4,
)
RELATIONS = HeatMap(name="relations", values=((0.0, 0.5), (1.0, 0.25)), rows="slot", columns="slot")
MODELS = ("relation-slot-joint", "relation-transformer-1", "entnet")
KEPT = [
    Listed(
        title=title,
        story=TOLD[:lines],
        saved=Saved(model="entnet", story=TOLD, path=Path("x"), changed=60 * 10**9),
    )
    for title, lines in (("", 2), ("in the garden", 1))
]
NOT_OPEN = cast("Conversation", None)
VIEWS: dict[str, RenderableType] = {
    "conversations": chat_tables.conversation_list(KEPT, NOT_OPEN, now=7_260),
    "settings": chat_tables.setting_list(
        [("theme", "auto", "auto, dark, light, plain"), ("model", "entnet", "")]
    ),
    "answer": render.answer(ANSWER, 40),
    "story": render.story([
        *(SessionTurn(said=one, state=None) for one in TOLD),
        SessionTurn(said=ASKED, state=None, answer=replace(ANSWER, answer="kitchen")),
        SessionTurn(said=said("Zog slept."), state=None, read=False),
    ]),
    "change": render.change(
        Change(
            gone=(TOLD[0],),
            came=(TOLD[1],),
            answers=((SessionTurn(said=ASKED, state=None, answer=replace(ANSWER, answer="kitchen")),
                      SessionTurn(said=ASKED, state=None, answer=ANSWER)),),
        )
    ),
    "why": WhyView(WHY),
    "strip": Strip(GATES),
    "maps": MapsView([GATES, RELATIONS]),
    "compare": chat_tables.comparison_table(
        Comparison(
            names=MODELS,
            rows=[Compared(
                question=ASKED, answers=(Given("garden", 0.999), Given("kitchen", 0.61), None)
            )],
            unread=((), (), (TOLD[0],)),
        ),
        right="✓", wrong="✗",
    ),
    "params": chat_tables.cost_table([
        Cost(
            name=MODELS[0], variant="relation-slot", parameters=113_500,
            sentence=3e-4, question=2e-4,
        ),
        Cost(
            name=MODELS[1], variant="relation-transformer", parameters=110_000,
            sentence=1e-5, question=None,
        ),
    ]),
    "quiz": chat_tables.quiz_round(
        Round(question=ASKED, yours="office", models="garden"), right="✓", wrong="✗"
    ),
    "help": render.help_table([("/undo [N]", "take back the last changes of the story")], KEYS),
}  # fmt: skip


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_looks_as_it_did(view: str, width: int, snapshot: SnapshotAssertion) -> None:
    file = io.StringIO()
    styled_console(Theme.plain, file=file, width=width, height=24).print(VIEWS[view])
    lines = [line.rstrip() for line in file.getvalue().splitlines()]
    assert "\n".join(lines) == snapshot
