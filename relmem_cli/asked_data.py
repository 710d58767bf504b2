"""The data that was asked for by name: opening it, and which tasks of it are meant."""

from collections.abc import Callable

from relmem_cli.files import can_exist, typed_path
from relmem_cli.paths import data_cache
from relmem_cli.plugins import registry
from relmem_cli.stories.catalogue import TaskName, parse_tasks
from relmem_cli.stories.sources import (
    HOW_TO_GET,
    SETS,
    Source,
    data_roots,
    find_archive,
    is_joined,
    open_source,
    source_tasks,
)
from relmem_cli.stories.tasks import tasks_of


def open_data(data: str) -> Source:
    """A bAbI set, a plugin's source or a folder; errors say how to get what is missing."""
    sources = registry().sources
    return open_source(data, roots=data_roots(data_cache()), others=list(sources.values()))


def asked_tasks(text: str, data: str) -> tuple[TaskName, ...]:
    """The tasks that --task asks for of --data: bAbI's by number, a plugin's source's by name.

    Without --task they are task 1, or the only one of a source.

    Raises UsageError for what there is not.
    """
    if data.partition(":")[0] not in registry().sources:
        return parse_tasks(text or "1")
    source = open_data(data)
    if getattr(source, "tasks", None) is None:
        return parse_tasks(text or "1")
    known = source_tasks(source)
    if text in ("", "all"):
        return tuple(known) if text or len(known) == 1 else tasks_of(source, "1")
    found: dict[TaskName, None] = {}
    for name in text.split(","):
        numbers = parse_tasks(name) if _is_range(name) and 1 in known else (name.strip(),)
        found |= {task: None for number in numbers for task in tasks_of(source, str(number))}
    return tuple(found)


def whole_path(data: str) -> str:
    """A folder's whole path, so that the run can be tested from elsewhere; else as it is."""
    if is_joined(data):
        return "+".join(map(whole_path, data.split("+")))
    name, colon, folder = data.partition(":")
    source = registry().sources.get(name)
    if source is None:
        colon, folder = "", data
    elif not getattr(source, "opens_folder", False):
        return data
    path = typed_path(folder)
    if not folder or data in SETS or not can_exist(path) or not path.is_dir():
        return data
    return f"{name}:{path.resolve()}" if colon else str(path.resolve())


def usual_data(note: Callable[[str], None] = lambda _: None) -> str:
    """What is trained on where nothing else is asked for: bAbI, or else stories told anew.

    note  is given a sentence where bAbI is not there
    """
    if find_archive(data_roots(data_cache())) is not None:
        return "en"
    note(f"bAbI is not on this machine ({HOW_TO_GET}); told stories are used (--data world).")
    return "world"


def _is_range(text: str) -> bool:
    first, dash, last = text.strip().partition("-")
    return bool(dash) and first.isdecimal() and last.isdecimal()
