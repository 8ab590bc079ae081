"""Addresses: which is this machine's own, and to which a key may be sent."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.spec.urls import is_loopback


class RefusedAddress(FtrunnerError):
    """No request is sent to this base URL."""

    exit_code = ExitCode.INVALID


def leads_here(url: str) -> bool:
    """Whether the host of `url` is this machine, by name or number; nothing is looked up."""
    parts = _split(url)
    return parts is not None and is_loopback(parts.hostname or "")


def origin(url: str) -> str:
    """Scheme, host and port of `url`, for messages: no path, no user, no query."""
    parts = _split(url)
    if parts is None:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def checked_base_url(base_url: str, *, allow_insecure: bool = False) -> str:
    """`base_url` without the slash at its end.

    Raises RefusedAddress where it is no http(s) address, holds a user or a query, or is plain http
    to another machine, unless `allow_insecure`.
    """
    parts = _split(base_url)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise RefusedAddress(
            "base_url is no http or https address",
            code="FT321",
            hint="it looks like https://api.openai.com/v1",
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise RefusedAddress(
            f"base_url {origin(base_url)} has a user, a query or a fragment",
            code="FT321",
            hint="put keys into the variable that `api_key_env` names, and nowhere else",
        )
    if parts.scheme == "http" and not allow_insecure and not leads_here(base_url):
        raise RefusedAddress(
            f"the key would travel unencrypted to {origin(base_url)}",
            code="FT323",
            hint="use https; `--insecure-http` overrides this in a network that you trust",
        )
    return base_url.rstrip("/")


def _split(url: str) -> SplitResult | None:
    """The parts of `url`; None where its port or its brackets make it none."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    return parts if has_port else None
