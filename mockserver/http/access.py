"""Who is asking: API keys, and what each may see."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.types import Scope

from mockserver.http.errors import WireError

EVERYONE = "everyone"
OWNER = "mockserver.owner"
"""Where a scope says whose request it is."""

_NO_KEY = (
    "You didn't provide an API key. You need to provide your API key in an Authorization "
    "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field "
    "(with blank username) if you're accessing the API from your browser and are prompted for "
    "a username and password. You can obtain an API key from "
    "https://platform.openai.com/account/api-keys."
)


def authenticate(scope: Scope, *, isolate: bool) -> None:
    """Note in the scope whose request this is; a 401 where no key was sent."""
    key = key_of(scope)
    if not key:
        raise WireError(401, _NO_KEY)
    scope[OWNER] = owner_with(key, isolate=isolate)


def owner_with(key: bytes, *, isolate: bool) -> str:
    """Whose objects this key sees."""
    return hashlib.sha256(key).hexdigest()[:16] if isolate else EVERYONE


def owner_of(request: Request) -> str:
    owner: str = request.scope[OWNER]
    return owner


def key_of(scope: Scope) -> bytes:
    """The bearer key of a request, as sent; empty when there is none."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            kind, _, key = value.partition(b" ")
            return key.strip() if kind.lower() == b"bearer" else b""
    return b""


def redacted(key: bytes) -> str:
    """A key as it may be shown: a little of each end of a long one."""
    text = key.decode("utf-8", "replace")
    return f"{text[:3]}***{text[-4:]}" if len(text) > 16 else "***"
