"""What a worker of a cluster must have for a grid's runs, and a worker's look at what it has."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from relmem_cli import __version__
from relmem_cli.plugins import Registry, registry
from relmem_cli.runs.job import Job
from relmem_cli.runs.locks import lack_beside
from relmem_cli.runs.run import Run
from relmem_cli.stories.sources import BabiFolder, Joined, Source, is_joined


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What this machine has that a worker must have too.

    relmem   its version
    plugins  (kind, name, distribution, version): who offers each variant and source
    files    what is read, and how many bytes each file has
    ticket   the grid's, which lies on the file system that is shared
    """

    relmem: str
    plugins: list[tuple[str, str, str, str]]
    files: dict[str, int]
    ticket: str

    @classmethod
    def of(cls, jobs: Sequence[Job], ticket: Path) -> "Needs":
        """What those jobs need."""
        variants = {job.settings.variant for job in jobs}
        sources = {name for job in jobs for name in _sources(job.settings.data)}
        return cls(
            relmem=__version__,
            plugins=[
                *(("variant", name, *_origin("variant", name)) for name in sorted(variants)),
                *(("source", name, *_origin("source", name)) for name in sorted(sources)),
            ],
            files={str(path): path.stat().st_size for path in sorted({*_files(jobs)})},
            ticket=str(ticket),
        )


def _sources(data: str) -> Iterator[str]:
    """The plugins' sources that --data names."""
    for part in data.split("+") if is_joined(data) else [data]:
        name = part.partition(":")[0]
        if name in registry().sources:
            yield name


def _offers(kind: str) -> Any:
    found: Registry = registry()
    return {"variant": found.variants, "source": found.sources}[kind]


def _origin(kind: str, name: str) -> tuple[str, str]:
    plugin = _offers(kind).origin(name)
    return plugin.distribution, plugin.version


def _files(jobs: Sequence[Job]) -> Iterator[Path]:
    """The files of bAbI's format that the jobs read, and the models that they begin with."""
    folds = any(job.settings.fold > 0 for job in jobs)
    for source in _parts(Run(jobs[0]).source):
        if isinstance(source, BabiFolder):
            folders = [source.path, *([source.sibling(f"{source.name}-10k").path] if folds else [])]
            yield from (path for folder in folders for path in folder.glob("qa*_*.txt"))
    yield from {Path(job.settings.begin) for job in jobs if job.settings.begin}


def _parts(source: Source) -> tuple[Source, ...]:
    return source.sources if isinstance(source, Joined) else (source,)


async def look(needs: Mapping[str, Any]) -> str:
    """What this process lacks of `needs`, the fields of `Needs`, as the rest of a sentence.

    "" where it lacks nothing. The worker's loop goes on meanwhile.
    """
    return await asyncio.to_thread(_lack, needs)


def _lack(needs: Mapping[str, Any]) -> str:
    if needs["relmem"] != __version__:
        return f"has relmem {__version__}, not {needs['relmem']}"
    for kind, name, distribution, version in needs["plugins"]:
        if name not in _offers(kind):
            return f"lacks the {kind} {name} of plugin {distribution} {version}"
        if (there := _origin(kind, name)) != (distribution, version):
            return f"has {kind} {name} of plugin {' '.join(there)}, not {distribution} {version}"
    for file, size in needs["files"].items():
        try:
            if Path(file).stat().st_size != size:
                return f"sees another {file} than this machine"
        except OSError as error:
            return f"cannot read {file} ({error.strerror})"
    return lack_beside(Path(needs["ticket"]))
