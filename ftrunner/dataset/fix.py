"""Repairs of data files: each is asked for by the code of what it repairs, none is a guess.

A repair makes a new line of a line, or drops it; the file that was read stays as it is.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from xxhash import xxh3_64_intdigest

from ftrunner.dataset import lines, texts
from ftrunner.dataset.check import Checker
from ftrunner.dataset.rules import RULES

# Makes a line of a line; None drops it.
Repair = Callable[[bytes], bytes | None]


def _as_utf8(row: bytes) -> bytes:
    """FT210: what is not UTF-8 is read as Windows-1252, which extends Latin-1."""
    try:
        row.decode()
    except UnicodeDecodeError:
        return row.decode("cp1252", errors="replace").encode()
    return row


def _without_blank(row: bytes) -> bytes | None:
    """FT217: blank lines are dropped."""
    return None if lines.is_blank(row) else row


def _in_texts(change: Callable[[str], str]) -> Repair:
    """A repair that changes every text of a line, and leaves lines alone that need none."""

    def repair(row: bytes) -> bytes:
        parsed = lines.parse(row)
        if parsed.value is None or parsed.faults:
            return row
        changed = _mapped(parsed.value, change)
        if changed == parsed.value:
            return row
        return json.dumps(changed, ensure_ascii=False).encode()

    return repair


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_mapped(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    return value


REPAIRS: dict[str, Repair] = {
    "FT210": _as_utf8,
    "FT217": _without_blank,
    "FT260": _in_texts(texts.without_invisible),
    "FT262": _in_texts(texts.without_secrets),
    "FT263": _in_texts(texts.without_addresses),
}


# What is wrong with the bytes or the form of a line, told without a rule.
_OF_FORM = ("FT210", "FT211", "FT212", "FT213", "FT214", "FT215", "FT216", "FT218")
_OF_SCHEMA = ("FT220", "FT221", "FT222", "FT223", "FT224", "FT225", "FT226", "FT227")
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

    `fixing` counts what was done. FT250 in `drop` leaves the first of equal lines. Raises KeyError
    for a code without a repair.
    """
    repairs = {code: REPAIRS[code] for code in repair}
    seen: set[int] | None = set() if "FT250" in drop else None
    for row in rows:
        fixing.read += 1
        kept = _repaired(row, repairs, fixing)
        if kept is None:
            continue
        code = _to_drop(kept, drop, checker, seen)
        if code is not None:
            fixing.dropped[code] += 1
            continue
        fixing.written += 1
        yield kept


def _repaired(row: bytes, repairs: dict[str, Repair], fixing: Fixing) -> bytes | None:
    current = row
    for code, repair in repairs.items():
        after = repair(current)
        if after is None:
            fixing.dropped[code] += 1
            return None
        fixing.repaired[code] += after != current
        current = after
    return current


def _to_drop(
    row: bytes, drop: Collection[str], checker: Checker, seen: set[int] | None
) -> str | None:
    """The code for which a line goes; None where it stays."""
    if seen is not None:
        digest = xxh3_64_intdigest(row)
        if digest in seen:
            return "FT250"
        seen.add(digest)
    of_lines = set(drop) - {"FT250"}
    faults, _ = checker.examine(row) if of_lines else ([], None)
    return next((fault.code for fault in faults if fault.code in of_lines), None)
