"""Keys taken out of what is sent and what comes back: some servers repeat them in their errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

from ftrunner.api.http.exchange import Request, Response

REDACTED = "[redacted]"
_SHORTEST_SECRET = 8  # anything shorter is no key, and would hide ordinary text

# Headers of ours whose values are no secret; a gateway's key may be in any other.
PLAIN_HEADERS = frozenset({"accept", "content-type", "user-agent"})


def secrets_of(request: Request) -> tuple[str, ...]:
    """What must not be seen again: the key, and the values of headers that the user added."""
    added = (text for name, text in request.headers.items() if name.lower() not in PLAIN_HEADERS)
    keys = () if request.credential is None else (request.credential.key,)
    return as_secrets((*keys, *added))


def as_secrets(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Those of `texts` that are long enough to be a key, in every spelling that they may have.

    What is no character, as in a variable that is not UTF-8, can be neither sent nor shown.
    """
    stripped = (text.encode(errors="ignore").decode().strip() for text in texts if text)
    secrets = [text for text in stripped if len(text) >= _SHORTEST_SECRET]
    return tuple(dict.fromkeys(spelt for secret in secrets for spelt in _spellings(secret)))


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with every secret replaced."""
    for secret in _longest_first(secret for secret in secrets if secret in text):
        text = text.replace(secret, REDACTED)
    return text


def redact_bytes(body: bytes, secrets: Iterable[str]) -> bytes:
    """`body` with every secret replaced."""
    for secret in _longest_first(secrets):
        body = body.replace(secret.encode(), REDACTED.encode())
    return body


def redact_within(document: Any, secrets: Iterable[str]) -> Any:
    """A JSON document with every secret replaced in all of its texts."""
    if isinstance(document, str):
        return redact(document, secrets)
    if isinstance(document, Mapping):
        return {redact(k, secrets): redact_within(v, secrets) for k, v in document.items()}
    if isinstance(document, list):
        return [redact_within(item, secrets) for item in document]
    return document


def redacted(response: Response, secrets: Iterable[str]) -> Response:
    """`response` with every secret in its headers and body replaced."""
    secrets = tuple(secrets)
    headers = {name: redact(value, secrets) for name, value in response.headers.items()}
    return replace(response, headers=headers, body=redact_bytes(response.body, secrets))


def _longest_first(secrets: Iterable[str]) -> list[str]:
    """Of two that begin alike nothing is to be left over."""
    return sorted(secrets, key=len, reverse=True)


def _spellings(secret: str) -> tuple[str, ...]:
    """The secret as it is, as JSON has it, also JSON within JSON, and as an address has it."""
    in_json = json.dumps(secret)[1:-1]
    return (
        secret,
        in_json,
        in_json.replace("/", "\\/"),
        json.dumps(in_json)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
    )
