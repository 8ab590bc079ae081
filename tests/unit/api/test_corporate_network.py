"""Behind a proxy that inspects, asks, blocks or is not there: reported for what it is."""

from __future__ import annotations

import os
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from ftrunner.api import errors
from ftrunner.api.http.connection import BUNDLES
from ftrunner.api.http.exchange import Request, Response, Timeout
from ftrunner.api.http.transport import RequestsTransport
from tests.unit.api.fakes import KEY, RawServer, answer, client, http

OUTSIDE = "https://api.example.com/v1/files"
CA = trustme.CA()


@pytest.fixture(autouse=True)
def environment() -> Iterator[pytest.MonkeyPatch]:
    """No proxy and no bundle but a test's own; undone before the guard against leaks looks."""
    with pytest.MonkeyPatch.context() as patch:
        for name in (*BUNDLES, "NO_PROXY", "no_proxy"):
            patch.delenv(name, raising=False)
        yield patch


@contextmanager
def tls_server(name: str) -> Iterator[tuple[int, list[bytes]]]:
    """A server with a certificate for `name`, of an unknown authority; what it read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert(name).configure_cert(context)
    received: list[bytes] = []

    def serve(listening: socket.socket) -> None:
        try:
            connection, _ = listening.accept()
            with connection, context.wrap_socket(connection, server_side=True) as secure:
                received.append(secure.recv(65536))
                secure.sendall(http(b"{}"))
        except OSError:
            return

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1], received
        socket.create_connection(listening.getsockname()).close()  # where nothing else came
    thread.join(5)


@contextmanager
def connect_proxy(port: int) -> Iterator[int]:
    """A proxy that takes every CONNECT to the server at `port` on this machine."""

    def pump(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def serve(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, socket.create_connection(("127.0.0.1", port)) as server:
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            back = threading.Thread(target=pump, args=(server, connection), daemon=True)
            back.start()
            pump(connection, server)
            back.join(5)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)
        thread = threading.Thread(target=serve, args=(listening,), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def send(url: str) -> Response:
    with RequestsTransport() as transport:
        return transport.send(Request("GET", url, timeout=Timeout(headers=10)))


def failure(url: str) -> errors.ApiError:
    with pytest.raises(errors.ApiError) as caught:
        send(url)
    return caught.value


def bundle(folder: Path) -> Path:
    path = folder / "company.pem"
    CA.cert_pem.write_to_path(path)
    return path


def test_an_untrusted_certificate_is_reported_and_nothing_was_sent() -> None:
    with tls_server("127.0.0.1") as (port, received):
        error = failure(f"https://127.0.0.1:{port}/v1")

    assert (type(error), error.code) == (errors.CannotConnect, "FT308")
    assert "certificate" in error.message
    assert "REQUESTS_CA_BUNDLE" in (error.hint or "")
    assert received == []


@pytest.mark.parametrize("variable", BUNDLES[:3])
def test_the_users_bundle_is_taken_on_this_machine_too(
    tmp_path: Path, environment: pytest.MonkeyPatch, variable: str
) -> None:
    environment.setenv(variable, str(bundle(tmp_path)))

    with tls_server("127.0.0.1") as (port, _):
        assert send(f"https://127.0.0.1:{port}/v1").status == 200


def test_a_bundle_that_lacks_the_authority_is_named(
    tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.pem"
    trustme.CA().cert_pem.write_to_path(other)
    environment.setenv("SSL_CERT_FILE", str(other))

    with tls_server("127.0.0.1") as (port, _):
        error = failure(f"https://127.0.0.1:{port}/v1")

    assert error.code == "FT308"
    assert all(text in (error.hint or "") for text in (str(other), "REQUESTS_CA_BUNDLE"))


def _folder_of_nothing(path: Path) -> None:
    path.mkdir()


BROKEN: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.parent,
    "empty": Path.touch,
    "no PEM": lambda path: path.write_bytes(b"\0\1 what is this"),
    "cut": lambda path: path.write_text("-----BEGIN CERTIFICATE-----\nMIIC"),
    "a pipe": lambda path: os.mkfifo(path),
    "an empty folder": _folder_of_nothing,
}


@pytest.mark.posix
@pytest.mark.parametrize("variable", BUNDLES[:3])
@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_with_a_broken_bundle_nothing_is_sent(
    tmp_path: Path,
    environment: pytest.MonkeyPatch,
    variable: str,
    make: Callable[[Path], object],
) -> None:
    path = tmp_path / "broken.pem"
    make(path)
    environment.setenv(variable, str(path))

    with tls_server("127.0.0.1") as (port, received):
        error = failure(f"https://127.0.0.1:{port}/v1")

    assert (type(error), error.code) == (errors.CannotConnect, "FT308")
    assert variable in (error.hint or "")
    assert str(path) in f"{error.message} {error.hint}"
    assert received == []


def test_a_broken_bundle_does_not_matter_without_tls(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")

    with RawServer([http(b"{}")]) as server:
        assert send(server.url()).status == 200


@pytest.mark.parametrize("trusted", [False, True])
def test_a_proxy_that_inspects_tls_is_trusted_with_the_companys_bundle(
    tmp_path: Path, environment: pytest.MonkeyPatch, trusted: bool
) -> None:
    with tls_server("api.example.com") as (port, received), connect_proxy(port) as proxy:
        environment.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
        if trusted:
            environment.setenv("SSL_CERT_FILE", str(bundle(tmp_path)))
            assert send(OUTSIDE).status == 200
        else:
            error = failure(OUTSIDE)
            assert (type(error), error.code) == (errors.CannotConnect, "FT308")
            assert received == []


REFUSALS = [
    ("407 Proxy Authentication Required", errors.CannotConnect, "a user and a password"),
    ("403 Forbidden", errors.CannotConnect, "does not open the way to https://api.example.com"),
    ("503 Service Unavailable", errors.ConnectionFailed, "HTTP 503"),
    ("200 OK", errors.ConnectionFailed, "no connection"),  # and then no TLS but a page
]


@pytest.mark.parametrize(("status", "kind", "says"), REFUSALS)
def test_a_proxy_that_refuses_the_tunnel_is_named_and_nothing_was_sent(
    environment: pytest.MonkeyPatch, status: str, kind: type[errors.ApiError], says: str
) -> None:
    page = http(b"<html><title>Blocked</title></html>", status, "Content-Type: text/html")
    with RawServer([page]) as proxy:
        environment.setenv("HTTPS_PROXY", f"http://user:{KEY}@127.0.0.1:{proxy.port}")
        error = failure(OUTSIDE)

    assert type(error) is kind
    assert says in error.message
    assert KEY not in f"{error.message} {error.hint}"
    assert error.code == ("FT301" if status == "200 OK" else "FT309")


def test_a_proxy_that_is_not_there_is_named(environment: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "http_proxy"):
        environment.setenv(name, f"http://127.0.0.1:{port}")

    for url in (OUTSIDE, OUTSIDE.replace("https", "http")):
        error = failure(url)
        assert (type(error), error.code) == (errors.ConnectionFailed, "FT309")
        assert f"http://127.0.0.1:{port}" in error.message


PAGE = {"content-type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("status", "kind", "proves", "transient"),
    [
        (200, errors.BadResponse, False, False),
        (403, errors.PermissionDenied, True, False),
        (451, errors.PermissionDenied, True, False),
        (503, errors.ServerError, False, True),
        (511, errors.PermissionDenied, True, False),
    ],
)
def test_a_page_is_not_an_answer_of_the_providers(
    status: int, kind: type[errors.ApiError], proves: bool, transient: bool
) -> None:
    page = b"<!DOCTYPE html><html><title>Guest Wi-Fi sign in</title></html>"

    class Blocking:
        def send(self, _request: Request) -> Response:
            return Response(status, PAGE, page)

    at = client(Blocking())
    asks: tuple[Callable[[], object], ...] = (
        lambda: at.retrieve_job("ftjob-1"),
        lambda: at.delete_file("file-1"),
        lambda: at.file_content("file-1"),
        lambda: at.download("file-1", lambda _: None, max_bytes=1_000),
    )
    for ask in asks:
        with pytest.raises(errors.ApiError, match="Guest Wi-Fi sign in") as caught:
            ask()
        assert (type(caught.value), caught.value.code) == (kind, "FT309")
        assert caught.value.nothing_was_done is proves
        assert caught.value.is_transient is transient


def test_a_page_is_never_saved_as_a_file() -> None:
    blocks: list[bytes] = []
    with (
        RawServer([http(b"<html>sign in</html>", "200 OK", "Content-Type: text/html")]) as server,
        RequestsTransport() as transport,
    ):
        transport.send(Request("GET", server.url(), sink=blocks.extend))
    assert blocks == []


@pytest.mark.parametrize("status", [404, 413, 429, 502])
def test_the_page_of_a_server_that_says_what_is_wrong_keeps_its_meaning(status: int) -> None:
    class Plain:
        def send(self, _request: Request) -> Response:
            return Response(status, PAGE, b"<html><title>nginx</title></html>")

    with pytest.raises(errors.ApiError) as caught:
        client(Plain()).retrieve_job("ftjob-1")
    assert caught.value.code != "FT309"


def test_a_407_over_plain_http_says_what_to_do() -> None:
    class Asking:
        def send(self, _request: Request) -> Response:
            return answer({}, 407, {"proxy-authenticate": "Basic realm=corp"})

    with pytest.raises(errors.BadRequest, match="a user and a password") as caught:
        client(Asking()).retrieve_job("ftjob-1")
    assert (caught.value.code, caught.value.nothing_was_done) == ("FT309", True)
