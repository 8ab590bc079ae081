"""Repairs of data files: each is asked for by the code of what it repairs, none is a guess.

A repair makes a new line of a line, or drops it; the file that was read stays as it is.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from operator import getitem

from xxhash import xxh3_64_intdigest

from ftrunner.dataset.check import Checker
from ftrunner.dataset.lines import line, texts
from ftrunner.dataset.lines.conversation import Path
from ftrunner.dataset.lines.rules import RULES

# Makes a line of a line, which the checker can read; None drops it.
Repair = Callable[[bytes, Checker], bytes | None]

# How bytes that are not UTF-8 are decoded, each to one character.
_OTHER_BYTES = re.compile("[\udc80-\udcff]+")


def _as_utf8(row: bytes, _: Checker) -> bytes:
    """FT210: bytes that are not UTF-8 are read as Windows-1252, which extends Latin-1.

    A line with a byte that means nothing there stays as it is.
    """
    text = row.decode(errors="surrogateescape")
    try:
        return _OTHER_BYTES.sub(_from_windows, text).encode()
    except UnicodeDecodeError:
        return row


def _from_windows(match: re.Match[str]) -> str:
    return match.group().encode(errors="surrogateescape").decode("cp1252")


def _without_blank(row: bytes, _: Checker) -> bytes | None:
    """FT217: blank lines are dropped."""
    return None if line.is_blank(row) else row


def _in_texts(change: Callable[[str], str]) -> Repair:
    """A repair of the texts in which its rule looks for faults, and of nothing else.

    Lines that need none, or have faults of form, stay as they are.
    """

    def repair(row: bytes, checker: Checker) -> bytes:
        faults, example = checker.read(row)
        if example is None or faults:
            return row
        changed = {path: change(text) for path, text in example.texts if change(text) != text}
        return _with_texts(row, changed) if changed else row

    return repair


def _with_texts(row: bytes, changed: Mapping[Path, str]) -> bytes:
    """The line with these texts at their paths."""
    line = json.loads(row)
    for path, text in changed.items():
        owner = reduce(getitem, path[:-1], line)
        owner[path[-1]] = text
    return json.dumps(line, ensure_ascii=False).encode()


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
        kept = _repaired(row, repairs, checker, fixing)
        if kept is None:
            continue
        code = _to_drop(kept, drop, checker, seen)
        if code is not None:
            fixing.dropped[code] += 1
            continue
        fixing.written += 1
        yield kept


def _repaired(
    row: bytes, repairs: dict[str, Repair], checker: Checker, fixing: Fixing
) -> bytes | None:
    current = row
    for code, repair in repairs.items():
        after = repair(current, checker)
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
