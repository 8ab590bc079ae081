"""What a command prints: for people, or with `--json` for programs. Data on stdout."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from ftrunner.cli.error_output import print_json
from ftrunner.clock import SystemClock
from ftrunner.events import Emit
from ftrunner.render.run.jsonl import JsonLines
from ftrunner.text import escaped

DOCUMENT_VERSION = 1


def document(kind: str, fields: Mapping[str, Any]) -> None:
    """Print one JSON document with its schema version."""
    print_json({"schema": DOCUMENT_VERSION, "document": kind, **fields})


@contextmanager
def renderer(*, as_json: bool) -> Iterator[Emit]:
    """What events of a run are shown with."""
    if as_json:
        yield JsonLines(sys.stdout)
        return
    from ftrunner.render.console import terminal  # noqa: PLC0415 - rich is slow to import

    shown = terminal(sys.stdout, SystemClock())
    try:
        yield shown
    finally:
        shown.close()


@contextmanager
def lanes(specs: Sequence[Path], *, as_json: bool) -> Iterator[Callable[[Path], Emit]]:
    """What the events of several runs at once are shown with: a renderer for each spec."""
    if as_json:
        lock = Lock()
        yield lambda path: JsonLines(sys.stdout, lock=lock, about={"spec": str(path)})
        return
    from ftrunner.render.console import board  # noqa: PLC0415 - rich is slow to import

    with board(sys.stdout, [escaped(str(path)) for path in specs], SystemClock()) as shown:
        yield lambda path: shown.lane(escaped(str(path)))
