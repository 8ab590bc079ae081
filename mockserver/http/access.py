"""API keys and the objects that each may access."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.types import Scope

from mockserver.http.errors import WireError

EVERYONE = "everyone"
OWNER = "mockserver.owner"
"""The key in a scope for the owner of the request."""

_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization "
    "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field "
    "(with blank username) if you're accessing the API from your browser and are prompted for "
    "a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)


def authenticate(scope: Scope, *, isolate: bool) -> None:
    """Store the request's owner in the scope; a 401 without a key."""
    key = key_of(scope)
    if not key:
        raise WireError(401, _NO_KEY)
    scope[OWNER] = owner_with(key, isolate=isolate)


def owner_with(key: bytes, *, isolate: bool) -> str:
    """The owner of the objects that this key may access."""
    return hashlib.sha256(key).hexdigest()[:16] if isolate else EVERYONE


def owner_of(request: Request) -> str:
    owner: str = request.scope[OWNER]
    return owner


def key_of(scope: Scope) -> bytes:
    """The bearer key of a request, empty without one."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, key = value.partition(b" ")
            return key.strip() if kind.lower() == b"bearer" else b""
    return b""


def redacted(key: bytes) -> str:
    """A redacted key: the first and last characters of a long one."""
    text = key.decode("utf-8", "replace")
    return f"{text[:3]}***{text[-4:]}" if len(text) > 16 else "***"
