"""Prompt/completion data as chat data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import explain, line
from ftrunner.dataset.lines.faults import Fault


def as_chat(rows: Iterable[bytes], *, system: str | None = None) -> Iterator[bytes | Fault]:
    """Each prompt/completion row as a chat row, `system` first where given, or why it cannot be.

    White space that only parted prompt and completion is left out.
    """
    for number, row in enumerate(rows, start=1):
        if line.is_blank(row):
            continue
        fault = _fault(row)
        yield _converted(row, system) if fault is None else fault.at_line(number)


def _fault(row: bytes) -> Fault | None:
    parsed = line.parse(row)
    if parsed.value is None:
        return parsed.faults[0]
    return next(explain.faults(parsed.value, Format.COMPLETION), None)


def _converted(row: bytes, system: str | None) -> bytes:
    line = json.loads(row)
    messages = [{"role": "system", "content": system}] if system else []
    messages.append({"role": "user", "content": line["prompt"].strip()})
    messages.append({"role": "assistant", "content": line["completion"].strip()})
    return json.dumps({"messages": messages}, ensure_ascii=False).encode()
