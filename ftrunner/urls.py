"""Addresses a key may be sent to."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def url_fault(url: str) -> tuple[str, str] | None:
    """Why `url` is not a base URL, and what to do; None where it is one."""
    parts = split(url)
    if parts is None or parts.scheme not in ("http", "https"):
        return "base_url must be an http or https address", "for example, `https://host/v1`"
    if parts.username is not None or parts.password is not None:
        return "base_url holds a name or a password", "keep keys in the environment"
    if parts.query or parts.fragment:
        return "base_url has a query or a fragment", "end it with the API's version: `/v1`"
    return None


def leads_here(url: str) -> bool:
    """Whether the host of `url` is this machine, by name or number; nothing is looked up."""
    parts = split(url)
    return parts is not None and is_loopback(parts.hostname or "")


@lru_cache(maxsize=16)
def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def split(url: str) -> SplitResult | None:
    """The parts of `url`; None where it has no host, a space, or a port that is none."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    is_clean = url.isprintable() and " " not in url
    return parts if is_clean and has_port and parts.hostname else None
