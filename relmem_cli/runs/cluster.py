"""A Dask cluster: reaching its scheduler, asking its workers, and having them work."""

import asyncio
import logging
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from typing import Any

from relmem_cli.errors import RelmemError, StoppedError, UsageError
from relmem_cli.runs.job import Job
from relmem_cli.runs.needs import Needs, look
from relmem_cli.runs.record import RunRecord
from relmem_cli.runs.worker import work

_ANSWERS_WITHIN_SECONDS = 10
_LOOKS_WITHIN_SECONDS = 60
_PROTOCOLS = {"dask": "tcp", "tls": "tls"}
_TLS = "DASK_DISTRIBUTED__COMM__TLS__"


@contextmanager
def on_cluster(address: str) -> Iterator["Client"]:
    """The cluster whose scheduler is at "dask://HOST:PORT", or "tls://HOST:PORT" with certificates.

    Raises UsageError for another address and RelmemError where `distributed` is not installed, no
    scheduler answers, or certificates are missing.
    """
    scheme, found, place = address.partition("://")
    if scheme not in _PROTOCOLS or not found or not place.rpartition(":")[2].isdecimal():
        raise UsageError(
            f"--on {address!r} is no cluster; write --on dask://HOST:PORT, or tls://HOST:PORT."
        )
    try:
        distributed = import_module("distributed")
    except ImportError as error:
        raise RelmemError(
            "--on needs the package distributed, which relmem's extra `cluster` installs."
        ) from error
    # Its many lines on a lost connection would spoil the display, and relmem has one of its own.
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    security = _security(distributed, scheme)
    client = _connect(distributed, f"{_PROTOCOLS[scheme]}://{place}", security)
    try:
        yield Client(client, place)
    finally:
        client.close(timeout=_ANSWERS_WITHIN_SECONDS)


class Client:
    """A `Cluster` of Dask's, by a client of its scheduler."""

    def __init__(self, client: Any, place: str) -> None:
        self._client = client
        self.place = place

    def workers(self) -> set[str]:
        """The addresses of those that the scheduler has."""
        client = self._client
        if client.status == "running":
            try:
                return set(client.sync(client.nthreads, callback_timeout=_ANSWERS_WITHIN_SECONDS))
            except OSError:  # TimeoutError and Dask's own are among them
                pass
        raise StoppedError(f"the Dask scheduler at {self.place} has gone")

    def look_at(self, worker: str, needs: Needs) -> Future[str]:
        """What a worker lacks by its own account, or why it can give none."""
        loop = self._client.loop.asyncio_loop
        return asyncio.run_coroutine_threadsafe(self._ask(worker, needs), loop)

    def submit(self, worker: str, job: Job) -> Future[RunRecord]:
        """Have this worker, and no other, do a job."""
        executor = self._client.get_executor(pure=False, workers=[worker])
        future: Future[RunRecord] = executor.submit(work, job)
        return future

    async def _ask(self, worker: str, needs: Needs) -> str:
        plain = asdict(needs)  # which a worker with another relmem can read
        try:
            async with asyncio.timeout(_LOOKS_WITHIN_SECONDS):
                answers = await self._client.run(look, plain, workers=[worker], on_error="return")
        except OSError:  # TimeoutError and Dask's own are among them
            return "does not answer"
        return _told(answers[worker])


def _told(answer: str | Exception) -> str:
    """What `look` said, or what its being missing says; Dask hands on errors as their text."""
    if isinstance(answer, str):
        return answer
    text = " ".join(f"{type(answer).__name__}: {answer}".split())
    if "No module named 'relmem_cli'" in text:
        return "has no relmem"
    return f"has another relmem, or lacks what it imports ({text})"


def _security(distributed: Any, scheme: str) -> Any:
    """Dask's own configuration, which has the certificates; raises RelmemError without them."""
    try:
        security = distributed.Security()
        context = security.get_connection_args("client")["ssl_context"]
    except (OSError, ValueError) as error:  # ssl's are among the first
        raise RelmemError(
            f"Dask's configuration has certificates that are of no use ({error}); look at "
            f"{_TLS}CA_FILE, {_TLS}CLIENT__CERT and {_TLS}CLIENT__KEY."
        ) from error
    if scheme == "tls" and context is None:
        raise RelmemError(
            f"--on tls:// needs certificates; set {_TLS}CA_FILE, {_TLS}CLIENT__CERT and "
            f"{_TLS}CLIENT__KEY to their files."
        )
    if scheme != "tls" and security.require_encryption:
        raise RelmemError("Dask's configuration wants encryption; write --on tls://HOST:PORT.")
    return security


def _connect(distributed: Any, address: str, security: Any) -> Any:
    """A client of the scheduler there; raises RelmemError where none answers in time."""
    scheme, _, place = address.partition("://")
    try:
        asyncio.run(_greet(distributed, address, security))
        return distributed.Client(
            address, security=security, timeout=_ANSWERS_WITHIN_SECONDS, set_as_default=False
        )
    except distributed.comm.CommClosedError as error:
        raise RelmemError(_ODD[scheme].format(place)) from error
    except OSError as error:  # TimeoutError is one
        raise RelmemError(
            f"no Dask scheduler{_WITH[scheme]} answers at {place} within "
            f"{_ANSWERS_WITHIN_SECONDS} seconds; start one with `dask scheduler`."
        ) from error
    except Exception as error:  # whatever comes of reading what is no answer
        raise RelmemError(_ODD[scheme].format(place)) from error


_WITH = {"tcp": "", "tls": " with TLS"}
_ODD = {
    "tcp": "what answers at {0} is no Dask scheduler, or one with TLS: --on tls://{0}.",
    "tls": "what answers at {0} is no Dask scheduler with TLS, or it and the certificates of "
    "Dask's configuration do not fit.",
}


async def _greet(distributed: Any, address: str, security: Any) -> None:
    """Shake hands, since Client would wait for ever for the other one; raises what comes up."""
    seconds = _ANSWERS_WITHIN_SECONDS
    async with asyncio.timeout(seconds):
        how = security.get_connection_args("client")
        comm = await distributed.comm.connect(address, timeout=seconds, **how)
    comm.abort()
