"""How the reasons of an answer look: each sentence with its share, its words by their weight."""

import re

from rich.console import Console, ConsoleOptions, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from relmem_cli.chat.story.turns import Reason, Why
from relmem_cli.chat.view.render import answer_text

MOST_SHOWN = 20
"""Sentences that are listed; the rest is summed up."""

INDENT = 2
WIDE, NARROW = 8, 4
"""Cells of the longest bar, and in a window of less than 60 columns."""

LEAST = 0.1
"""A word with less than this part of the highest weight is never marked."""

_TOKEN = re.compile(r"[.?]|[^\s.?]+")
"""What the tokens of a sentence are, in the text as it was typed."""


class WhyView:
    """The answer, then the sentences in order with bar, share and the words that carried it.

    The strongest word of a sentence is underlined, or between stars where there are no styles.
    """

    def __init__(self, why: Why) -> None:
        self.why = why

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """As wide as the window allows."""
        why, reasons = self.why, self.why.reasons
        head = Text.assemble(
            why.question.text, "  ", (answer_text(why.answer.answer), "relmem.answer")
        )
        if not reasons:
            head.append("\nno sentence came before the question", style="relmem.quiet")
        yield Padding(head, (0, 0, 0, INDENT), expand=False)
        if reasons:
            yield Padding(self._sentences(console, options), (0, 0, 0, INDENT), expand=False)

    def _sentences(self, console: Console, options: ConsoleOptions) -> Table:
        grid = Table.grid(padding=(0, 2, 0, 0))
        for side in ("left", "right", "right", "left"):
            grid.add_column(justify=side)
        bar = ("#" if options.ascii_only else "█") * (WIDE if options.max_width >= 60 else NARROW)
        shares = [reason.share for reason in self.why.reasons]
        highest = max(shares)
        heaviest = max((w for reason in self.why.reasons for w in reason.words), default=0.0)
        shown = sorted(range(len(shares)), key=lambda i: -shares[i])[:MOST_SHOWN]
        for index in sorted(shown):
            reason = self.why.reasons[index]
            part = reason.share / highest if highest else 0.0
            grid.add_row(
                Text(bar[: round(len(bar) * part)], style="relmem.bar"),
                Text(
                    f"{reason.share:.1%}", style="relmem.strong" if part > 0.5 else "relmem.quiet"
                ),
                Text(str(index + 1), style="relmem.quiet"),
                _weighed(reason, heaviest, marks=console.color_system is None),
            )
        rest = len(shares) - len(shown)
        if rest:
            left = max(0.0, sum(shares) - sum(shares[i] for i in shown))
            more = Text(f"{rest} more", style="relmem.quiet")
            grid.add_row("", Text(f"{left:.1%}", style="relmem.quiet"), "", more)
        return grid


def _weighed(reason: Reason, heaviest: float, *, marks: bool) -> Text:
    """The sentence, its words by their weight in comparison with the heaviest of the story."""
    text = reason.said.text
    shown = Text(text, style="relmem.quiet")
    spans = [found.span() for found in _TOKEN.finditer(text)]
    weights = reason.words[: len(spans)]
    words = [place for place in range(len(weights)) if text[slice(*spans[place])] not in (".", "?")]
    carried = [p for p in words if heaviest and weights[p] >= LEAST * heaviest]
    for place in carried:
        _emphasise(shown, weights[place] / heaviest, *spans[place])
    if not carried:
        return shown
    start, end = spans[max(carried, key=weights.__getitem__)]
    if marks:
        return Text.assemble(shown[:start], "*", shown[start:end], "*", shown[end:])
    shown.stylize("underline", start, end)
    return shown


def _emphasise(text: Text, part: float, start: int, end: int) -> None:
    """Take a word out of the quiet style of its sentence, the more the heavier it is."""
    if part >= 0.25:
        text.stylize("not dim", start, end)
        text.stylize("relmem.answer" if part >= 0.5 else "relmem.bar", start, end)
