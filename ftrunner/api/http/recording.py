"""What was said to a provider and what it answered, for the evidence of a run.

A record holds no key: only headers known to be harmless are kept, and the key, and whatever else
is named as a secret, is taken out of what is sent and of what comes back. Bodies are bounded; of an
upload only its name and size are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ftrunner.api.http.exchange import Body, Form, Request, Response, Stream, Transport, Upload
from ftrunner.api.redaction import PLAIN_HEADERS, REDACTED, Redactor, secrets_of
from ftrunner.clock import Clock, SystemClock

_KEPT_BYTES = 16 * 1024
_SECRET_ANSWERS = ("set-cookie", "www-authenticate", "proxy-authenticate")

Record = Mapping[str, Any]


class RecordingTransport:
    """Passes requests on, and a record of each to `write`: also of one that failed.

    `redactor` hides what it knows, and what a request shows to be a secret.
    """

    def __init__(
        self,
        transport: Transport,
        write: Callable[[Record], None],
        clock: Clock | None = None,
        *,
        redactor: Redactor | None = None,
    ) -> None:
        self._transport = transport
        self._write = write
        self._clock = clock or SystemClock()
        self._redactor = redactor or Redactor()

    def send(self, request: Request) -> Response:
        """What the wrapped transport does."""
        at, started = self._clock.now(), self._clock.monotonic()
        outcome: Response | Exception | None = None
        try:
            outcome = self._transport.send(request)
        except Exception as error:
            outcome = error
            raise
        finally:
            seconds = self._clock.monotonic() - started
            entry = record(request, outcome, self._redactor)
            self._write({"at": at, "seconds": round(seconds, 3), **entry})
        return outcome


def record(request: Request, outcome: Response | Exception | None, redactor: Redactor) -> Record:
    """The exchange as a JSON document. `outcome` None: the process was stopped meanwhile."""
    redactor = redactor.plus(secrets_of(request))
    return {
        "method": request.method,
        "url": redactor.text(_unsigned(request.address, signed=isinstance(request.body, Stream))),
        "request": {
            "headers": {k: _header(k, v) for k, v in sorted(request.headers.items())},
            **_content(request.body, redactor),
        },
        "response": _answer(request, redactor.response(outcome))
        if isinstance(outcome, Response)
        else None,
        "error": redactor.text(str(outcome)) if isinstance(outcome, Exception) else None,
    }


def _unsigned(text: str, *, signed: bool) -> str:
    """An address to which a file goes is signed in its query, which is as good as a key."""
    address, question, _ = text.partition("?")
    return f"{address}?{REDACTED}" if signed and question else text


def _header(name: str, value: str) -> str:
    return value if name.lower() in PLAIN_HEADERS else REDACTED


def _content(body: Body | None, redactor: Redactor) -> Record:
    if isinstance(body, Stream):
        return {"file": _file(body.file)}
    if isinstance(body, Form):
        file = {} if body.file is None else {body.file_field: _file(body.file)}
        fields = {name: redactor.text(value) for name, value in body.fields}
        return {"form": {**fields, **file}}
    return {} if body is None else _text(body, redactor.bytes(body))


def _file(file: Upload) -> Record:
    return {"filename": file.filename, "bytes": file.size}


def _answer(request: Request, response: Response) -> Record:
    """Of a body that went into the request's sink, a file perhaps, nothing is kept."""
    is_elsewhere = request.sink is not None and response.is_success
    return {
        "status": response.status,
        "headers": {
            name: REDACTED
            if name in _SECRET_ANSWERS
            else _unsigned(value, signed=name == "location")
            for name, value in sorted(response.headers.items())
        },
        **({} if is_elsewhere else _text(response.body, response.body)),
    }


def _text(body: bytes, shown: bytes) -> Record:
    """`shown` is `body` without secrets. They go before it is cut: half a key is not found."""
    return {"bytes": len(body), "body": shown[:_KEPT_BYTES].decode("utf-8", "replace")}
