"""What runs kept of themselves, read from their folders: the newest first, and never changed.

Lines of an older version, and a line that was cut short, are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from io import BufferedReader
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from ftrunner.engine.run_log import EVENTS
from ftrunner.fsio import open_regular, read_regular
from ftrunner.state import results
from ftrunner.state.lock import JobRecord
from ftrunner.state.results import KeptRow, RunResults

MOST_RUNS = 200
_MOST_BYTES = 200_000_000


class _Line(msgspec.Struct, frozen=True):
    """What every line has; `at` is missing in lines of an older version."""

    event: str
    at: float | None = None


class _Check(msgspec.Struct, frozen=True):
    expected: str
    passed: bool
    why: str | None = None


class Answered(msgspec.Struct, frozen=True):
    """A prompt was answered."""

    prompt: str
    question: str
    answer: str
    passed: bool
    checks: tuple[_Check, ...] = ()


class Tested(msgspec.Struct, frozen=True):
    """All prompts were."""

    model: str


class Measured(msgspec.Struct, frozen=True):
    """The losses after a step."""

    step: int | None = None
    train_loss: float | None = None
    valid_loss: float | None = None


class _Message(msgspec.Struct, frozen=True):
    message: str


class _Job(msgspec.Struct, frozen=True):
    job_id: str


class SplitRead(msgspec.Struct, frozen=True):
    """A split was read."""

    split: str
    examples: int
    size: int
    sha256: str
    tokens: int | None = None


class Compared(msgspec.Struct, frozen=True):
    """A split was compared with that of another job."""

    split: str
    against: str
    added: int
    removed: int
    changed: int


class _Began(msgspec.Struct, frozen=True):
    endpoint: str


class _Step(msgspec.Struct, frozen=True):
    step: str


class _Finished(msgspec.Struct, frozen=True):
    outcome: str


_TYPES: dict[str, type[msgspec.Struct]] = {
    "answer": Answered,
    "dataset_compared": Compared,
    "dataset_prepared": SplitRead,
    "error": _Message,
    "job_adopted": _Job,
    "job_created": _Job,
    "job_message": _Message,
    "job_status": _Job,
    "metrics": Measured,
    "run_finished": _Finished,
    "run_started": _Began,
    "step_started": _Step,
    "tests_finished": Tested,
}
_OF_JOB = frozenset({"job_status", "metrics", "job_message"})
_ROW = msgspec.json.Decoder(KeptRow)
_LINE = msgspec.json.Decoder(_Line)
_DECODERS = {kind: msgspec.json.Decoder(type_) for kind, type_ in _TYPES.items()}


@dataclass(slots=True)
class KeptRun:
    """One run's events by their kind, in their order.

    `first` and `last` are when they came, `trained_until` when the job last said something.
    """

    folder: Path
    events: dict[str, list[Any]] = field(default_factory=dict)
    first: float | None = None
    last: float | None = None
    trained_until: float | None = None

    def __getitem__(self, kind: str) -> list[Any]:
        return self.events.get(kind, [])

    def followed(self, job: JobRecord) -> bool:
        """Whether it created, adopted or followed `job`."""
        seen = (*self["job_created"], *self["job_adopted"], *self["job_status"])
        return any(event.job_id == job.id for event in seen)

    def was_at(self, endpoint: str) -> bool:
        """Whether it may have been at the endpoint; not every run says where it is."""
        return all(event.endpoint == endpoint for event in self["run_started"])

    @property
    def error(self) -> str | None:
        """What ended it early."""
        return self["error"][-1].message if self["error"] else None

    @property
    def was_applying(self) -> bool:
        """Whether it took steps, as `apply` and `test` do."""
        return bool(self["step_started"])

    @property
    def has_ended(self) -> bool:
        """Whether it came to an end, well or not; a run that was killed did not."""
        ends = ("run_finished",) if self["run_started"] else ("tests_finished",)
        return any(self[kind] for kind in (*ends, "error"))

    def has_tested(self, model: str | None) -> bool:
        """Whether it has the verdict on all prompts of `model`."""
        return any(event.model == model for event in self["tests_finished"])

    def results(self) -> RunResults | None:
        """Its results, if it kept some. Raises ValueError for those of another version."""
        try:
            data = read_regular(self.folder / results.FILE, most=_MOST_BYTES)
        except OSError:
            return None
        return results.decode(data)


def kept_runs(runs: Path) -> Iterator[KeptRun]:
    """The runs below the folder `runs`, newest first; at most the newest 200.

    Runs that cannot be read are left out.
    """
    for path in islice(newest_first(runs, EVENTS), MOST_RUNS):
        with suppress(OSError):
            yield read_run(path.parent)


def newest_first(runs: Path, name: str) -> list[Path]:
    """The files of that name in the folders below `runs`, newest first."""
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        for path in [folder / name for folder in runs.iterdir()]:
            with suppress(OSError):
                found.append((path.stat().st_mtime, path))
    return [path for _, path in sorted(found, reverse=True)]


def read_run(folder: Path) -> KeptRun:
    """The run that wrote `folder`. Raises OSError."""
    run = KeptRun(folder)
    with BufferedReader(open_regular(folder / EVENTS)) as file:
        for text in file:
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                line = _LINE.decode(text)
                if line.at is not None:
                    run.first, run.last = run.first or line.at, line.at
                    run.trained_until = line.at if line.event in _OF_JOB else run.trained_until
                if line.event in _DECODERS:
                    event = _DECODERS[line.event].decode(text)
                    run.events.setdefault(line.event, []).append(event)
    return run


def kept_rows(folder: Path) -> Iterator[KeptRow]:
    """The rows of the test sets that the run in `folder` asked, as far as they can be read."""
    with suppress(OSError), BufferedReader(open_regular(folder / results.ROWS_FILE)) as file:
        for line in file:
            with suppress(msgspec.DecodeError, RecursionError, UnicodeDecodeError):
                yield _ROW.decode(line)
