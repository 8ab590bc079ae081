"""HTTP by `requests`: the only module that knows it.

Whatever goes wrong in that library comes out as an ApiError; a response of any status is a
Response.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from types import TracebackType
from typing import Any, Self

import requests
import urllib3.exceptions
from requests_toolbelt import MultipartEncoder

from ftrunner.api.errors import (
    ApiError,
    BadResponse,
    CannotConnect,
    ConnectionFailed,
    ConnectionLost,
    TimedOut,
)
from ftrunner.api.http.address import origin
from ftrunner.api.http.connection import (
    BUNDLES,
    Adapter,
    certificates,
    nothing_was_sent,
    patient,
    user_bundle,
)
from ftrunner.api.http.credential import Credential
from ftrunner.api.http.error_body import is_page
from ftrunner.api.http.exchange import Body, Form, Request, Response, Stream
from ftrunner.api.http.refusal import PROXY_LOGIN, PROXY_WANTS_LOGIN
from ftrunner.api.http.upload_source import Source
from ftrunner.api.redaction import Redactor, secrets_of
from ftrunner.clock import Clock, SystemClock
from ftrunner.text import cleaned_line
from ftrunner.urls import leads_here

_DEFAULTS = {"Accept-Encoding": requests.utils.default_headers()["Accept-Encoding"]}
_PIECE = 64 * 1024  # bytes of the answer read at a time, before decompression


class RequestsTransport:
    """Keeps connections open between requests; a context manager that closes them.

    The environment's certificates are honoured, and its proxies except for this machine's own
    addresses. A `.netrc` is never read, redirects are never followed, cookies are never kept: it
    sends by the library's adapter, and all of these come with its sessions.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._adapter = Adapter()
        self._environment = requests.Session()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._adapter.close()
        self._environment.close()

    def send(self, request: Request) -> Response:
        """The response, read to its end. Raises an ApiError where there is none.

        Raises what `Upload.blocks` or the sink raises where that broke the request off.
        """
        with self._answer(request) as answer:
            headers = {name.lower(): value for name, value in answer.headers.items()}
            response = Response(answer.status_code, headers, b"")
            blocks = _blocks(answer, request)
            first = next(blocks, b"")
            whole = chain((first,), blocks)
            if request.sink is None or not response.is_success or is_page(headers, first):
                return replace(response, body=b"".join(whole))
            request.sink(whole)
            return response

    def _answer(self, request: Request) -> requests.Response:
        """The answer, its body not yet read."""
        source = _source(request.body)
        with _explained(request, source):
            prepared = _prepared(request, source)
        proxies = self._proxies(request.url)
        with _explained(request, source, proxies), patient(self._clock, request.timeout):
            return self._adapter.send(
                prepared,
                stream=True,
                timeout=(request.timeout.connect, request.timeout.headers),
                verify=certificates(request.url),
                proxies=proxies,
            )

    def _proxies(self, url: str) -> Mapping[str, str]:
        """The environment's proxies on the way to `url`; there is none to this machine."""
        if leads_here(url):
            return {}
        found = self._environment.merge_environment_settings(url, {}, True, None, None)
        proxies: Mapping[str, str] = found["proxies"]
        return proxies


class _Unread(Exception):
    """The body could not be read; the source's `failure` says why."""


class _Body(Source):
    """A source whose trouble is never an OSError.

    The library would take that for the connection's: after a broken pipe it waits for the answer.
    """

    def read(self, size: int = -1) -> bytes:
        try:
            return super().read(size)
        except Exception as error:
            raise _Unread from error


class _KeyAuth(requests.auth.AuthBase):
    """Sets the key last, so that neither a `.netrc` nor a header can replace it."""

    def __init__(self, credential: Credential | None) -> None:
        self._credential = credential

    def __call__(self, prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._credential is not None:
            prepared.headers[self._credential.header] = self._credential.value
        return prepared


@contextmanager
def _explained(
    request: Request, source: Source | None = None, proxies: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Trouble of the library's is an ApiError; what broke the source off is raised as it was."""
    try:
        yield
    except (OSError, urllib3.exceptions.HTTPError, _Unread) as error:
        if source is not None and source.failure is not None:
            raise source.failure from None
        proxy = requests.utils.select_proxy(request.url, proxies) if proxies else None
        redactor = Redactor(secrets_of(request))
        raise as_api_error(error, request.url, proxy, redactor) from error


def _blocks(answer: requests.Response, request: Request) -> Iterator[bytes]:
    """The body as it comes, bounded in size; the connection bounds it in time."""
    size = 0
    while True:
        with _explained(request):
            block: bytes = answer.raw.read1(_PIECE, decode_content=True)
        if not block:
            return
        size += len(block)
        if size > request.max_bytes:
            limit = f"{request.max_bytes:,} bytes"
            raise BadResponse(
                f"the answer of {origin(request.url)} is longer than {limit}",
                code="FT306",
                status=answer.status_code,
            )
        yield block


def _source(body: Body | None) -> _Body | None:
    """What reads the file in `body`, where there is one."""
    if isinstance(body, Form | Stream) and body.file is not None:
        return _Body(body.file, body.on_progress)
    return None


def _prepared(request: Request, source: Source | None) -> requests.PreparedRequest:
    headers, body = _encoded(request, source)
    return requests.Request(
        request.method,
        request.url,
        params=list(request.params),
        headers=headers,
        data=body,
        auth=_KeyAuth(request.credential),
    ).prepare()


def _encoded(request: Request, source: Source | None) -> tuple[dict[str, str], Any]:
    headers = {**_DEFAULTS, **request.headers}
    form = request.body
    if not isinstance(form, Form):
        return headers, source or request.body
    parts: list[tuple[str, Any]] = list(form.fields)
    if form.file is not None:
        parts.append((form.file_field, (form.file.filename, source, "application/octet-stream")))
    encoder = MultipartEncoder(parts)
    return {**headers, "Content-Type": encoder.content_type}, encoder


# What each exception of the library means. One that says "connection" alone may have come before
# or after the request was sent: `as_api_error` looks at its causes.
MEANING: dict[type[Exception], type[ApiError]] = {
    requests.RequestException: ConnectionLost,
    requests.ConnectionError: ConnectionLost,
    requests.exceptions.ProxyError: ConnectionFailed,
    requests.exceptions.SSLError: ConnectionLost,
    requests.Timeout: TimedOut,
    requests.ConnectTimeout: ConnectionFailed,
    requests.ReadTimeout: TimedOut,
    requests.HTTPError: BadResponse,
    requests.exceptions.TooManyRedirects: BadResponse,
    requests.exceptions.ChunkedEncodingError: ConnectionLost,
    requests.exceptions.ContentDecodingError: BadResponse,
    requests.exceptions.StreamConsumedError: BadResponse,
    requests.exceptions.RetryError: ConnectionLost,
    requests.JSONDecodeError: BadResponse,
    requests.exceptions.InvalidJSONError: CannotConnect,
    requests.URLRequired: CannotConnect,
    requests.exceptions.MissingSchema: CannotConnect,
    requests.exceptions.InvalidSchema: CannotConnect,
    requests.exceptions.InvalidURL: CannotConnect,
    requests.exceptions.InvalidHeader: CannotConnect,
    requests.exceptions.InvalidProxyURL: CannotConnect,
    requests.exceptions.UnrewindableBodyError: ConnectionLost,
    urllib3.exceptions.HTTPError: ConnectionLost,
    urllib3.exceptions.DecodeError: BadResponse,
    urllib3.exceptions.LocationValueError: CannotConnect,
    OSError: ConnectionLost,
}
# Causes that say more than the exception around them; the first two come only before anything
# is sent. Others may have come while connecting, which the connection marks, or in mid-stream.
_BY_CAUSE: tuple[tuple[tuple[type[Exception], ...], type[ApiError]], ...] = (
    ((urllib3.exceptions.NewConnectionError, urllib3.exceptions.ProxyError), ConnectionFailed),
    ((urllib3.exceptions.ConnectTimeoutError,), ConnectionFailed),
    ((urllib3.exceptions.ReadTimeoutError, TimeoutError), TimedOut),
    ((urllib3.exceptions.InvalidHeader,), BadResponse),  # of the answer; ours are checked before
)
_WORDS: dict[type[ApiError], tuple[str, str, str | None]] = {
    ConnectionFailed: ("FT301", "no connection to {}", "check `base_url`, network and proxy"),
    CannotConnect: ("FT302", "no connection to {} is possible", "check `base_url`"),
    ConnectionLost: ("FT303", "the connection to {} broke before the answer was there", None),
    TimedOut: ("FT304", "{} did not answer in time", None),
    BadResponse: ("FT307", "the answer of {} cannot be read", None),
}


def as_api_error(
    error: Exception, url: str, proxy: str | None = None, redactor: Redactor | None = None
) -> ApiError:
    """The ApiError that an exception of the HTTP library means for a request to `url`.

    Where it is not certain that nothing was sent, it is a ConnectionLost. `proxy` is on the way;
    `redactor` hides what the server repeats.
    """
    causes = list(_causes(error))
    reason = _reason(causes, redactor or Redactor())
    if (
        type(error) is OSError and error.errno is None
    ):  # requests: the file of certificates is missing
        return CannotConnect(reason, code="FT308", hint=f"check {BUNDLES[0]}")
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return _distrusted(cause, url, reason)
        if refused := _TUNNEL_REFUSED.search(str(cause)):
            return _refused_by_proxy(int(refused[1]), refused[2], url, proxy)
    if proxy and any(isinstance(cause, urllib3.exceptions.ProxyError) for cause in causes):
        message = f"no connection to the proxy {origin(proxy)}: {reason}"
        return ConnectionFailed(message, code="FT309", hint=_PROXY_VARIABLES)
    kind = _meaning(error, causes)
    code, text, hint = _WORDS[kind]
    return kind(f"{text.format(origin(url))}: {reason}", code=code, hint=hint)


# What Python's http.client says of a proxy that answers CONNECT with anything but a success.
_TUNNEL_REFUSED = re.compile(r"^Tunnel connection failed: (\d{3}) ?(.*)")
_PROXY_VARIABLES = "check HTTPS_PROXY; NO_PROXY lists what is reached without it"


def _distrusted(cause: ssl.SSLCertVerificationError, url: str, reason: str) -> ApiError:
    why = cleaned_line(getattr(cause, "verify_message", "") or reason, 300)
    variable, path = user_bundle()
    hint = f"behind a proxy that inspects TLS, name a file with its certificate in {BUNDLES[0]}"
    if path:
        hint = f"{variable} names {path}: add the certificate of who signed this one"
        hint += "" if variable == BUNDLES[0] else f", or name a file that has it in {BUNDLES[0]}"
    message = f"the certificate of {origin(url)} is not trusted: {why}"
    return CannotConnect(message, code="FT308", hint=hint)


def _refused_by_proxy(status: int, reason: str, url: str, proxy: str | None) -> ApiError:
    """Nothing was sent: the way to the provider was not opened."""
    name = origin(proxy or "")
    if status == PROXY_WANTS_LOGIN:
        message = f"the proxy {name} wants a user and a password (HTTP 407)"
        return CannotConnect(message, code="FT309", hint=PROXY_LOGIN)
    said = f": {cleaned_line(reason, 200)}" if reason else ""
    message = f"the proxy {name} does not open the way to {origin(url)} (HTTP {status}){said}"
    kind = ConnectionFailed if status in (502, 503, 504) else CannotConnect
    hint = f"ask for the address to be let through; {_PROXY_VARIABLES}"
    return kind(message, code="FT309", hint=hint)


def _meaning(error: Exception, causes: list[BaseException]) -> type[ApiError]:
    kind = _kind(error, causes)
    is_early = any(map(nothing_was_sent, causes))
    return ConnectionFailed if is_early and not issubclass(kind, ConnectionFailed) else kind


def _kind(error: Exception, causes: list[BaseException]) -> type[ApiError]:
    for kinds, meaning in _BY_CAUSE:
        if any(isinstance(cause, kinds) for cause in causes):
            return meaning
    return next(MEANING[kind] for kind in type(error).__mro__ if kind in MEANING)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it wraps, outermost first; the libraries wrap in three ways."""
    yield error
    wrapped = (getattr(error, "reason", None), error.__cause__, *error.args)
    inner = next((cause for cause in wrapped if isinstance(cause, BaseException)), None)
    if inner is not None:
        yield from _causes(inner)


def _reason(causes: list[BaseException], redactor: Redactor) -> str:
    """What the operating system, or the innermost library, says; no memory addresses. A secret is
    hidden before the text is cut: half of one is not found.
    """
    innermost = causes[-1]
    text = getattr(innermost, "strerror", None) or str(innermost) or type(innermost).__name__
    plain = re.sub(r"<[^>]*>(\([^)]*\))?:? ?", "", redactor.text(text))
    said = cleaned_line(plain, 300)
    return said or type(innermost).__name__
