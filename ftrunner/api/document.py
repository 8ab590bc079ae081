"""JSON as it comes from and goes to a provider."""

from __future__ import annotations

from typing import Any

import msgspec

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class MalformedJson(ValueError):
    """The bytes are not one JSON document."""


def decode(body: bytes) -> Any:
    """The document. Raises MalformedJson for anything else, however deep or broken."""
    try:
        return msgspec.json.decode(body.removeprefix(_BYTE_ORDER_MARK))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise MalformedJson(str(error)) from None


def encode(document: object) -> bytes:
    """The document as UTF-8 without spaces, keys in the order given."""
    return msgspec.json.encode(document)
