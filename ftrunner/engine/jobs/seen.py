"""What runs on this machine saw of a job, read from their logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from typing import Any

import msgspec

from ftrunner.engine.run_log import EVENTS
from ftrunner.events import Event, JobStatusChanged, MetricsReported, StillWaiting
from ftrunner.fsio import open_regular

Seen = tuple[float, Event]
_SHOWN: dict[str, type[Event]] = {
    kind.kind: kind for kind in (JobStatusChanged, MetricsReported, StillWaiting)
}
_MOST_RUNS = 20
_MOST_BYTES = 5_000_000  # from the end of a log


def recent_events(runs: Path, job_id: str) -> list[Seen]:
    """What the newest run that followed the job saw of it, each with its time; none if no run did.

    `runs` is the folder with a folder for each run.
    """
    logs = [path for path in runs.glob(f"*/{EVENTS}") if path.is_file()]
    for log in sorted(logs, key=_changed_at, reverse=True)[:_MOST_RUNS]:
        with suppress(OSError):
            lines = list(_lines(log))
            if any(line.get("job_id") == job_id for line in lines):
                return [seen for line in lines if (seen := _seen(line))]
    return []


def _changed_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _lines(log: Path) -> Iterator[dict[str, Any]]:
    """The objects at the end of a log; a line that was cut short is left out."""
    with BufferedReader(open_regular(log)) as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _MOST_BYTES))
        for line in file:
            with suppress(msgspec.DecodeError, UnicodeDecodeError):
                document = msgspec.json.decode(line)
                if isinstance(document, dict):
                    yield document


def _seen(line: dict[str, Any]) -> Seen | None:
    kind, at = _SHOWN.get(str(line.get("event"))), line.get("at")
    if kind is None or not isinstance(at, int | float):
        return None
    with suppress(msgspec.ValidationError):
        return float(at), msgspec.convert(line, kind)
    return None
