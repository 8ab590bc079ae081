"""What a file is by its first bytes, where it is not lines of JSON at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import accumulate, islice
from typing import Any

from ftrunner.dataset.files.reader import MAX_LINE, DataFile, ReadError, read_blocks
from ftrunner.dataset.lines import line
from ftrunner.dataset.lines.faults import Fault

# The first bytes of files that people name .jsonl by mistake.
_MAGIC = (
    (b"\xff\xfe\x00\x00", "UTF-32 text"),
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"\x1f\x8b", "gzip data"),
    (b"PK\x03\x04", "a zip archive (or a spreadsheet)"),
    (b"PAR1", "a Parquet file"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\xd0\xcf\x11\xe0", "an old Office document (.xls or .doc)"),
    (b"{\\rtf", "an RTF document"),
    (b"ARROW1", "an Arrow file"),
    (b"\xff\xff\xff\xff", "an Arrow file"),
    (b"\x28\xb5\x2f\xfd", "Zstandard data"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ\0", "xz data"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x80\x04\x95", "a Python pickle"),
    (b"\x89PNG", "an image"),
    (b"\xff\xd8\xff", "an image"),
)
_UNPACK = "unpack it; a .jsonl or a .jsonl.gz is read"
_FROM_PANDAS = "write it with pandas: to_json(path, orient='records', lines=True)"
_CONVERT = "`ftrunner data convert SOURCE TARGET` writes one object a line"
_HINTS = {
    "gzip data": "rename it to .jsonl.gz, and it is read",
    "UTF-16 text": f"save it as UTF-8; {_CONVERT}",
    "UTF-32 text": f"save it as UTF-8; {_CONVERT}",
    "text whose lines end in carriage returns alone": _CONVERT,
    "a table (CSV)": _CONVERT,
    "a table of JSON in quotes (CSV)": _CONVERT,
    "a Git LFS pointer": "fetch the file itself: git lfs pull",
    "a web page or XML": "download the data itself; a page to sign in may have come in its place",
    "a list as Python prints it": "write it with json.dumps, not str()",
    "YAML": "write one JSON object a line",
    "a Parquet file": _FROM_PANDAS,
    "an Arrow file": _FROM_PANDAS,
    "a Python pickle": _FROM_PANDAS,
    "Zstandard data": _UNPACK,
    "bzip2 data": _UNPACK,
    "xz data": _UNPACK,
    "a 7-Zip archive": _UNPACK,
    "a git-annex pointer": "fetch the file itself: git annex get",
    "an RTF document": "save it as plain text, and lines of JSON in it",
    "an old Office document (.xls or .doc)": "save the sheet as CSV and convert that",
    "a zip archive (or a spreadsheet)": "unpack it, or save the sheet as CSV and convert that",
}
_LOOKED_AT = 4096
# Lines over which an object with line breaks in its strings may go.
_LINES_OF_ONE = 20
# A line that begins as an object, and one that begins as any JSON value but text does.
_OBJECT = re.compile(rb"\s*\{[\s\"}]")
_JSON = re.compile(rb"\s*[{\[]")
# The first row of a table: short words with separators between them.
_HEADER = re.compile(rb"\s*[\w \"'.-]+([,;\t][\w \"'.-]+)+\s*")
_QUOTED_JSON = re.compile(rb'\s*"\s*[\[{]\s*""')
_WRAPPED = re.compile(
    rb'\s*\{\s*"(?:data|examples|rows|items|train|training|records|dataset|samples)"\s*:\s*\[\s*\{'
)
_ANNEX = re.compile(rb"[./]*(?:\.git/)?/?annex/objects/")
_YAML = re.compile(rb"(?:---|- ?[a-z_]+:|[a-z_]+:\s*$)")
_RETURN_BETWEEN = re.compile(rb"\}\s*\r\s*\{")


def not_lines(head: bytes) -> Fault | None:
    """Why a file that begins with `head` holds no lines of JSON; None when it may."""
    if not head.strip():
        return Fault("FT205", "the file is empty", hint="one example a line is wanted")
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return _binary(name)
    if b"\0" in head[:_LOOKED_AT] and not _OBJECT.match(head):
        return _binary("UTF-16 text" if _every_other_is_zero(head) else "binary data")
    if head.startswith(b"version https://git-lfs.github.com/spec/"):
        return _binary("a Git LFS pointer")
    if _ANNEX.match(head):
        return _binary("a git-annex pointer")
    return _one_document(head) or _other_text(head)


def _binary(name: str) -> Fault:
    hint = _HINTS.get(name, "one JSON object a line, as UTF-8 text, is wanted")
    return Fault("FT206", f"the file is {name}, not lines of JSON", hint=hint)


def _every_other_is_zero(head: bytes) -> bool:
    sample = head[:_LOOKED_AT]
    few, many = sorted((sample[::2].count(0), sample[1::2].count(0)))
    return many > 0.8 * len(sample) / 2 and few < 0.2 * len(sample) / 2


def _one_document(head: bytes) -> Fault | None:
    """A file whose first value goes on over lines, or holds all others."""
    start = head.lstrip()[:_LOOKED_AT]
    first = start.split(b"\n", 1)[0].strip()
    if start.startswith((b"[{'", b"[\n{'", b"[{b'")):
        return _binary("a list as Python prints it")
    if start.startswith(b"[") and not _has_arrays_as_lines(start):
        what = "one JSON array"
    elif _WRAPPED.match(start):
        what = "one JSON object around a list of examples"
    elif first == b"{":
        what = "JSON spread over lines"
    elif _is_broken_inside_a_string(start):
        what = "JSON with line breaks inside of its strings"
    else:
        return None
    return Fault("FT219", f"the file is {what}, not an object a line", line=1, hint=_CONVERT)


def _has_arrays_as_lines(start: bytes) -> bool:
    """Whether a line that begins an array ends it, too, and another one follows."""
    return re.match(rb"\[[^\n]*\]\s*\n\s*\[", start) is not None


def _is_broken_inside_a_string(start: bytes) -> bool:
    """Whether the first object is whole only with what follows its line."""
    lines = start.decode(errors="ignore").split("\n")[:_LINES_OF_ONE]
    if len(lines) < 2 or not lines[0].startswith("{") or _is_object(lines[0]):
        return False
    beginnings = accumulate(lines, lambda before, line: f"{before}\n{line}")
    return any(map(_is_object, islice(beginnings, 1, None)))


def _is_object(text: str) -> bool:
    """Whether a text is an object, control characters inside its strings or not."""
    try:
        return isinstance(json.loads(text, strict=False), dict)
    except (ValueError, RecursionError):
        return False


def _other_text(head: bytes) -> Fault | None:
    """Text of another kind: no line of what was looked at begins as JSON does."""
    if b"\n" not in head and _RETURN_BETWEEN.search(head):
        return _binary("text whose lines end in carriage returns alone")
    rows = [row for row in head.lstrip()[:_LOOKED_AT].splitlines() if row.strip()]
    if any(map(_QUOTED_JSON.match, rows[:3])):
        return _binary("a table of JSON in quotes (CSV)")
    if not rows or any(map(_JSON.match, rows)):
        return None
    if rows[0].lstrip().startswith(b"<") and not rows[0].startswith(b"<<<<"):
        return _binary("a web page or XML")
    if len(rows) > 1 and _HEADER.fullmatch(rows[0]):
        return _binary("a table (CSV)")
    if _YAML.match(rows[0]) and len(rows) > 1:
        return _binary("YAML")
    return None


def not_text(head: bytes) -> Fault | None:
    """Why no examples can be read of a file that begins with `head`, by whatever means."""
    fault = not_lines(head)
    is_readable = fault is None or fault.code == "FT219" or _CONVERT in (fault.hint or "")
    return None if is_readable else fault


def first_line(files: Iterable[DataFile]) -> Mapping[str, Any] | None:
    """The first line that is not blank of the first file that has any, where it is an object."""
    for file in files:
        with suppress(ReadError):
            row = _first_row(file)
            if row is not None:
                return line.parse(row).value
    return None


def _first_row(file: DataFile) -> bytes | None:
    """The first row that is not blank, sought as far as one line may reach."""
    seen = 0
    for block in read_blocks(file):
        for row in block.split(b"\n"):
            if not line.is_blank(row):
                return row
        seen += len(block)
        if seen > MAX_LINE:
            return None
    return None
