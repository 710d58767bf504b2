"""Opening the data that a command was asked to use."""

from relmem_cli.stories.catalogue import TaskName
from relmem_cli.stories.sources import Source, data_roots, open_source


def open_data(data: str) -> Source:
    """A bAbI set, a plugin's source or a folder; errors say how to get what is missing."""
    from relmem_cli.paths import data_cache
    from relmem_cli.plugins import registry

    sources = registry().sources
    return open_source(data, roots=data_roots(data_cache()), others=list(sources.values()))


def asked_tasks(text: str, data: str) -> tuple[TaskName, ...]:
    """The tasks that --task asks for of --data: bAbI's by number, a plugin's source's by name.

    Raises UsageError for what there is not.
    """
    from relmem_cli.plugins import registry
    from relmem_cli.stories.catalogue import parse_tasks
    from relmem_cli.stories.sources import source_tasks
    from relmem_cli.stories.tasks import tasks_of

    if data.partition(":")[0] not in registry().sources:
        return parse_tasks(text)
    source = open_data(data)
    if getattr(source, "tasks", None) is None:
        return parse_tasks(text)
    if text == "all":
        return tuple(source_tasks(source))
    names = dict.fromkeys(name.strip() for name in text.split(","))
    return tuple(task for name in names for task in tasks_of(source, name))
