import io
import shutil
import ssl
import subprocess
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from relmem_cli.errors import RelmemError
from relmem_cli.stories import archive, fetch
from relmem_cli.stories.archive import file_names
from relmem_cli.stories.sources import ARCHIVE, SETS

GOOD = b"1 Ann ran to the barn.\n2 Where is Ann?\tbarn\t1\n"


def packed(members: dict[str, bytes]) -> bytes:
    """A .tar.gz with these files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return raw.getvalue()


def whole() -> dict[str, bytes]:
    """All files of all sets, and two that belong to none."""
    members = {f"{ARCHIVE}/{name}/{file}": GOOD for name in SETS for file in file_names()}
    return {**members, f"{ARCHIVE}/README.txt": b"read me", f"{ARCHIVE}/en-valid/qa1.txt": b"1 a"}


class Server:
    """A web server on this machine that answers every request alike."""

    def __init__(self) -> None:
        self.status = 200
        self.body = b""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(outer.body)))
                self.end_headers()
                self.wfile.write(outer.body)

            def log_message(self, *arguments: object) -> None:
                """Say nothing."""

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/{ARCHIVE}.tar.gz"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    made = Server()
    thread = Thread(target=made.http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(fetch, "URL", made.url)
    monkeypatch.setattr(fetch, "PLAIN_URL", "http://127.0.0.1:9/nobody.tar.gz")
    monkeypatch.setattr(archive, "published_hashes", dict)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield made
    made.http.shutdown()
    thread.join()
    made.http.server_close()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "data"


class Meter:
    """A progress bar that remembers."""

    def __init__(self) -> None:
        self.total = 0
        self.done = 0
        self.closed = False

    def update(self, amount: int) -> None:
        self.done += amount

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        self.closed = True


def test_all_files_are_unpacked_and_nothing_else_is_left(server: Server, cache: Path) -> None:
    server.body = packed(whole())
    fetch.fetch(cache)
    assert [path.name for path in cache.iterdir()] == [ARCHIVE]
    assert (cache / ARCHIVE / "en" / file_names()[0]).read_bytes() == GOOD
    assert len(list((cache / ARCHIVE).glob("*/qa*_*.txt"))) == 240


def test_an_archive_with_other_bits_than_the_known_one_is_told_apart(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server.body = packed(whole())
    assert fetch.fetch(cache) is False
    (tmp_path / "same").write_bytes(server.body)
    monkeypatch.setattr(fetch, "ARCHIVE_SHA256", archive.sha256(tmp_path / "same"))
    assert fetch.fetch(cache) is True


def test_progress_ends_at_the_size_of_the_archive(server: Server, cache: Path) -> None:
    server.body = packed(whole())
    meter = Meter()
    fetch.fetch(cache, meter)
    assert meter.total == meter.done == len(server.body)
    assert meter.closed


def test_what_was_there_is_replaced(server: Server, cache: Path) -> None:
    (cache / ARCHIVE / "en").mkdir(parents=True)
    (cache / ARCHIVE / "en" / "old.txt").write_text("old")
    server.body = packed(whole())
    fetch.fetch(cache)
    assert not (cache / ARCHIVE / "en" / "old.txt").exists()
    assert len(list(cache.iterdir())) == 1


def refused(cache: Path) -> str:
    """Why fetching failed; what was there before is still there, and nothing more."""
    (cache / ARCHIVE).mkdir(parents=True)
    (cache / ARCHIVE / "before.txt").write_text("before")
    with pytest.raises(RelmemError) as raised:
        fetch.fetch(cache)
    assert [path.name for path in cache.iterdir()] == [ARCHIVE]
    assert (cache / ARCHIVE / "before.txt").read_text() == "before"
    return str(raised.value)


def test_a_missing_file_keeps_nothing(server: Server, cache: Path) -> None:
    members = whole()
    del members[f"{ARCHIVE}/hn/{file_names()[0]}"]
    server.body = packed(members)
    assert f"at fault: hn/{file_names()[0]} (missing)." in refused(cache)


def test_a_file_with_a_wrong_hash_keeps_nothing(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        archive, "published_hashes", lambda: {f"en/{name}": "0" * 64 for name in file_names()[:3]}
    )
    server.body = packed(whole())
    message = refused(cache)
    assert f"en/{file_names()[0]} (not as published" in message
    assert "and 2 more" in message


def test_a_member_that_leaves_the_folder_keeps_nothing(server: Server, cache: Path) -> None:
    server.body = packed({**whole(), "../../../outside.txt": b"out"})
    assert "did not give a whole tar archive" in refused(cache)
    assert not list(cache.parents[1].rglob("outside.txt"))


@pytest.mark.parametrize(("limit", "most"), [("MOST_BYTES", 1000), ("MOST_FILES", 9)])
def test_an_archive_that_unpacks_to_too_much_keeps_nothing(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(fetch, limit, most)
    server.body = packed(whole())
    assert "unpacks to more than the official one has" in refused(cache)


def test_what_comes_unencrypted_is_unpacked_only_where_it_is_the_known_archive(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fetch, "URL", fetch.PLAIN_URL)
    monkeypatch.setattr(fetch, "PLAIN_URL", server.url)
    server.body = packed(whole())
    assert "so nothing was unpacked" in refused(cache)
    (tmp_path / "same").write_bytes(server.body)
    monkeypatch.setattr(fetch, "ARCHIVE_SHA256", archive.sha256(tmp_path / "same"))
    assert fetch.fetch(cache) is True


@pytest.fixture
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that signs itself, with its key in the same file."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the command openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1")
    host = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
    made = ("-keyout", "key.pem", "-out", "cert.pem")
    subprocess.run(
        ["openssl", "req", "-x509", *curve, "-nodes", "-days", "1", *host, *made],
        cwd=folder, capture_output=True, check=True,
    )  # fmt: skip
    whole = (folder / "key.pem").read_text() + (folder / "cert.pem").read_text()
    (folder / "both.pem").write_text(whole)
    return folder / "both.pem"


@pytest.fixture
def encrypted(server: Server, certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The server by https, with that certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.http.socket = context.wrap_socket(server.http.socket, server_side=True)
    monkeypatch.setattr(fetch, "URL", server.url.replace("http:", "https:"))
    server.body = packed(whole())
    return server


def test_a_server_whose_certificate_nobody_vouches_for_is_one_sentence(
    encrypted: Server, cache: Path
) -> None:
    message = refused(cache)
    assert f"{fetch.URL} could not be downloaded (its certificate cannot be trusted)" in message
    assert "\n" not in message


def test_what_comes_with_a_trusted_certificate_is_unpacked_though_its_bits_are_others(
    encrypted: Server, cache: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert fetch.fetch(cache) is False
    assert (cache / ARCHIVE / "en" / file_names()[0]).read_bytes() == GOOD


def test_beside_an_untrusted_certificate_an_unencrypted_archive_must_be_the_known_one(
    encrypted: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = ThreadingHTTPServer(("127.0.0.1", 0), encrypted.http.RequestHandlerClass)
    thread = Thread(target=plain.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setattr(fetch, "PLAIN_URL", f"http://127.0.0.1:{plain.server_port}/x.tar.gz")
    try:
        message = refused(cache)
    finally:
        plain.shutdown()
        thread.join()
        plain.server_close()
    assert "so nothing was unpacked" in message


def test_half_an_archive_keeps_nothing(server: Server, cache: Path) -> None:
    body = packed(whole())
    server.body = body[: len(body) // 2]
    assert "did not give a whole tar archive" in refused(cache)


def test_what_is_no_archive_keeps_nothing(server: Server, cache: Path) -> None:
    server.body = b"<html>This network wants you to log in.</html>"
    assert "did not give a whole tar archive" in refused(cache)


def test_an_answer_of_the_server_that_is_an_error_is_quoted(server: Server, cache: Path) -> None:
    server.status = 404
    assert "the server says 404 Not Found" in refused(cache)


def test_without_a_connection_one_sentence_says_what_else_to_do(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "URL", "http://127.0.0.1:9/nobody.tar.gz")
    message = refused(cache)
    assert "could not be downloaded (no connection)" in message
    assert "set RELMEM_DATA" in message
    assert "\n" not in message


def test_a_cache_that_cannot_be_made_is_one_sentence(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RelmemError, match=r"file.data cannot be written: Not a directory"):
        fetch.fetch(tmp_path / "file" / "data")
