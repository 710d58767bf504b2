"""How the conversation looks. What people typed is shown as text, never as markup."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from relmem_cli.chat.story.answers import Answer
from relmem_cli.chat.story.lines import Utterance, UtteranceKind
from relmem_cli.chat.story.turns import Change, SessionTurn

INDENT = 2

MOST_LISTED = 6
"""Sentences that a change or a model's trouble with them is told by."""

UNKNOWN = "unknown"
"""The answer to what a story does not say."""
NOT_SAID = "not said"
"""What it is called where an answer is not a sentence of its own."""

SURE = 0.6
"""An answer that is less probable is a guess."""

LEAST_SHOWN = 0.0005
"""Probability of an alternative that is worth a look: less would be shown as 0.0%."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What a command has shown, and the name of the model that it is about."""

    view: RenderableType
    model: str


def answer(given: Answer, width: int) -> Text:
    """The answer with its probability, then of the next best and the time what fits in `width`."""
    line = Text.assemble(" " * INDENT, reply(given), f"  {_percent(given.probability)}")
    time = f"   {_milliseconds(given.seconds)}"
    others = [
        f"   {named(item)} {_percent(p)}" for item, p in given.alternatives if p >= LEAST_SHOWN
    ]
    if given.answer == UNKNOWN and others:
        others[0] = f"   nearest: {others[0].strip()}"
    left = width - line.cell_len
    fits = []
    for part in [*others[:1], time, *others[1:]]:
        left -= cell_len(part)
        if left < 0:
            break
        fits.append(part)
    fits.sort(key=lambda part: part == time)
    return line.append("".join(fits), style="relmem.quiet")


def reply(given: Answer) -> Text:
    """The answer; one that is not sure is shown as a guess, and what is not told as that."""
    sure = given.probability >= SURE
    if sure:
        return Text(answer_text(given.answer), style="relmem.answer")
    return Text.assemble(("perhaps ", "relmem.quiet"), (named(given.answer), "relmem.guess"))


def answer_text(item: str) -> str:
    """An answer in words."""
    return "The story does not say." if item == UNKNOWN else named(item)


def named(item: str) -> str:
    """An answer among other words: bAbI's "n,w" is "north, west"."""
    if item == UNKNOWN:
        return NOT_SAID
    parts = item.split(",")
    way = all(part in _DIRECTIONS for part in parts)
    return ", ".join(_DIRECTIONS[part] if way else part for part in parts)


_DIRECTIONS = {"n": "north", "e": "east", "s": "south", "w": "west"}


def read_as(said: Utterance) -> Padding:
    """Which words were read as others."""
    return note(", ".join(f"{typed}: read as {read}" for typed, read in said.read_as))


def stands_for(names: Mapping[str, str]) -> Padding:
    """Which unknown names are read as known ones."""
    read = [f"{name.capitalize()} is read as {known.capitalize()}" for name, known in names.items()]
    return note(f"{', '.join(read)}; /words closed would refuse")


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms" if seconds < 0.01 else f"{1000 * seconds:,.0f} ms"


def text(text: str) -> Padding:
    """Text that somebody else wrote."""
    return _indented(Text(text))


def note(text: str) -> Padding:
    """A quiet line."""
    return _indented(Text(text, style="relmem.quiet"))


def problem(text: str) -> Padding:
    """What could not be done."""
    return _indented(Text(text, style="relmem.problem"))


def titled_list(title: str, utterances: Sequence[Utterance]) -> Padding:
    """A title and what it is about, one to a line; of many the first ones."""
    if len(utterances) == 1:
        return note(f"{title}: {utterances[0].text}")
    lines = [f"  {said.text}" for said in utterances[:MOST_LISTED]]
    more = len(utterances) - len(lines)
    return note("\n".join([f"{title}:", *lines, *([f"  and {more:,} more"] if more else [])]))


def change(done: Change) -> RenderableType:
    """What left the story, what came into it, and what is answered otherwise now."""
    said = [(done.gone, "took back"), (done.came, "put in")]
    shown = [titled_list(title, utterances) for utterances, title in said if utterances]
    shown += [_changed(old, new) for old, new in done.answers[:MOST_LISTED]]
    if more := len(done.answers[MOST_LISTED:]):
        shown.append(note(f"and {more:,} more are answered otherwise"))
    return Group(*shown) if shown else note("the story is as it was")


def _changed(old: SessionTurn, new: SessionTurn) -> Padding:
    """A question with its answer before and now."""
    before, now = (turn.answer.answer if turn.answer else "" for turn in (old, new))
    return _indented(
        Text.assemble((f"{new.said.text}  {before}, now ", "relmem.quiet"), (now, "relmem.answer"))
    )


def story(turns: Iterable[SessionTurn]) -> Padding:
    """Sentences with their numbers; questions with their answers."""
    grid = _grid("right", "left")
    numbers = count(1)
    for turn in turns:
        if turn.said.kind is UtteranceKind.sentence:
            grid.add_row(Text(str(next(numbers)), style="relmem.quiet"), Text(turn.said.text))
        else:
            grid.add_row("", _asked(turn))
        if not turn.read:
            grid.add_row("", Text("the model cannot read this", style="relmem.problem"))
    if not grid.row_count:
        return note("the story is empty; tell it a sentence, such as: Mary went to the kitchen.")
    return _indented(grid)


def _asked(turn: SessionTurn) -> Text:
    """A question with its answer, and with the true one where that is another."""
    reply = turn.answer.answer if turn.answer else ""
    line = Text.assemble((turn.said.text, "relmem.quiet"), "  ", (reply, "relmem.answer"))
    if turn.said.truth and turn.said.truth != reply:
        line.append(f"  true: {turn.said.truth}", style="relmem.problem")
    return line


def models(names: Sequence[str], *, present: str) -> Padding:
    """The models by name, the present one marked."""
    grid = _grid("left", "left")
    for name in dict.fromkeys([*names, present]):
        grid.add_row(
            *(("*", Text(name, style="relmem.strong")) if name == present else ("", Text(name)))
        )
    return _indented(grid)


def help_table(commands: Iterable[tuple[str, str]], keys: Iterable[tuple[str, str]]) -> Padding:
    """What can be typed: lines, commands with their summaries, keys."""
    grid = _grid("left", "left")
    grid.add_row(
        "Mary went to the kitchen.", Text("a sentence is remembered", style="relmem.quiet")
    )
    grid.add_row("Where is Mary?", Text("a question is answered", style="relmem.quiet"))
    for rows in (commands, keys):
        grid.add_row()
        for usage, summary in rows:
            grid.add_row(Text(usage), Text(summary, style="relmem.quiet"))
    return _indented(grid)


def _grid(*justify: str) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for side in justify:
        grid.add_column(justify=side)  # type: ignore[arg-type]  # only "left" and "right" come here
    return grid


def _indented(body: Text | Table) -> Padding:
    return Padding(body, (0, 0, 0, INDENT), expand=False)


def _percent(fraction: float) -> str:
    return f"{fraction:.1%}"
