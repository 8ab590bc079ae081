"""Addresses a key may be sent to."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit


def url_fault(url: str) -> tuple[str, str] | None:
    """Why `url` is no base URL, and what to do; None where it is one."""
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https"):
        return "base_url must be an http or https address", "for example, `https://host/v1`"
    if parts.username or parts.password:
        return "base_url holds a name or a password", "keep keys in the environment"
    if parts.query or parts.fragment:
        return "base_url has a query or a fragment", "end it with the API's version: `/v1`"
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        message = "base_url is plain http to another machine: the key would travel unprotected"
        return message, "use https; plain http is for 127.0.0.1 and localhost"
    return None


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _split(url: str) -> SplitResult | None:
    """The parts of `url`; None where it has no host, a space, or a port that is none."""
    try:
        parts = urlsplit(url)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return None
    is_clean = url.isprintable() and " " not in url
    return parts if is_clean and has_port and parts.hostname else None
