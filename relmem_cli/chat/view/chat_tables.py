"""How comparisons look: models side by side, what they cost, the user against the model."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from textwrap import wrap
from time import time
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from relmem_cli.chat.story.comparison import Compared, Comparison, Cost
from relmem_cli.chat.story.conversations import Conversation, Listed
from relmem_cli.chat.story.lines import Utterance
from relmem_cli.chat.story.quiz import Round
from relmem_cli.chat.view.render import INDENT, named, note
from relmem_cli.plain import brief_line, counted, listed

if TYPE_CHECKING:
    from relmem_cli.chat.story.examples import Example

WIDEST = 1000
"""Columns that no table needs more of."""

NAME = 16
"""Cells of a model's name; longer ones go on in the next line."""


class Fitting:
    """The first of several forms of the same that the window has room for, or the last one."""

    def __init__(self, *forms: RenderableType) -> None:
        self._forms = forms

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """No form but the last has a broken line."""
        without_end = options.update(max_width=WIDEST)
        for form in self._forms[:-1]:
            if console.measure(form, options=without_end).maximum <= options.max_width:
                yield form
                return
        yield self._forms[-1]


def comparison_table(found: Comparison, *, right: str, wrong: str) -> RenderableType:
    """Questions by models. Answers other than the first model's stand out.

    Where the true answer is known, each is marked as right or wrong. Below, which models have gone
    without sentences.
    """
    names, rows = found.names, found.rows
    answers = [(Text(row.question.text), _cells(row, right, wrong)) for row in rows]
    agreed = sum(len({given and given.answer for given in row.answers}) == 1 for row in rows)
    return Group(
        Fitting(
            _side_by_side(names, answers),
            _side_by_side(list(map(_broken, names)), answers),
            _one_by_one(names, answers),
        ),
        note(f"all agree on {agreed} of {len(rows)}"),
        *(
            note(_gone_without(name, unread))
            for name, unread in zip(names, found.unread, strict=True)
            if unread
        ),
    )


def _gone_without(name: str, unread: Sequence[Utterance]) -> str:
    return f"{name} cannot read {listed([repr(brief_line(said.text, 60)) for said in unread], 1)}"


def cost_table(rows: Sequence[Cost]) -> RenderableType:
    """Models with their parameters and the time of a sentence and a question."""
    shown = Fitting(_costs(rows, str), _costs(rows, _broken), _listed_costs(rows))
    if all(row.sentence is None for row in rows):
        return Group(shown, note("tell a story to have the times measured"))
    return shown


def quiz_question(sentences: Sequence[Utterance], question: Utterance) -> RenderableType:
    """The sentences before a question, and the question."""
    lines = [Text(said.text) for said in sentences]
    return _indented(Text("\n").join([*lines, Text(question.text, style="relmem.strong")]))


def quiz_round(given: Round, *, right: str, wrong: str) -> RenderableType:
    """Who was right, and the true answer where somebody was not."""
    line = Text()
    for who, answer, good in (
        ("you", brief_line(given.yours, 40) or "nothing", given.you_right),
        ("the model", named(given.models), given.model_right),
    ):
        mark, style = _marked(good, right, wrong)
        line.append(f"{mark} ", style=style).append(f"{who}: ").append(f"{answer}   ", style=style)
    if not (given.you_right and given.model_right):
        line.append(f"true: {named(given.question.truth)}", style="relmem.quiet")
    return _indented(line)


def quiz_score(yours: int, models: int, rounds: int, *, over: bool) -> RenderableType:
    """The score up to now, or at the end."""
    if not over:
        return note(f"you {yours}, the model {models}, of {rounds}")
    winner = "a draw" if yours == models else "you win" if yours > models else "the model wins"
    return note(f"{winner}: you {yours}, the model {models}, of {rounds}; /quiz is another one")


def word_groups(groups: Mapping[str, Sequence[str]], *, most: int = 0) -> RenderableType:
    """What a model knows: the name of each group, then its words.

    most  how many of a group, taken from all over it; 0 for all
    """
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(overflow="fold")
    grid.add_column(overflow="fold")
    for name, known in groups.items():
        few = known[:: -(-len(known) // most)] if most else known
        words = Text(", ".join(few))
        if len(few) < len(known):
            more = f" and {len(known) - len(few):,} more: /words {name}"
            words.append(more, style="relmem.quiet")
        grid.add_row(Text(name, style="relmem.quiet"), words)
    return _indented(grid)


def example_stories(found: "Sequence[Example]") -> RenderableType:
    """Stories to try: each kind's title, its sentences, a question and the answer."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right")
    grid.add_column(overflow="fold")
    for one in found:
        grid.add_row(Text(one.kind, style="relmem.quiet"), Text(one.title, style="relmem.quiet"))
        story = Text(" ".join(line.text for line in one.lines))
        story.append(f"  {one.lines[-1].answer}", style="relmem.answer")
        grid.add_row("", story)
    return _indented(grid)


def setting_list(rows: Iterable[tuple[str, str, str]]) -> RenderableType:
    """Settings: each name with its value and what else it can be."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in range(3):
        grid.add_column(overflow="fold")
    for name, now, values in rows:
        grid.add_row(name, Text(now, style="relmem.strong"), Text(values, style="relmem.quiet"))
    how = "/set theme light changes it for now, /set --save theme light for good"
    return Group(_indented(grid), note(how))


def conversation_list(
    listed: Sequence[Listed], present: Conversation, now: float | None = None
) -> RenderableType:
    """Conversations by number: title or first line, how long, how old; the present one marked."""
    if not listed:
        return note("no conversation is kept yet: say something")
    now = time() if now is None else now
    rows = [
        (
            "*" if one.opened and one.opened is present else "",
            str(place),
            one.title or one.story[0].text,
            counted(len(one.story), "line"),
            _age(now - one.saved.changed / 1e9) if one.saved else "not kept",
        )
        for place, one in enumerate(listed, start=1)
    ]
    return Group(_listed_conversations(rows), note("/conversations N goes on in one of them"))


def _listed_conversations(rows: Iterable[tuple[str, str, str, str, str]]) -> RenderableType:
    """One to a line; a first line that has no room is cut."""
    grid = Table.grid(padding=(0, 2, 0, 0))
    for shrinks in (False, False, True, False, False):
        grid.add_column(no_wrap=not shrinks)
    for mark, place, first, lines, age in rows:
        style = "relmem.strong" if mark else "relmem.sentence"
        title = Text(first, style=style, no_wrap=True, overflow="ellipsis")
        quiet = (Text(text, style="relmem.quiet") for text in (lines, age))
        grid.add_row(mark, Text(place, style="relmem.quiet"), title, *quiet)
    return _indented(grid)


def _age(seconds: float) -> str:
    """How long ago something was: "now", "5 min", "3 h", "12 d"."""
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{int(seconds // length)} {unit}"
    return "now"


def _side_by_side(
    names: Sequence[str], answers: Iterable[tuple[Text, list[Text]]]
) -> RenderableType:
    table = _table("question", *names)
    for question, cells in answers:
        table.add_row(question, *cells)
    return _indented(table)


def _one_by_one(names: Sequence[str], answers: Iterable[tuple[Text, list[Text]]]) -> RenderableType:
    lines = _grid()
    for question, cells in answers:
        lines.add_row(question)
        for name, cell in zip(names, cells, strict=True):
            lines.add_row(Text.assemble("  ", cell, "  ", (name, "relmem.quiet")))
    return _indented(lines)


def _costs(rows: Iterable[Cost], named: Callable[[str], str]) -> RenderableType:
    table = _table("model", "variant", "parameters", "a sentence", "a question", right=2)
    for row in rows:
        times = _milliseconds(row.sentence), _milliseconds(row.question)
        table.add_row(Text(named(row.name)), named(row.variant), f"{row.parameters:,}", *times)
    return _indented(table)


def _listed_costs(rows: Iterable[Cost]) -> RenderableType:
    lines = _grid()
    for row in rows:
        lines.add_row(Text.assemble(row.name, "  ", (row.variant, "relmem.quiet")))
        lines.add_row(f"  {row.parameters:,} parameters")
        for taken, what in ((row.sentence, "a sentence"), (row.question, "a question")):
            if taken is not None:
                lines.add_row(f"  {_milliseconds(taken)} {what}")
    return _indented(lines)


def _cells(row: Compared, right: str, wrong: str) -> list[Text]:
    first = row.answers[0] and row.answers[0].answer
    truth = row.question.truth
    cells = []
    for given in row.answers:
        if given is None:
            cells.append(Text("cannot read it", style="relmem.quiet"))
            continue
        answer, probability = given
        cell = Text(named(answer), style="relmem.good" if answer == first else "relmem.problem")
        cell.append(f" {probability:.0%}", style="relmem.quiet")
        if truth:
            good = answer == truth
            cell.append(
                f" {right if good else wrong}", style="relmem.good" if good else "relmem.problem"
            )
        cells.append(cell)
    return cells


def _broken(name: str) -> str:
    """A name in as many lines as it needs, broken after hyphens."""
    return "\n".join(wrap(name, NAME))


def _marked(good: bool, right: str, wrong: str) -> tuple[str, str]:
    """A mark and its style."""
    return (right, "relmem.good") if good else (wrong, "relmem.problem")


def _table(*headers: str, right: int = 0) -> Table:
    """A table; from column `right` on, numbers."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="relmem.quiet")
    for place, header in enumerate(headers):
        numbers = bool(right) and place >= right
        table.add_column(Text(header), justify="right" if numbers else "left", overflow="fold")
    return table


def _grid() -> Table:
    """Lines below each other; long ones go on in the next."""
    grid = Table.grid()
    grid.add_column(overflow="fold")
    return grid


def _indented(body: RenderableType) -> Padding:
    return Padding(body, (0, 0, 0, INDENT), expand=False)


def _milliseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{1000 * seconds:.2f} ms"
