"""One operation of a profile at one address: built, sent, repeated where that is right, read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from ftrunner.api.errors import BadResponse, NotFound
from ftrunner.api.fields import Document, MalformedJson, decode
from ftrunner.api.http.credential import Credential
from ftrunner.api.http.error_body import is_page
from ftrunner.api.http.exchange import (
    RESPONSE_BYTES,
    Body,
    Form,
    Request,
    Response,
    Sink,
    Stream,
    Transport,
)
from ftrunner.api.http.refusal import refusal
from ftrunner.api.http.retry import Retrier, repeatable
from ftrunner.api.operations import CALLS
from ftrunner.api.redaction import Redactor, secrets_of
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers.profile import Profile
from ftrunner.text import cleaned, cleaned_line

RAW_BYTES = 4_000
Params = tuple[tuple[str, str], ...]

_HEADERS = {"Accept": "application/json", "User-Agent": "ftrunner"}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")


class UnusableHeader(FtrunnerError):
    """A header of `extra_headers` cannot be sent. The message does not show its value."""

    exit_code = ExitCode.INVALID

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the header {cleaned_line(name, 80)!r} has a character that HTTP headers cannot carry",
            code="FT324",
            hint="look for line breaks and characters outside Latin-1 in `extra_headers`",
        )


@dataclass(frozen=True, slots=True)
class Caller:
    """Sends a profile's operations. Every failure is an ApiError that starts with what was done.

    `redactor` hides keys in every answer, and all secrets in refusals.
    """

    profile: Profile
    base_url: str
    transport: Transport
    credential: Credential | None
    retrier: Retrier
    extra_headers: Mapping[str, str]
    redactor: Redactor = field(default_factory=Redactor, repr=False)

    def __post_init__(self) -> None:
        for name, value in self.extra_headers.items():
            if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
                raise UnusableHeader(name)

    def document(
        self,
        operation: str,
        target: str | None = None,
        *,
        params: Params = (),
        body: bytes | Form | None = None,
    ) -> Document:
        """The JSON object that the operation answers with. Raises BadResponse for anything else."""
        document = self.value(operation, target, params=params, body=body)
        if not isinstance(document, dict):
            raise self.bad_response(operation, "the answer is not a JSON object")
        return document

    def value(
        self,
        operation: str,
        target: str | None = None,
        *,
        params: Params = (),
        body: bytes | Form | None = None,
    ) -> Any:
        """The JSON value that the operation answers with."""
        response = self.send(operation, target, params=params, body=body)
        try:
            return self.redactor.names(decode(response.body))
        except MalformedJson:
            kind = cleaned_line(response.headers.get("content-type", ""), 80) or "of no type"
            raise self.bad_response(
                operation, f"the answer is not JSON but {kind}", response
            ) from None

    def send(
        self,
        operation: str,
        target: str | None = None,
        *,
        params: Params = (),
        body: bytes | Form | None = None,
        max_bytes: int = RESPONSE_BYTES,
        sink: Sink | None = None,
        redirects: bool = False,
    ) -> Response:
        """The successful response, after the tries that the operation may make.

        `target` is the id in the operation's path; bytes are JSON. With `redirects` an answer that
        points elsewhere is a success too. Raises an ApiError for any other response; NotFound,
        with nothing sent, where the profile does not have the operation.
        """
        call = CALLS[operation]
        method, url = self._route(operation, target)
        request = Request(
            method=method,
            url=url,
            params=params,
            headers=self._headers(body),
            body=body,
            credential=self.credential,
            timeout=call.timeout,
            max_bytes=max_bytes,
            sink=sink,
        )
        return self.retrier.call(
            partial(self._try, call.doing, request, redirects=redirects), call.may_retry
        )

    def fetch(
        self,
        operation: str,
        method: str,
        url: str,
        body: bytes | None,
        credential: Credential | None,
    ) -> Any:
        """The JSON value at another address, asked with the credential given; None for an
        empty answer.
        """
        call = CALLS[operation]
        headers = self._headers(body)
        request = Request(
            method, url, headers=headers, body=body, credential=credential, timeout=call.timeout
        )
        response = self.retrier.call(partial(self._try, call.doing, request), call.may_retry)
        try:
            document = decode(response.body) if response.body.strip() else None
            return self.redactor.names(document)
        except MalformedJson:
            raise self.bad_response(operation, "the answer is not JSON", response) from None

    def put(self, operation: str, url: str, body: Stream) -> Response:
        """Send a file to an address that the provider named, as part of `operation`: no key goes
        along, and the same bytes may be sent again.
        """
        call = CALLS[operation]
        request = Request("PUT", url, body=body, timeout=call.timeout)
        return self.retrier.call(partial(self._try, call.doing, request), repeatable)

    def bad_response(
        self, operation: str, fault: str, response: Response | None = None
    ) -> BadResponse:
        """The error for an answer that the API does not have; it names profile and operation."""
        return BadResponse(
            f"{CALLS[operation].doing} failed: {fault}, against the profile '{self.profile.name}'.",
            code="FT307",
            hint=f"Is {self.base_url} an API that the profile '{self.profile.name}' describes?",
            status=response.status if response else None,
            raw=self._shown(response.body) if response else "",
        )

    def _shown(self, body: bytes) -> str:
        return cleaned(self.redactor.bytes(body)[:RAW_BYTES].decode("utf-8", "replace"))

    def _try(self, doing: str, request: Request, *, redirects: bool = False) -> Response:
        response = self.transport.send(request)
        points_elsewhere = 300 <= response.status < 400 and "location" in response.headers
        is_answer = response.is_success and not is_page(response.headers, response.body)
        if is_answer or (redirects and points_elsewhere):
            return response
        now = self.retrier.clock.now()
        redactor = self.redactor.plus(secrets_of(request))
        raise refusal(doing, response, now=now, redactor=redactor, profile=self.profile)

    def _route(self, operation: str, target: str | None) -> tuple[str, str]:
        route = self.profile.operations.get(operation)
        if route is None:
            raise NotFound(
                f"{CALLS[operation].doing} is not possible at {self.profile.title}.", code="FT325"
            )
        if target in ("", ".", ".."):  # as part of a path these would name another route
            raise NotFound(
                f"{CALLS[operation].doing} failed: '{target}' is not an id.", code="FT326"
            )
        return route.method, self.base_url + route.path.format(id=quote(target or "", safe=":"))

    def _headers(self, body: Body | None) -> dict[str, str]:
        headers = {**_HEADERS, **self.extra_headers}
        return (
            headers | {"Content-Type": "application/json"} if isinstance(body, bytes) else headers
        )
