"""One operation of a profile at one address: built, sent, repeated where that is right, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from ftrunner.api.errors import ApiError, BadResponse, NotFound
from ftrunner.api.fields import Document, MalformedJson, decode
from ftrunner.api.http.credential import Credential
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
from ftrunner.api.http.retry import MayRetry, Retrier, repeatable
from ftrunner.api.http.throttle import Throttle
from ftrunner.api.operations import CALLS
from ftrunner.api.redaction import Redactor, secrets_of
from ftrunner.providers.profile import Profile
from ftrunner.text import cleaned, cleaned_line

RAW_BYTES = 4_000
Params = tuple[tuple[str, str], ...]

_HEADERS = {"Accept": "application/json", "User-Agent": "ftrunner"}


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
    throttle: Throttle
    extra_headers: Mapping[str, str]
    redactor: Redactor = field(default_factory=Redactor, repr=False)

    def document(
        self,
        operation: str,
        target: str | None = None,
        *,
        body: bytes | Form | None = None,
    ) -> Document:
        """The JSON object that the operation answers with. Raises BadResponse for anything else."""
        request = self._request(operation, target, body=body)
        document = self._decoded(operation, self._answer(operation, request))
        if not isinstance(document, dict):
            raise self.bad_response(operation, "the answer is not a JSON object")
        return document

    def value(self, operation: str, target: str | None = None, *, params: Params = ()) -> Any:
        """The JSON value that the operation answers with."""
        request = self._request(operation, target, params)
        return self._decoded(operation, self._answer(operation, request))

    def send(
        self,
        operation: str,
        target: str | None = None,
        *,
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
        request = self._request(operation, target, body=body)
        request = replace(request, max_bytes=max_bytes, sink=sink)
        return self._answer(operation, request, redirects=redirects)

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
        headers, timeout = self._headers(body), CALLS[operation].timeout
        request = Request(
            method, url, headers=headers, body=body, credential=credential, timeout=timeout
        )
        response = self._answer(operation, request)
        return self._decoded(operation, response) if response.body.strip() else None

    def put(self, operation: str, url: str, body: Stream) -> Response:
        """Send a file to an address that the provider named, as part of `operation`: no key goes
        along, and the same bytes may be sent again.
        """
        request = Request("PUT", url, body=body, timeout=CALLS[operation].timeout)
        return self._answer(operation, request, repeatable)

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

    def _request(
        self,
        operation: str,
        target: str | None,
        params: Params = (),
        body: bytes | Form | None = None,
    ) -> Request:
        method, url = self._route(operation, target)
        return Request(
            method=method,
            url=url,
            params=params,
            headers=self._headers(body),
            body=body,
            credential=self.credential,
            timeout=CALLS[operation].timeout,
        )

    def _answer(
        self,
        operation: str,
        request: Request,
        may_retry: MayRetry | None = None,
        *,
        redirects: bool = False,
    ) -> Response:
        """The successful response to `request`, after the tries that the operation may make."""
        call = CALLS[operation]
        for attempt in self.retrier.attempts(may_retry or call.may_retry):
            with attempt:
                sent = self.throttle.wait()
                response = self.transport.send(request)
                self.throttle.observe(response, sent)
                is_elsewhere = response.status in range(300, 400) and "location" in response.headers
                if (response.is_success and not response.is_page) or (redirects and is_elsewhere):
                    return response
                raise self._refusal(call.doing, request, response)
        raise AssertionError("unreachable: the last try returns or raises")

    def _refusal(self, doing: str, request: Request, response: Response) -> ApiError:
        now = self.retrier.clock.now()
        redactor = self.redactor.plus(secrets_of(request))
        profile = self.profile
        is_key = request.credential == self.credential
        key_env = profile.api_key_env if is_key else profile.serving.key_env
        return refusal(
            doing, response, now=now, redactor=redactor, profile=profile, key_env=key_env
        )

    def _decoded(self, operation: str, response: Response) -> Any:
        try:
            document = decode(response.body)
        except MalformedJson:
            kind = cleaned_line(response.headers.get("content-type", ""), 80) or "of no type"
            raise self.bad_response(
                operation, f"the answer is not JSON but {kind}", response
            ) from None
        is_clean = self.redactor.is_clean(response.body)
        return document if is_clean else self.redactor.names(document)

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
