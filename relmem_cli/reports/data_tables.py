"""Tables about data sets: where they lie, how large they are, what is wrong with them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from relmem_cli.plain import listed
from relmem_cli.reports.tables import Table
from relmem_cli.stories.archive import SPLITS, CheckedFile
from relmem_cli.stories.catalogue import TASKS, TaskName, title
from relmem_cli.stories.sources import SETS, BabiFolder
from relmem_cli.stories.story import Story
from relmem_cli.stories.vocabulary import Vocabulary, sizes_of


def where_rows(archive: Path | None, others: Mapping[str, str]) -> Table:
    """The archive's sets with the number of files each has and those it lacks; plugins' sources.

    `others` is source name by summary.
    """
    rows: list[dict[str, Any]] = []
    for name in SETS if archive else ():
        folder = BabiFolder(name=name, path=Path(archive or "") / name)
        missing = [
            f"task {task} {split}"
            for task in TASKS
            for split in SPLITS
            if not folder.has(task, split)
        ]
        there = len(TASKS) * len(SPLITS) - len(missing)
        rows.append({"data": name, "files": there, "missing": missing, "where": str(folder.path)})
    rows += [
        {"data": name, "files": None, "missing": [], "where": summary}
        for summary, name in others.items()
    ]
    return Table(title="Data", rows=rows)


def where_table(table: Table, archive: Path | None, roots: Sequence[Path]) -> Table:
    """The same for people; the archive's folder and where it was looked for stand below."""
    rows = []
    for row in table.rows:
        missing = row["missing"]
        inside = archive is not None and row["where"] == str(archive / row["data"])
        shown = {"data": row["data"], "files": row["files"]}
        shown["missing"] = listed(missing, 2) or "none"
        rows.append(shown if inside else {**shown, "from": row["where"]})
    notes = [f"Found in {archive}"] if archive else []
    return Table(
        title=table.title,
        rows=rows,
        notes=[*notes, f"Looked in {', then '.join(map(str, roots))}"],
    )


def stories_row(task: TaskName, stories: Sequence[Story]) -> dict[str, Any]:
    """V, L and Lq of a file's stories, how many there are, and the longest, in sentences."""
    vocabulary = Vocabulary.of(stories)
    sizes = sizes_of(vocabulary, stories)
    return {
        "task": task,
        "name": title(task),
        "V": sizes.vocabulary,
        "L": sizes.sentence_length,
        "Lq": sizes.question_length,
        "stories": len(stories),
        "questions": sum(len(story.questions) for story in stories),
        "answers": len(vocabulary.answers),
        "longest": max(len(story.sentences) for story in stories),
    }


def stories_table(rows: Sequence[Mapping[str, Any]], title: str) -> Table:
    """The rows with what their columns mean."""
    return Table(
        title=title,
        rows=rows,
        headers={"longest": "T"},
        formats=dict.fromkeys(("stories", "questions"), ","),
        notes=[
            "V: words, answers and the pad token. answers: distinct ones.",
            "L, Lq: longest sentence and question in tokens. T: longest story in sentences.",
        ],
    )


def fault_rows(checked: Sequence[CheckedFile]) -> Table:
    """For machines: a row for every fault."""
    rows = [
        {"set": one.file.parent.name, "file": one.file.name, "fault": fault}
        for one in checked
        for fault in one.faults
    ]
    return Table(title="Faults", rows=rows)


def check_table(checked: Sequence[CheckedFile]) -> Table:
    """For people: how many of each set's files are sound; every fault below."""
    rows = []
    for folder in dict.fromkeys(one.file.parent for one in checked):
        faults = [one.faults for one in checked if one.file.parent == folder]
        missing = sum("missing" in found for found in faults)
        sound = faults.count(())
        rows.append(
            {
                "data": folder.name,
                "files": len(faults),
                "sound": sound,
                "missing": missing,
                "at fault": len(faults) - sound - missing,
            }
        )
    return Table(title="Check", rows=rows, notes=_fault_lines(checked))


def _fault_lines(checked: Sequence[CheckedFile]) -> list[str]:
    """A line for each fault; one for a set of which nothing is there."""
    lines: dict[str, None] = {}
    there = {one.file.parent for one in checked if one.faults != ("missing",)}
    for one in checked:
        folder = one.file.parent
        if folder not in there:
            lines[f"{folder.name}: no file of this set is in {folder}"] = None
            continue
        lines |= dict.fromkeys(f"{folder.name}/{one.file.name}: {fault}" for fault in one.faults)
    return list(lines)
