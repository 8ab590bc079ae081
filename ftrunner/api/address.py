"""Addresses: which is this machine's own, and to which a key may be sent."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from ftrunner.errors import ExitCode, FtrunnerError


class RefusedAddress(FtrunnerError):
    """No request is sent to this base URL."""

    exit_code = ExitCode.INVALID


def is_loopback(url: str) -> bool:
    """Whether the host of `url` is this machine by its name or number; nothing is looked up."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Scheme, host and port of `url`, for messages: no path, no user, no query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def checked_base_url(base_url: str, *, allow_insecure: bool = False) -> str:
    """`base_url` without the slash at its end.

    Raises RefusedAddress where it is no http(s) address, holds a user or a query, or is plain http
    to another machine, unless `allow_insecure`.
    """
    try:
        parts = urlsplit(base_url)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_address = is_address and (parts.port is None or parts.port > 0)
    except ValueError:
        is_address = False
    if not is_address:
        raise RefusedAddress(
            f"base_url {base_url!r} is no address.",
            code="FT321",
            hint="It looks like https://api.openai.com/v1.",
        )
    if parts.username is not None or parts.query or parts.fragment:
        raise RefusedAddress(
            f"base_url {origin(base_url)} has a user, a query or a fragment.",
            code="FT321",
            hint="Put keys into the variable that `api_key_env` names, and nowhere else.",
        )
    if parts.scheme == "http" and not allow_insecure and not is_loopback(base_url):
        raise RefusedAddress(
            f"The key would travel unencrypted to {origin(base_url)}.",
            code="FT323",
            hint="Use https; `--insecure-http` overrides this in a network that you trust.",
        )
    return base_url.rstrip("/")
