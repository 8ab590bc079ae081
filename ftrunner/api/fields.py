"""Fields of a provider's JSON object, read by type: another type counts as absent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ftrunner.api.redaction import REDACTED
from ftrunner.text import cleaned, cleaned_line

Document = Mapping[str, Any]

_ID_LENGTH = 512
_DIGITS = re.compile(r"[0-9]{9,12}")  # fewer could be a date without dashes
_LARGEST = 2**63  # a number beyond this counts nothing that exists


class MissingField(ValueError):
    """The object lacks a field without which nothing can go on; the text names it."""


def identifier(raw: Document, name: str) -> str:
    """An id. Raises MissingField where it is absent, empty, or nothing that can name anything.

    One that repeats the key was hidden before, and is never asked for or recorded.
    """
    value = raw.get(name)
    if not isinstance(value, str) or not value or cleaned_line(value, _ID_LENGTH) != value:
        raise MissingField(name)
    if REDACTED in value:
        raise MissingField(f"{name} that may be recorded: it repeats the key")
    return value


def text(raw: Document, name: str) -> str | None:
    """A cleaned, bounded text, of several lines perhaps; None where it is empty."""
    value = raw.get(name)
    return cleaned(value) or None if isinstance(value, str) else None


def word(raw: Document, name: str) -> str | None:
    """A text that names something, such as a status or another object's id: always on one line."""
    value = raw.get(name)
    return cleaned_line(value) or None if isinstance(value, str) else None


def words(raw: Document, name: str) -> tuple[str, ...]:
    """The words in a list; null and other things in it are left out."""
    value = raw.get(name)
    items = value if isinstance(value, list) else []
    return tuple(filter(None, (cleaned_line(item) for item in items if isinstance(item, str))))


def number(raw: Document, name: str) -> float | None:
    """A number, never a bool."""
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if abs(value) < _LARGEST else None


def whole(raw: Document, name: str) -> int | None:
    """A whole number, also where it is written with a fraction of zero."""
    value = number(raw, name)
    return int(raw[name]) if value is not None and value.is_integer() else None


def mapping(raw: Document, name: str) -> Document:
    """An object; an empty one where it is absent."""
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def timestamp(raw: Document, name: str) -> float | None:
    """Seconds since 1970, from such a number, from its digits, which is how protobuf's JSON writes
    64 bits, or from an ISO 8601 time (UTC without a zone). None for what lies before, such as Go's
    zero time: nothing happened then.
    """
    value = raw.get(name)
    if isinstance(value, str) and _DIGITS.fullmatch(value):
        return float(value)
    moment = _from_iso(value) if isinstance(value, str) else number(raw, name)
    return moment if moment is not None and moment > 0 else None


def day(raw: Document, name: str) -> str | None:
    """A day as it is written, or of a moment in seconds since 1970 as YYYY-MM-DD (UTC)."""
    moment = number(raw, name)
    if moment is None:
        return word(raw, name)
    try:
        return datetime.fromtimestamp(moment, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return None


def _from_iso(value: str) -> float | None:
    try:
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


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
