"""Downloading the official bAbI archive, and putting it in place once every file is right."""

import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Protocol

from relmem_cli.errors import RelmemError
from relmem_cli.stories.archive import check_set, sha256
from relmem_cli.stories.sources import ARCHIVE, SETS

PLAIN_URL = f"http://www.thespermwhale.com/jaseweston/babi/{ARCHIVE}.tar.gz"
"""The archive's address, as the data set's page https://research.fb.com/downloads/babi gives it."""

URL = PLAIN_URL.replace("http:", "https:")
"""The same, encrypted; where it does not answer, the other one is asked."""

MOST_BYTES, MOST_FILES = 1 << 30, 2000
"""What an archive may unpack to; the six sets that are read have 98 MB in 240 files."""

ARCHIVE_SHA256 = "0364ebde659f14d11bc21744516c5ec49d3d06cb692733f66680771244998898"
"""The archive's SHA-256 as Hugging Face recorded it (datasets/babi_qa/dataset_infos.json)."""


class Progress(Protocol):
    """What a download tells of itself, in bytes; `total` is set once it is known."""

    total: int

    def update(self, amount: int) -> None:
        """So many bytes more."""

    def reset(self) -> None:
        """Start again from none."""

    def close(self) -> None:
        """It is over."""


def fetch(cache: Path, progress: Progress | None = None) -> bool:
    """Download and unpack the archive into `cache`, in place of what is there.

    Every file is checked first. Returns whether the download is, bit for bit, the archive known by
    its hash, which vouches for the three files without a hash of their own too; one that came
    unencrypted is not unpacked otherwise. All happens in a temporary folder: on any error, which
    is raised as RelmemError, `cache` stays as it was.
    """
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as name:
            work = Path(name)
            packed, encrypted = _download(work, progress)
            known = sha256(packed) == ARCHIVE_SHA256
            if not known and not encrypted:
                raise RelmemError(
                    f"{PLAIN_URL} did not give the archive that relmem knows, and {URL} gives "
                    "none, so nothing was unpacked; try again on another network."
                )
            unpacked = _unpack(packed, work / "unpacked")
            _check(unpacked)
            _put_in_place(unpacked, cache / ARCHIVE, work)
            return known
    except OSError as error:
        raise RelmemError(f"{cache} cannot be written: {error.strerror or error}.") from error


def _download(folder: Path, progress: Progress | None) -> tuple[Path, bool]:
    """The archive, and whether it came encrypted."""
    try:
        return _retrieve(URL, folder, progress), True
    except RelmemError as failed:
        try:
            return _retrieve(PLAIN_URL, folder, progress), False
        except RelmemError:
            raise failed from None


def _retrieve(url: str, folder: Path, progress: Progress | None) -> Path:
    import pooch  # type: ignore[import-untyped]  # noqa: PLC0415  # only when it is needed

    pooch.get_logger().setLevel("WARNING")
    downloader = pooch.HTTPDownloader(progressbar=progress or False, timeout=30)
    try:
        packed = pooch.retrieve(
            url, known_hash=None, path=folder, fname=f"{ARCHIVE}.tar.gz", downloader=downloader
        )
    except (OSError, ValueError) as error:  # what requests raises is an OSError
        raise RelmemError(
            f"{url} could not be downloaded ({_reason(error)}); try again with a network, or get "
            f"it on another machine, unpack it, and set RELMEM_DATA to its folder {ARCHIVE}."
        ) from error
    return Path(packed)


def _reason(error: Exception) -> str:
    response = getattr(error, "response", None)
    if response is not None:
        response.close()  # requests leaves it open where the status is an error
        return f"the server says {response.status_code} {response.reason}"
    names = {kind.__name__ for kind in type(error).__mro__}
    if "SSLError" in names:
        return "its certificate cannot be trusted"
    if "Timeout" in names:
        return "it took too long"
    if "ConnectionError" in names:
        return "no connection"
    return getattr(error, "strerror", None) or type(error).__name__


def _unpack(packed: Path, folder: Path) -> Path:
    try:
        with tarfile.open(packed) as tar:
            size = 0
            for number, member in enumerate(tar, start=1):
                size += member.size
                if size > MOST_BYTES or number > MOST_FILES:
                    raise tarfile.TarError("it unpacks to more than the official one has")
                tar.extract(member, folder, filter="data")
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise RelmemError(f"{URL} did not give a whole tar archive: {error}.") from error
    return folder / ARCHIVE


def _check(folder: Path) -> None:
    """Raise RelmemError unless every file is there, and as published where its hash is known."""
    faults = [
        f"{name}/{checked.file.name} ({checked.faults[0]})"
        for name in SETS
        for checked in check_set(folder / name)
        if checked.faults
    ]
    if faults:
        more = f" and {len(faults) - 1} more" if len(faults) > 1 else ""
        raise RelmemError(
            f"{URL} did not give the archive that relmem knows, so nothing was kept; "
            f"at fault: {faults[0]}{more}."
        )


def _put_in_place(new: Path, place: Path, work: Path) -> None:
    """Rename `new` to `place`; what was there goes away with the folder `work`."""
    if place.exists():
        place.rename(work / "before")
    new.rename(place)
