"""Repairs of data files: each is asked for by the code of what it repairs, none is a guess.

A repair makes a new line of a line, or drops it; the file that was read stays as it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import getitem
from typing import Any

from xxhash import xxh3_64_intdigest

from ftrunner.canonical import canonical_line
from ftrunner.dataset.check import Checker
from ftrunner.dataset.foreign import shapes
from ftrunner.dataset.lines import explain, faulty, line, texts
from ftrunner.dataset.lines.conversation import Path
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.forms import Form
from ftrunner.dataset.lines.rules import RULES
from ftrunner.dataset.lines.turns import null_is_no_text

# Makes lines of a line, mostly one, which the checker can read; none drops it.
Repair = Callable[[bytes, Checker], list[bytes]]

# How bytes that are not UTF-8 are decoded, each to one character.
_OTHER_BYTES = re.compile("[\udc80-\udcff]+")


def _as_utf8(row: bytes, _: Checker) -> list[bytes]:
    """FT210: bytes that are not UTF-8 are read as Windows-1252, which extends Latin-1.

    A line with a byte that means nothing there stays as it is.
    """
    text = row.decode(errors="surrogateescape")
    try:
        return [_OTHER_BYTES.sub(_from_windows, text).encode()]
    except UnicodeDecodeError:
        return [row]


def _from_windows(match: re.Match[str]) -> str:
    return match.group().encode(errors="surrogateescape").decode("cp1252")


def _without_blank(row: bytes, _: Checker) -> list[bytes]:
    """FT217: blank lines are dropped."""
    return [] if line.is_blank(row) else [row]


def _as_json(row: bytes, _: Checker) -> list[bytes]:
    """FT211: a line that is almost JSON, where it is certain what was meant."""
    faults = line.parse(row).faults
    try:
        repaired = faulty.repaired(row.decode()) if _is_found("FT211", faults) else None
    except UnicodeDecodeError:
        repaired = None
    return [row] if repaired is None else [each.encode() for each in repaired]


def _is_found(code: str, faults: Iterable[Fault]) -> bool:
    return any(fault.code == code for fault in faults)


def _without_keys(find: Callable[[Mapping[str, Any], Form], Sequence[explain.Path]]) -> Repair:
    """A repair that drops the keys which `find` finds, again as long as it finds any."""

    def repair(row: bytes, checker: Checker) -> list[bytes]:
        value = line.parse(row).value
        if value is None or not (paths := find(value, checker.form)):
            return [row]
        while paths:
            value = explain.without(value, paths)
            paths = find(value, checker.form)
        return [json.dumps(value, ensure_ascii=False).encode()]

    return repair


def _strange_keys(value: Mapping[str, Any], form: Form) -> Sequence[explain.Path]:
    """Unknown keys of a line that is of its format: those of another one are its data."""
    is_other = shapes.instead_of(form.format, value) is not None
    return [] if is_other else explain.unknown_keys(value, form)


def _once_encoded(row: bytes, checker: Checker) -> list[bytes]:
    """FT237: arguments that were written as JSON twice are written once."""

    def change(text: str) -> str:
        inner = _loaded(text)
        return inner if isinstance(inner, str) and isinstance(_loaded(inner), dict) else text

    example = checker.read(row)[1]
    paths = {(*call.path, "arguments") for call in example.calls} if example else set()
    return _changed(row, checker, change, lambda path: path in paths)


def _loaded(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _with_null(row: bytes, checker: Checker) -> list[bytes]:
    """FT266: content that says null in words becomes null."""
    example = checker.read(row)[1]
    found = [problem[0] for problem in null_is_no_text(example)] if example else []
    return [_with_values(row, dict.fromkeys(found))] if found else [row]


def _as_written(text: str) -> str:
    """A text with its encoding put right, where it was read as another one. Raises ImportError."""
    if not texts.has_mojibake(text):
        return text
    import ftfy  # noqa: PLC0415 - an extra

    fixed: str = ftfy.fix_encoding(text)
    return fixed


def _in_texts(change: Callable[[str], str]) -> Repair:
    """A repair of the texts in which its rule looks for faults, and of nothing else."""
    return lambda row, checker: _changed(row, checker, change, lambda _: True)


def _changed(
    row: bytes, checker: Checker, change: Callable[[str], str], is_meant: Callable[[Path], bool]
) -> list[bytes]:
    """The line with the texts changed that are meant.

    Lines that need no change, or have faults of form, stay as they are.
    """
    faults, example = checker.read(row)
    if example is None or faults:
        return [row]
    changed = {
        path: change(text)
        for path, text in example.texts
        if is_meant(path) and change(text) != text
    }
    return [_with_values(row, changed)] if changed else [row]


def _with_values(row: bytes, changed: Mapping[Path, str | None]) -> bytes:
    """The line with these values at their paths."""
    value = json.loads(row)
    for path, text in changed.items():
        owner = reduce(getitem, path[:-1], value)
        owner[path[-1]] = text
    return json.dumps(value, ensure_ascii=False).encode()


# In the order in which they are done: bytes, then what JSON, keys and texts are.
REPAIRS: dict[str, Repair] = {
    "FT210": _as_utf8,
    "FT211": _as_json,
    "FT217": _without_blank,
    "FT264": _without_keys(explain.null_keys),
    "FT222": _without_keys(_strange_keys),
    "FT237": _once_encoded,
    "FT260": _in_texts(texts.without_invisible),
    "FT262": _in_texts(texts.without_secrets),
    "FT263": _in_texts(texts.without_addresses),
    "FT265": _in_texts(_as_written),
    "FT266": _with_null,
}


# What is wrong with the bytes or the form of a line; found without a rule.
_OF_FORM = ("FT210", "FT211", "FT212", "FT213", "FT214", "FT215", "FT216", "FT218")
_OF_SCHEMA = ("FT220", "FT221", "FT222", "FT223", "FT224", "FT225", "FT226", "FT227", "FT264")
# Codes whose lines can be dropped: they are about one line by itself, or repeat one.
DROPPABLE = frozenset({*_OF_FORM, *_OF_SCHEMA, *(rule.code for rule in RULES), "FT250"})


@dataclass(slots=True)
class Fixing:
    """What was done to a file: lines read and written, and by code how many changed or went."""

    read: int = 0
    written: int = 0
    repaired: Counter[str] = field(default_factory=Counter)
    dropped: Counter[str] = field(default_factory=Counter)


def fixed(
    rows: Iterable[bytes],
    fixing: Fixing,
    *,
    repair: Collection[str],
    drop: Collection[str],
    checker: Checker,
) -> Iterator[bytes]:
    """The rows, repaired for the codes in `repair`, without those that have a finding in `drop`.

    `fixing` counts what was done. FT250 in `drop` leaves the first of equal rows. Raises KeyError
    for a code without a repair.
    """
    repairs = {code: REPAIRS[code] for code in sorted(repair, key=list(REPAIRS).index)}
    seen: set[int] | None = set() if "FT250" in drop else None
    for row in rows:
        fixing.read += 1
        for kept in _repaired(row, repairs, checker, fixing):
            code = _to_drop(kept, drop, checker, seen)
            if code is not None:
                fixing.dropped[code] += 1
                continue
            fixing.written += 1
            yield kept


def _repaired(
    row: bytes, repairs: dict[str, Repair], checker: Checker, fixing: Fixing
) -> list[bytes]:
    current = [row]
    for code, repair in repairs.items():
        after = [made for each in current for made in repair(each, checker)]
        if not after:
            fixing.dropped[code] += 1
            return []
        fixing.repaired[code] += after != current
        current = after
    return current


def _to_drop(
    row: bytes, drop: Collection[str], checker: Checker, seen: set[int] | None
) -> str | None:
    """The code for which a line goes; None where it stays."""
    if seen is not None:
        digest = xxh3_64_intdigest(canonical_line(row))
        if digest in seen:
            return "FT250"
        seen.add(digest)
    of_lines = set(drop) - {"FT250"}
    faults, _ = checker.examine(row) if of_lines else ([], None)
    return next((fault.code for fault in faults if fault.code in of_lines), None)
