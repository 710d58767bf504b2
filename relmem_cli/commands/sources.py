"""Opening the data that a command was asked to use."""

from relmem_cli.stories.sources import Source, data_roots, open_source


def open_data(data: str) -> Source:
    """A bAbI set, a plugin's source or a folder; errors say how to get what is missing."""
    from relmem_cli.paths import data_cache
    from relmem_cli.plugins import registry

    sources = registry().sources
    return open_source(data, roots=data_roots(data_cache()), others=list(sources.values()))
