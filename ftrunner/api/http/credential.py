"""The key of an API, in a form that never shows it; where it may be sent, and in what headers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers.profile import Auth
from ftrunner.text import cleaned_line
from ftrunner.urls import leads_here, split, url_fault

# What a header may hold (RFC 9110 §5.5) without the spaces and bytes that no key has.
_SENDABLE = re.compile(r"[\x21-\x7e]+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE = re.compile(r"[\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?|")


class UnusableKey(FtrunnerError):
    """The key cannot be sent in a header. The message does not show it."""

    exit_code = ExitCode.INVALID

    def __init__(self) -> None:
        super().__init__(
            "the API key holds a space, a line break or a character that no HTTP header can carry",
            code="FT320",
            hint="set the variable again: often a line break or a quotation mark was copied too",
        )


class UnusableHeader(FtrunnerError):
    """A header of `extra_headers` cannot be sent. The message does not show its value."""

    exit_code = ExitCode.INVALID

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the header {cleaned_line(name, 80)!r} has a character that HTTP headers cannot carry",
            code="FT324",
            hint="look for line breaks and characters outside Latin-1 in `extra_headers`",
        )


class RefusedAddress(FtrunnerError):
    """No request is sent to this base URL."""

    exit_code = ExitCode.INVALID


@dataclass(frozen=True, slots=True)
class Credential:
    """A key and the header that carries it."""

    header: str
    key: str = field(repr=False)
    value: str = field(repr=False)

    @classmethod
    def of(cls, auth: Auth, key: str) -> Self:
        """The credential for `key`. Raises UnusableKey for what cannot be in a header."""
        if not _SENDABLE.fullmatch(key):
            raise UnusableKey
        return cls(header=auth.header, key=key, value=auth.format.format(key=key))


def checked_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """`headers`. Raises UnusableHeader for one that HTTP cannot carry."""
    for name, value in headers.items():
        if not (_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value)):
            raise UnusableHeader(name)
    return headers


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


def origin(url: str) -> str:
    """Scheme, host and port of `url`, for messages: no path, no user, no query."""
    parts = split(url)
    if parts is None:
        return "the address"
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
