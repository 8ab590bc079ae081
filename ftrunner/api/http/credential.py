"""The key of an API, in a form that never shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Self

from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers.profile import Auth

# What a header may hold (RFC 9110 §5.5) without the spaces and bytes that no key has.
_SENDABLE = re.compile(r"[\x21-\x7e]+")


class UnusableKey(FtrunnerError):
    """The key cannot be sent in a header. The message does not show it."""

    exit_code = ExitCode.INVALID

    def __init__(self) -> None:
        super().__init__(
            "the API key holds a space, a line break or a character that no HTTP header can carry",
            code="FT320",
            hint="set the variable again: often a line break or a quotation mark was copied too",
        )


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
