"""Reaching a Dask scheduler, and what is said where there is none or it wants certificates."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

import pytest

from relmem_cli.errors import RelmemError, StoppedError, UsageError
from relmem_cli.runs import cluster
from relmem_cli.runs.cluster import on_cluster
from relmem_cli.runs.needs import Needs
from tests.runs.dask_processes import scheduler, worker

pytest.importorskip("distributed")

RELMEM = str(Path(sys.executable).with_name("relmem"))

Answering = Callable[[bytes], str]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """answering(b"...") is the place of a server that says this to whoever connects."""
    with ExitStack() as stack:
        yield lambda answer: _listen(stack, answer)


def _listen(stack: ExitStack, answer: bytes) -> str:
    server = socket.create_server(("127.0.0.1", 0))
    taken: list[socket.socket] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            taken.append(connection)  # and left open
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    stack.callback(thread.join)
    stack.callback(lambda: [each.close() for each in taken])
    stack.callback(server.close)
    stack.callback(server.shutdown, socket.SHUT_RDWR)
    return f"127.0.0.1:{server.getsockname()[1]}"


def refused(address: str) -> str:
    with pytest.raises(RelmemError) as error, on_cluster(address):
        pass
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize("address", ["there:8786", "dask://there", "ray://there:1", "tls://there"])
def test_a_cluster_is_named_by_its_address(address: str) -> None:
    with pytest.raises(UsageError, match="dask://HOST:PORT, or tls://HOST:PORT"):
        on_cluster(address).__enter__()


def test_without_the_package_distributed_the_extra_is_named(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "extra `cluster`" in refused("dask://127.0.0.1:1")


@pytest.mark.parametrize("scheme", ["dask", "tls"])
def test_a_scheduler_that_takes_the_connection_and_says_nothing_is_given_up_in_time(
    scheme: str, answering: Answering, certificate: Path, monkeypatch
) -> None:
    monkeypatch.setattr(cluster, "_ANSWERS_WITHIN_SECONDS", 0.5)
    place = answering(b"")
    began = time.monotonic()
    with configured(certificate):
        said = refused(f"{scheme}://{place}")
    assert 0.5 <= time.monotonic() - began < 2
    assert said.startswith("no Dask scheduler")
    assert f" answers at {place} within 0.5 seconds; start one with" in said


def test_ten_seconds_are_all_that_a_scheduler_has() -> None:
    assert cluster._ANSWERS_WITHIN_SECONDS == 10


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00" * 64,
        b"\x10" + b"\x00" * 7 + b"\xff" * 16,
    ],
)
def test_what_answers_garbage_is_said_to_be_no_scheduler(
    garbage: bytes, answering: Answering, monkeypatch
) -> None:
    monkeypatch.setattr(cluster, "_ANSWERS_WITHIN_SECONDS", 0.5)
    place = answering(garbage)
    said = refused(f"dask://{place}")
    assert (
        said
        == f"what answers at {place} is no Dask scheduler, or one with TLS: --on tls://{place}."
    )


def test_where_nothing_listens_that_is_said(monkeypatch) -> None:
    monkeypatch.setattr(cluster, "_ANSWERS_WITHIN_SECONDS", 0.5)
    assert "no Dask scheduler answers at 127.0.0.1:9" in refused("dask://127.0.0.1:9")
    assert "no Dask scheduler answers at nowhere.invalid:9" in refused("dask://nowhere.invalid:9")


def test_a_workers_address_is_no_schedulers() -> None:
    import distributed

    with distributed.LocalCluster(
        n_workers=1, processes=False, protocol="tcp", dashboard_address=":0"
    ) as local:
        (address,) = local.scheduler_info["workers"]
        assert "is no Dask scheduler" in refused(address.replace("tcp://", "dask://"))


def test_a_scheduler_that_goes_away_is_told() -> None:
    import distributed

    with distributed.LocalCluster(
        n_workers=0, processes=False, protocol="tcp", dashboard_address=":0"
    ) as local:
        place = local.scheduler_address.removeprefix("tcp://")
        with on_cluster(f"dask://{place}") as reached:
            assert reached.workers() == set()
            local.close()
            with pytest.raises(StoppedError, match=f"the Dask scheduler at {place} has gone"):
                reached.workers()


async def slowly(needs: dict[str, object]) -> str:
    await asyncio.sleep(1)
    return ""


def test_a_worker_that_does_not_answer_is_not_waited_for_for_ever(monkeypatch) -> None:
    import distributed

    monkeypatch.setattr(cluster, "_LOOKS_WITHIN_SECONDS", 0.1)
    monkeypatch.setattr(cluster, "look", slowly)
    needs = Needs(relmem="", plugins=[], files={}, ticket="")
    with distributed.LocalCluster(
        n_workers=1, processes=False, protocol="tcp", dashboard_address=":0"
    ) as local:
        place = local.scheduler_address.removeprefix("tcp://")
        with on_cluster(f"dask://{place}") as reached:
            (worker,) = reached.workers()
            assert reached.look_at(worker, needs).result(timeout=5) == "does not answer"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A throw-away certificate that signs itself, with its key behind it."""
    return _certificate(tmp_path_factory.mktemp("certificate"))


def _certificate(folder: Path) -> Path:
    if shutil.which("openssl") is None:
        pytest.skip("needs the command openssl to make a certificate")
    file, key = folder / "certificate.pem", folder / "key.pem"
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
    subprocess.run(
        [
            *("openssl", "req", "-x509", *curve, "-nodes", "-days", "1"),
            *("-subj", "/CN=relmem-test", "-keyout", str(key), "-out", str(file)),
        ],
        check=True,
        capture_output=True,
    )
    file.write_text(file.read_text() + key.read_text())
    return file


def configured(ca: object, certificate: object = None) -> AbstractContextManager[object]:
    """Dask's configuration with certificates: an authority's and one's own."""
    import dask.config

    return dask.config.set(
        {
            "distributed.comm.tls.ca-file": str(ca),
            "distributed.comm.tls.client.cert": str(certificate or ca),
        }
    )


@pytest.fixture(scope="module")
def encrypted(certificate: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler that takes this certificate alone, and so does its worker."""
    folder = tmp_path_factory.mktemp("encrypted")
    files = ["--tls-ca-file", str(certificate), "--tls-cert", str(certificate)]
    with ExitStack() as stack:
        address = scheduler(stack, folder, "--protocol", "tls", *files)
        worker(stack, folder, "--protocol", "tls", *files)
        yield address


OWN = ("CLIENT__CERT", "CLIENT__KEY")


def test_a_cluster_with_tls_is_reached_with_the_certificates_of_dasks_variables(
    encrypted: str, certificate: Path, tiny_world: Path, tmp_path: Path
) -> None:
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    done = subprocess.run(
        [
            *(RELMEM, "train", "-v", "gru", "--data", str(tiny_world), "--set", "dim=8"),
            *("--epochs", "1", "--out", str(tmp_path / "out"), "--on", encrypted),
        ],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | dict.fromkeys(
            (f"{tls}CA_FILE", f"{tls}CLIENT__CERT", f"{tls}CLIENT__KEY"), str(certificate)
        ),
    )
    assert done.returncode == 0, done.stderr
    assert encrypted.startswith("tls://")
    assert (tmp_path / "out" / "best.safetensors").exists()


def test_another_certificate_is_told_from_no_scheduler_at_once(
    encrypted: str, certificate: Path, tmp_path: Path
) -> None:
    other = _certificate(tmp_path)
    for ca, own in ((other, other), (certificate, other)):
        began = time.monotonic()
        with configured(ca, own):
            assert "certificates of Dask's configuration do not fit" in refused(encrypted)
        assert time.monotonic() - began < 2


def test_a_cluster_with_tls_that_is_reached_without_is_named_tls(encrypted: str) -> None:
    place = encrypted.removeprefix("tls://")
    assert f"or one with TLS: --on tls://{place}." in refused(f"dask://{place}")


def test_certificates_that_are_missing_or_of_no_use_are_told(tmp_path: Path) -> None:
    said = refused("tls://127.0.0.1:9")
    assert "needs certificates; set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, " in said
    for file in (tmp_path / "none.pem", tmp_path / "empty.pem"):
        (tmp_path / "empty.pem").write_text("")
        with configured(file):
            assert "certificates that are of no use" in refused("tls://127.0.0.1:9")


def test_where_dask_is_to_encrypt_nothing_else_is_connected() -> None:
    import dask.config

    with dask.config.set({"distributed.comm.require-encryption": True}):
        assert "wants encryption; write --on tls://HOST:PORT." in refused("dask://127.0.0.1:9")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", ""),
        ("has relmem 9", "has relmem 9"),
        (Exception("ModuleNotFoundError(\"No module named 'relmem_cli'\")"), "has no relmem"),
        (ImportError("cannot import name\n'look'"), "(ImportError: cannot import name 'look')"),
    ],
)
def test_an_error_of_a_workers_look_is_a_lack_of_its(answer: str | Exception, said: str) -> None:
    assert cluster._told(answer).endswith(said)
