"""What each trouble of the HTTP library means: an ApiError that says whether anything was sent."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions

from ftrunner.api.errors import (
    ApiError,
    BadResponse,
    CannotConnect,
    ConnectionFailed,
    ConnectionLost,
    TimedOut,
)
from ftrunner.api.http.connection import BUNDLES, nothing_was_sent, user_bundle
from ftrunner.api.http.credential import origin
from ftrunner.api.http.refusal import PROXY_LOGIN, PROXY_WANTS_LOGIN
from ftrunner.api.redaction import Redactor
from ftrunner.text import cleaned_line

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
