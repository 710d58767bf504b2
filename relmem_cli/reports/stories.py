"""Tables about stories: one story, what a solver found wrong, how told ones differ from real."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from relmem_cli.reports.tables import Table
from relmem_cli.world.solver.check import SolverReport
from relmem_cli.world.teller import Line
from relmem_cli.world.templates import Profile
from relmem_cli.world.templates import compare as held_against

COMPARED = ("words", "sentences", "questions", "lengths", "answers", "supports", "distances")
"""What of stories is held against each other: fields of `Profile`."""

_SHOWN = 20
"""Faults that are shown of a file."""


def story_table(lines: Sequence[Line], title: str) -> Table:
    """A story's lines, numbered as in bAbI's files, with what they say."""
    numbers = [number for number, line in enumerate(lines, start=1) if line.answer is None]
    rows = [
        {
            "line": number,
            "text": line.text,
            "answer": line.answer or "",
            "needs": " ".join(str(numbers[place]) for place in line.supports),
            "says": line.facts,
        }
        for number, line in enumerate(lines, start=1)
    ]
    return Table(title=title, rows=rows)


def solved_row(name: str, checked: SolverReport) -> dict[str, Any]:
    """How a file's questions are answered by rules."""
    kinds = [fault.kind for fault in checked.faults]
    return {
        "file": name,
        "questions": checked.questions,
        "right": checked.right,
        "accuracy": checked.right / checked.questions if checked.questions else None,
        "unread": checked.unread,
        "contradictions": kinds.count("contradiction"),
        "supports": kinds.count("supports"),
        "faults": len(kinds),
    }


def fault_lines(name: str, checked: SolverReport) -> Iterator[str]:
    """The first faults, each with its place."""
    yield from (f"{name}:{fault.line}: {fault.text}" for fault in checked.faults[:_SHOWN])
    if len(checked.faults) > _SHOWN:
        yield f"{name}: and {len(checked.faults) - _SHOWN:,} more"


def solved_table(rows: Sequence[Mapping[str, Any]], notes: Sequence[str]) -> Table:
    """The rows with what was found."""
    return Table(
        title="Answered by rules",
        rows=rows,
        headers={"supports": "wrong\nsupports"},
        formats={"questions": ",", "right": ",", "accuracy": ".1%"},
        notes=notes,
    )


def compared_rows(task: int, real: Profile, told: Profile) -> Iterator[dict[str, Any]]:
    """A row for each thing that is held against each other."""
    for what in COMPARED:
        found = held_against(getattr(real, what), getattr(told, what))
        frequencies = what != "words"  # theirs are those of the sentences
        yield {
            "task": task,
            "compared": what,
            "kinds": len(getattr(real, what)),
            "chi": found.chi if frequencies else None,
            "freedom": found.freedom if frequencies else None,
            "p": found.p if frequencies else None,
            "only_real": list(found.only_here),
            "only_told": list(found.only_there),
        }


def compared_table(rows: Sequence[Mapping[str, Any]], data: str, *, people: bool) -> Table:
    """The rows; for people with how many occur on one side alone, and those of words below."""
    if not people:
        return Table(title="Compared", rows=rows)
    shown = [
        {**row, "only_real": len(row["only_real"]), "only_told": len(row["only_told"])}
        for row in rows
    ]
    notes = [
        f"task {row['task']}, {row['compared']} only in {where}: {', '.join(row[key][:10])}"
        for row in rows
        for key, where in (("only_real", data), ("only_told", "told stories"))
        if row[key] and row["compared"] in ("words", "sentences", "questions")
    ]
    return Table(
        title=f"Told stories beside {data}",
        rows=shown,
        headers={"only_real": f"only in\n{data}", "only_told": "only in\ntold", "chi": "chi²"},
        formats={"chi": ".0f", "p": ".3f"},
        notes=[*notes, "p: how likely frequencies differ as much where both are drawn alike."],
    )
