"""Addresses a key may be sent to, and how messages name them."""

from __future__ import annotations

from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.urls import leads_here, split, url_fault


class RefusedAddress(FtrunnerError):
    """No request is sent to this base URL."""

    exit_code = ExitCode.INVALID


def origin(url: str) -> str:
    """Scheme, host and port of `url`, for messages: no path, no user, no query."""
    parts = split(url)
    if parts is None:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def checked_base_url(base_url: str, *, allow_insecure: bool = False) -> str:
    """`base_url` without the slash at its end.

    Raises RefusedAddress where it is not http(s), holds a user or a query, or is plain http
    to another machine, unless `allow_insecure`.
    """
    if fault := url_fault(base_url):
        message, hint = fault
        raise RefusedAddress(message, code="FT321", hint=hint)
    if base_url.lower().startswith("http:") and not (allow_insecure or leads_here(base_url)):
        raise RefusedAddress(
            "the key would travel unencrypted to another machine",
            code="FT323",
            hint="use https; `--insecure-http` overrides this in a network that you trust",
        )
    return base_url.rstrip("/")
