"""A file becomes text, or a finding that says why it does not."""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from ftrunner.findings import Finding, Location
from ftrunner.fsio import nearest_path, read_regular
from ftrunner.text import escaped

MAX_BYTES = 1_000_000
_ENDINGS = (".yaml", ".yml", ".json")

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What YAML refuses outside escapes; a NUL is what binary files are known by.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_text(path: Path, file: str) -> str | Finding:
    """The text of the spec at `path`, without a byte order mark. `file` is how it is called."""
    try:
        data = read_regular(path, most=MAX_BYTES + 1)
    except IsADirectoryError:
        return _finding(
            "FT102", file, f"{file} is a directory", "name the spec itself: a YAML file in it"
        )
    except FileNotFoundError:
        return _missing(path, file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return _finding(
            "FT101", file, f"{file} cannot be read: {reason}", "`ftrunner init` writes a new spec"
        )
    return decode(data, file)


def _missing(path: Path, file: str) -> Finding:
    message = f"there is no file '{file}'"
    if near := nearest_path(path, _ENDINGS):
        return _finding("FT101", file, f"{message}; did you mean '{escaped(str(near))}'?")
    return _finding("FT101", file, message, "`ftrunner init` writes a new spec")


def decode(data: bytes, file: str) -> str | Finding:
    """`data` as a spec's text: bounded, UTF-8, printable, not empty."""
    if len(data) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES:,} bytes"
        return _finding("FT104", file, message, "keep examples in the dataset's files")
    if data.startswith(_UTF16_MARKS):
        return _finding("FT105", file, "the file is UTF-16", "save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return _not_text(data, error, file)
    return _unprintable(text, file) or _empty(text, file) or text


def _not_text(data: bytes, error: UnicodeDecodeError, file: str) -> Finding:
    line = data.count(b"\n", 0, error.start) + 1
    message = f"the line is not UTF-8: byte 0x{data[error.start]:02X}"
    meant = data[error.start : error.start + 1].decode("cp1252", errors="ignore")
    if meant.isprintable() and meant and b"\0" not in data:
        message = f"{message}, which is '{meant}' in Windows-1252"
    return _finding("FT105", file, message, "save the file as UTF-8 text", line=line)


def _unprintable(text: str, file: str) -> Finding | None:
    match = _UNPRINTABLE.search(text)
    if match is None:
        return None
    line = text.count("\n", 0, match.start()) + 1
    message = f"the line has the control character U+{ord(match[0]):04X}"
    hint = 'a spec is text; write a control character as an escape in "double quotes"'
    return _finding("FT105", file, message, hint, line=line)


def _empty(text: str, file: str) -> Finding | None:
    if text.strip():
        return None
    return _finding("FT103", file, "the file is empty", "`ftrunner init` writes a spec to edit")


def _finding(
    code: str, file: str, message: str, hint: str | None = None, *, line: int | None = None
) -> Finding:
    return Finding(code, message, Location(file, line), hint)
