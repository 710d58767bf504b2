"""Tables 1, 2 and 4: what the paper quotes of other systems, and ours of the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from relmem_cli.reports.summary import RunGroup, failures, groups_of
from relmem_cli.reports.tables import Table
from relmem_cli.runs.record import RunRecord

TASKS_OF_ALL = 20


@dataclass(frozen=True, kw_only=True)
class Quoted:
    """A system of Tables 1, 2 and 4 as the paper prints it, in percent, and what ours is called.

    system   as the paper calls it
    error    the mean over the tasks; spread: what follows it after +-
    failed   the tasks above 5%, where the paper prints that
    own      the mean and the failed tasks that the system's own paper has, and where, if others
    recipe, variant  how ours is trained: a recipe's name and a variant of it
    """

    system: str
    error: float
    recipe: str
    variant: str
    failed: int | None = None
    spread: float | None = None
    own: str = ""

    @property
    def text(self) -> str:
        """Such as "9.7 ±2.6" or "4.2 (3)"."""
        spread = f" ±{self.spread}" if self.spread is not None else ""
        return f"{self.error}{spread}" + (f" ({self.failed})" if self.failed is not None else "")


_MEMN2N = "Sukhbaatar et al. 2015, Table 1, one model of all tasks"
_TENK = "cited-10k"

QUOTED = {
    1: (
        Quoted(system="MemNN", error=39.2, failed=17, recipe=_TENK, variant="memnn"),
        Quoted(system="MemN2N", error=4.2, failed=3, recipe=_TENK, variant="memn2n"),
        Quoted(
            system="DMN", error=6.395, failed=2, recipe="dmn-10k", variant="dmn",
            own="6.4 (2): Kumar et al. 2016, Table 2",
        ),
        Quoted(
            system="EntNet", error=0.54, failed=0, recipe=_TENK, variant="entnet",
            own="0.5 (0): Henaff et al. 2017, Table 2, the best of ten seeds",
        ),
    ),
    2: (
        Quoted(
            system="MemN2N, 1 hop", error=9.58, failed=17, recipe="memn2n-1-hop", variant="memn2n",
            own=f"25.8 (17): {_MEMN2N}",
        ),
        Quoted(
            system="MemN2N, 2 hops", error=8.45, failed=11, recipe="memn2n-2-hops",
            variant="memn2n", own=f"15.6 (11): {_MEMN2N}",
        ),
        Quoted(
            system="MemN2N, 3 hops", error=8.15, failed=11, recipe="memn2n-3-hops",
            variant="memn2n", own=f"13.3 (11): {_MEMN2N}",
        ),
        Quoted(system="QRN, 2r", error=9.9, failed=7, recipe="qrn-2r", variant="qrn"),
        Quoted(system="QRN, 3r", error=11.3, failed=5, recipe="qrn-3r", variant="qrn"),
    ),
    4: (
        Quoted(system="RRN", error=0.46, spread=0.77, recipe="rrn-10k", variant="rrn"),
        Quoted(system="RelNet", error=0.29, recipe=_TENK, variant="relnet"),
        Quoted(
            system="EntNet", error=9.7, spread=2.6, recipe=_TENK, variant="entnet",
            own="0.5 (0): Henaff et al. 2017, Table 2, the best of ten seeds",
        ),
    ),
}  # fmt: skip
"""Systems by number of the table, in its order."""


def quoted_rows(number: int, rows: Sequence[RunRecord]) -> Table:
    """For machines: a row for each system of Tables 1, 2 and 4; errors are fractions."""
    groups = _by_name(rows)
    flat = [
        {
            "table": number,
            "system": one.system,
            "variant": one.variant,
            "recipe": one.recipe,
            **_figures(groups.get((one.recipe, one.variant))),
            "paper": one.error / 100,
            "paper_failed": one.failed,
            "own": one.own or None,
        }
        for one in QUOTED[number]
    ]
    return Table(title=f"Table {number}", rows=flat)


def quoted_table(number: int, rows: Sequence[RunRecord]) -> Table:
    """For people: ours beside what the paper prints and the system's own paper, in percent."""
    groups = _by_name(rows)
    shown = [
        {
            "system": one.system,
            "ours": _text(groups.get((one.recipe, one.variant))),
            "paper": one.text,
            "own paper": one.own.partition(":")[0] or None,
            "trained by": f"{one.variant}, {one.recipe}",
        }
        for one in QUOTED[number]
    ]
    return Table(
        title=f"Table {number}: mean test error in percent (failed tasks)",
        rows=shown,
        right=["ours", "paper", "own paper"],
        notes=list(_notes(number, rows)),
    )


def _by_name(rows: Sequence[RunRecord]) -> dict[tuple[str, str], RunGroup]:
    """Groups by recipe, a quick one as the whole one, and variant."""
    return {
        (group.recipe.removesuffix("-quick"), group.variant): group for group in groups_of(rows)
    }


def _figures(group: RunGroup | None) -> dict[str, Any]:
    if group is None:
        return dict.fromkeys(("tasks", "error", "low", "high", "failed"))
    mean = group.mean
    return {
        "tasks": len(group.tasks),
        "error": mean.error,
        "low": mean.low,
        "high": mean.high,
        "failed": group.failed,
    }


def _text(group: RunGroup | None) -> str | None:
    """Such as "4.5 ±0.3 (2)", and of how many tasks where they are not all."""
    if group is None:
        return None
    few = f", {len(group.tasks)} tasks" if len(group.tasks) < TASKS_OF_ALL else ""
    return f"{group.mean.text} ({group.failed}{few})"


def _notes(number: int, rows: Sequence[RunRecord]) -> Iterator[str]:
    yield "±: 95% interval, over the folds by Student's t, or of one fold over its test questions."
    for own in dict.fromkeys(one.own for one in QUOTED[number] if one.own):
        yield f"own paper: {own}."
    yield from failures(rows)
