"""Keys taken out of what a provider sends back: some servers repeat them in their errors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ftrunner.api.exchange import Request, Response

REDACTED = "[redacted]"
_SHORTEST_SECRET = 8  # anything shorter is no key, and would hide ordinary text

# Headers of ours whose values are no secret; a gateway's key may be in any other.
PLAIN_HEADERS = frozenset({"accept", "content-type", "user-agent"})


def secrets_of(request: Request) -> tuple[str, ...]:
    """What must not be seen again: the key, and the values of headers that the user added."""
    added = (text for name, text in request.headers.items() if name.lower() not in PLAIN_HEADERS)
    keys = () if request.credential is None else (request.credential.key,)
    return tuple(secret for secret in (*keys, *added) if len(secret) >= _SHORTEST_SECRET)


def redact(text: str, secrets: Iterable[str]) -> str:
    """`text` with every secret replaced."""
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text


def redacted(response: Response, secrets: Iterable[str]) -> Response:
    """`response` with every secret in its headers and body replaced."""
    secrets = tuple(secrets)
    body = response.body
    for secret in secrets:
        body = body.replace(secret.encode(), REDACTED.encode())
    headers = {name: redact(value, secrets) for name, value in response.headers.items()}
    return replace(response, headers=headers, body=body)
