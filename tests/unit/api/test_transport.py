"""What really goes over a socket, and what every trouble on it becomes."""

from __future__ import annotations

import gzip
import inspect
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import responses
import urllib3.exceptions
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.api import errors
from ftrunner.api.http.credential import Credential
from ftrunner.api.http.exchange import Form, Request, Response, Timeout, Upload
from ftrunner.api.http.failures import MEANING, as_api_error
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.providers.profile import Auth
from tests.kit.examples import examples
from tests.unit.api.fakes import KEY, FakeClock, RawServer, http

CREDENTIAL = Credential.of(Auth(), KEY)
OUTSIDE = "https://api.example.com/v1/files"


@pytest.fixture
def transport() -> Iterator[RequestsTransport]:
    with RequestsTransport() as opened:
        yield opened


@pytest.fixture
def environment() -> Iterator[pytest.MonkeyPatch]:
    """Undone before the guard against leaks looks, which `monkeypatch` itself is not."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


def _get(server: RawServer, **fields: object) -> Request:
    return Request("GET", server.url(), credential=CREDENTIAL, **fields)  # type: ignore[arg-type]  # rows of tests


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


def test_a_response_of_any_status_is_returned(transport: RequestsTransport) -> None:
    with RawServer([http(b"{}", "418 Teapot", "X-Request-ID: req_1")]) as server:
        response = transport.send(_get(server))
    assert (response.status, response.body) == (418, b"{}")
    assert response.headers["x-request-id"] == "req_1"


def test_a_request_carries_key_query_headers_and_body(transport: RequestsTransport) -> None:
    with RawServer([http(b"")]) as server:
        transport.send(
            Request(
                "POST",
                server.url(),
                params=(("metadata[a]", "b c"), ("limit", "2")),
                headers={"Content-Type": "application/json", "X-Gateway": "g"},
                body="蓝".encode(),
                credential=CREDENTIAL,
            )
        )
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/files?metadata%5Ba%5D=b+c&limit=2 HTTP/1.1")
    assert f"Authorization: Bearer {KEY}".encode() in head
    assert b"X-Gateway: g" in head
    assert body == "蓝".encode()


def test_a_file_is_streamed_as_a_form(transport: RequestsTransport) -> None:
    sent: list[int] = []
    blocks = [b"x" * 300_000, b"", b"y" * 300_000]
    upload = Upload("蓝 t.jsonl", 600_000, lambda: iter(blocks))
    with RawServer([http(b"{}")]) as server:
        transport.send(
            Request(
                "POST",
                server.url(),
                body=Form((("purpose", "fine-tune"),), upload, on_progress=sent.append),
            )
        )
    head, _, body = server.received[0].partition(b"\r\n\r\n")
    assert b"multipart/form-data; boundary=" in head
    assert b'name="purpose"\r\n\r\nfine-tune\r\n' in body
    assert 'filename="蓝 t.jsonl"'.encode() in body
    assert b"".join(blocks) in body
    assert sent[-1] == 600_000


@pytest.mark.parametrize(("size", "fault"), [(2_000_000, None), (3_000_001, OSError("gone"))])
def test_a_source_that_fails_is_reported_as_it_is_and_not_as_a_lost_connection(
    transport: RequestsTransport, size: int, fault: OSError | None
) -> None:
    def blocks() -> Iterator[bytes]:
        yield b"x" * 1_000_000
        yield b"x" * 1_000_000
        if fault:
            raise fault
        yield b"x"

    with RawServer([None]) as server, pytest.raises(type(fault) if fault else errors.SourceChanged):
        transport.send(Request("POST", server.url(), body=Form((), Upload("t", size, blocks))))
    assert len(server.received[0]) < size  # the server never saw a whole request


@pytest.mark.parametrize("fault", [BrokenPipeError(32, "Broken pipe"), ValueError("closed")])
def test_an_error_of_a_subscriber_ends_the_request_at_once(
    transport: RequestsTransport, fault: Exception
) -> None:
    """The library would wait for the answer after a broken pipe; this server never gives one."""

    def reported(_count: int) -> None:
        raise fault

    upload = Upload("t", 9, lambda: iter([b"x" * 9]))
    body = Form((), upload, on_progress=reported)
    with RawServer([None], closes=False) as server, pytest.raises(type(fault)) as caught:
        transport.send(Request("POST", server.url(), body=body))
    assert caught.value is fault


def test_certificates_that_are_not_there_are_reported(
    transport: RequestsTransport, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("REQUESTS_CA_BUNDLE", "/nonexistent.pem")
    upload = Upload("t", 1, lambda: iter([b"x"]))
    with pytest.raises(errors.CannotConnect, match=r"/nonexistent\.pem") as caught:
        transport.send(Request("POST", OUTSIDE, body=Form((), upload)))
    assert "REQUESTS_CA_BUNDLE" in (caught.value.hint or "")


def test_any_other_trouble_of_the_system_may_have_come_after_the_request() -> None:
    assert type(as_api_error(OSError(5, "I/O error"), OUTSIDE)) is errors.ConnectionLost


def test_a_netrc_does_not_replace_the_key(
    transport: RequestsTransport, tmp_path: Path, environment: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login someone password else\n")
    environment.setenv("NETRC", str(netrc))
    with RawServer([http(b""), http(b"")]) as server:
        transport.send(_get(server))
        transport.send(Request("GET", server.url()))
    assert f"Authorization: Bearer {KEY}".encode() in server.received[0]
    assert b"Authorization" not in server.received[1]


def test_a_redirect_is_returned_and_not_followed(transport: RequestsTransport) -> None:
    with RawServer([http(b"", "302 Found", "Location: http://127.0.0.1:9/stolen")]) as server:
        assert transport.send(_get(server)).status == 302


def test_a_cookie_is_not_kept(transport: RequestsTransport) -> None:
    with RawServer([http(b"", "200 OK", "Set-Cookie: a=b"), http(b"")]) as server:
        transport.send(_get(server))
        transport.send(_get(server))
    assert b"Cookie" not in server.received[1]


def test_a_proxy_is_not_used_for_this_machine(
    transport: RequestsTransport, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("HTTP_PROXY", f"http://127.0.0.1:{_free_port()}")
    environment.setenv("http_proxy", f"http://127.0.0.1:{_free_port()}")
    with RawServer([http(b"{}")]) as server:
        assert transport.send(_get(server)).status == 200


def test_a_proxy_is_used_for_other_machines(
    transport: RequestsTransport, environment: pytest.MonkeyPatch
) -> None:
    with RawServer([http(b"{}")]) as proxy:
        for name in ("http_proxy", "HTTP_PROXY"):
            environment.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("no_proxy", "NO_PROXY"):
            environment.delenv(name, raising=False)
        transport.send(Request("GET", "http://api.example.com/v1/models"))
    assert proxy.received[0].startswith(b"GET http://api.example.com/v1/models ")


@pytest.mark.parametrize(
    ("answer", "kind", "says"),
    [
        (None, errors.ConnectionLost, "broke before the answer was there"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", errors.ConnectionLost, "broke"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffff\r\n{",
            errors.ConnectionLost,
            "broke",
        ),
        (b"SSH-2.0-OpenSSH_9.6\r\n", errors.ConnectionLost, "broke"),
        (b"\r\n", errors.ConnectionLost, "there: BadStatusLine"),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", errors.ConnectionLost, "101 Switching"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}",
            errors.BadResponse,
            "cannot be read",
        ),
        (
            http(b"no gzip", "200 OK", "Content-Encoding: gzip"),
            errors.BadResponse,
            "cannot be read",
        ),
        (http(b"x" * 2_000), errors.BadResponse, "longer than 1,000 bytes"),
        (
            http(gzip.compress(b"x" * 50_000_000, mtime=0), "200 OK", "Content-Encoding: gzip"),
            errors.BadResponse,
            "longer than 1,000 bytes",
        ),
    ],
)
def test_trouble_after_sending_proves_nothing(
    transport: RequestsTransport, answer: bytes | None, kind: type[errors.ApiError], says: str
) -> None:
    with RawServer([answer]) as server, pytest.raises(kind, match=says) as caught:
        transport.send(_get(server, max_bytes=1_000))
    assert not caught.value.nothing_was_done
    assert str(server.port) in caught.value.message
    assert KEY not in repr(caught.value)


@pytest.mark.parametrize("before", [0, 280, 300])
def test_a_status_line_that_repeats_the_key_shows_nothing_of_it(
    transport: RequestsTransport, before: int
) -> None:
    line = b"x" * before + KEY.encode() + b"\r\n\r\n"
    with RawServer([line]) as server, pytest.raises(errors.ConnectionLost) as caught:
        transport.send(_get(server))
    assert KEY[:5] not in caught.value.message


def test_interim_answers_are_passed_over(transport: RequestsTransport) -> None:
    """Any but 101 may come before the final one (RFC 9110, 15.2)."""
    interim = b"".join(
        b"HTTP/1.1 %d Wait\r\nLink: </x>\r\n\r\n" % status for status in (100, 102, 103, 199)
    )
    with RawServer([interim + http(b"{}")]) as server:
        response = transport.send(_get(server))
    assert (response.status, response.body) == (200, b"{}")
    assert "link" not in response.headers


def test_silence_is_a_time_out(transport: RequestsTransport) -> None:
    with RawServer([b""], closes=False) as server, pytest.raises(errors.TimedOut):
        transport.send(_get(server, timeout=Timeout(headers=0.05)))


def test_a_body_that_stops_is_a_time_out(transport: RequestsTransport) -> None:
    half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"
    with RawServer([half], closes=False) as server, pytest.raises(errors.TimedOut):
        transport.send(_get(server, timeout=Timeout(read=0.05)))


def test_an_answer_that_drips_is_a_time_out() -> None:
    """Time is the transport's clock's, whatever the machine's says."""

    class Late(FakeClock):
        def monotonic(self) -> float:
            self.time += 50  # between one piece of the answer and the next
            return self.time

    half = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"
    with (
        RequestsTransport(Late()) as transport,
        RawServer([half], closes=False) as server,
        pytest.raises(errors.TimedOut, match="its body took more than 40 s"),
    ):
        transport.send(_get(server, timeout=Timeout(body=40)))


def test_a_closed_port_proves_that_nothing_was_sent(transport: RequestsTransport) -> None:
    with pytest.raises(errors.ConnectionFailed) as caught:
        transport.send(Request("POST", f"http://127.0.0.1:{_free_port()}/v1"))
    assert type(caught.value) is errors.ConnectionFailed
    assert (caught.value.nothing_was_done, caught.value.is_transient) == (True, True)
    assert "refused" in caught.value.message.lower()
    assert "0x" not in caught.value.message


def test_a_server_without_tls_proves_that_nothing_was_sent(transport: RequestsTransport) -> None:
    with (
        RawServer([http(b"")], reads=False) as server,
        pytest.raises(errors.ConnectionFailed, match="WRONG_VERSION_NUMBER") as caught,
    ):
        transport.send(Request("POST", f"https://127.0.0.1:{server.port}/v1"))
    assert caught.value.nothing_was_done


def test_a_certificate_that_is_not_valid_proves_that_nothing_was_sent() -> None:
    cause = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed certificate")
    reason = urllib3.exceptions.SSLError(cause)
    around = urllib3.exceptions.MaxRetryError(None, "/", reason)  # type: ignore[arg-type]  # no pool is needed
    error = as_api_error(requests.exceptions.SSLError(around), "https://x.example/v1")
    assert type(error) is errors.CannotConnect
    assert "self-signed" in error.message


@pytest.mark.parametrize("url", ["nonsense", "ftp://x/", "http://", "http://[::1/", "http://a..b/"])
def test_an_impossible_address_is_not_a_connection(transport: RequestsTransport, url: str) -> None:
    with pytest.raises(errors.CannotConnect):
        transport.send(Request("GET", url))


def test_every_exception_of_requests_has_a_meaning() -> None:
    kinds = {
        kind
        for _, kind in inspect.getmembers(requests.exceptions, inspect.isclass)
        if issubclass(kind, requests.RequestException)
    }
    assert kinds <= set(MEANING)


def test_every_exception_of_urllib3_has_a_meaning() -> None:
    for _, kind in inspect.getmembers(urllib3.exceptions, inspect.isclass):
        if issubclass(kind, urllib3.exceptions.HTTPError):
            assert any(parent in MEANING for parent in kind.__mro__)


@responses.activate
@pytest.mark.parametrize("kind", [k for k in MEANING if issubclass(k, requests.RequestException)])
def test_an_exception_of_requests_comes_out_as_an_api_error(
    kind: type[requests.RequestException], transport: RequestsTransport
) -> None:
    error = kind("boom", "", 0) if kind is requests.JSONDecodeError else kind("boom")
    responses.get(OUTSIDE, body=error)
    with pytest.raises(MEANING[kind]) as caught:
        transport.send(Request("GET", OUTSIDE))
    assert type(caught.value) is MEANING[kind]
    assert "https://api.example.com" in caught.value.message


def test_a_name_that_does_not_resolve_is_not_a_connection() -> None:
    cause = socket.gaierror(-2, "Name or service not known")
    inner = urllib3.exceptions.NameResolutionError("x", None, cause)  # type: ignore[arg-type]  # no connection is needed
    reason = urllib3.exceptions.MaxRetryError(None, "/", inner)  # type: ignore[arg-type]  # no pool is needed
    error = as_api_error(requests.ConnectionError(reason), "https://x.example/v1")
    assert isinstance(error, errors.ConnectionFailed)
    assert "https://x.example" in error.message


@examples(60)
@given(st.binary(max_size=80))
def test_whatever_a_server_sends_is_a_response_or_an_api_error(junk: bytes) -> None:
    with RawServer([b"HTTP/1.1 200 OK\r\n" + junk]) as server, RequestsTransport() as transport:
        try:
            outcome: object = transport.send(_get(server, timeout=Timeout(read=5)))
        except errors.ApiError as error:
            outcome = error
    assert isinstance(outcome, Response | errors.ApiError)


def test_the_body_of_a_success_goes_into_the_sink_block_by_block(
    transport: RequestsTransport,
) -> None:
    blocks: list[bytes] = []
    with RawServer([http(b"x" * 3_000_000)]) as server:
        response = transport.send(_get(server, sink=blocks.extend))
    assert response.body == b""
    assert b"".join(blocks) == b"x" * 3_000_000
    assert max(map(len, blocks)) <= 64 * 1024


def test_the_body_of_a_refusal_does_not(transport: RequestsTransport) -> None:
    blocks: list[bytes] = []
    with RawServer([http(b"no", "404 Not Found")]) as server:
        assert transport.send(_get(server, sink=blocks.extend)).body == b"no"
    assert blocks == []


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (http(b"x" * 2_000), errors.BadResponse),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", errors.ConnectionLost),
    ],
)
def test_trouble_of_the_server_s_reaches_the_caller_through_the_sink(
    transport: RequestsTransport, answer: bytes, kind: type[errors.ApiError]
) -> None:
    blocks: list[bytes] = []
    with RawServer([answer]) as server, pytest.raises(kind):
        transport.send(_get(server, max_bytes=1_000, sink=blocks.extend))


def test_a_sink_that_fails_is_reported_as_it_is_and_not_as_a_lost_connection(
    transport: RequestsTransport,
) -> None:
    full = OSError(28, "No space left on device")

    def sink(blocks: Iterator[bytes]) -> None:
        next(blocks)
        raise full

    with RawServer([http(b"x" * 2_000)]) as server, pytest.raises(OSError, match="No space") as e:
        transport.send(_get(server, sink=sink))
    assert e.value is full
