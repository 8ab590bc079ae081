"""The run itself: its steps, findings and data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ftrunner.events.base import Event
from ftrunner.findings import Finding


class RunStarted(Event, frozen=True):
    """A spec is about to be applied at an endpoint, or its model to be tested there."""

    kind: ClassVar[str] = "run_started"
    spec: str
    name: str
    endpoint: str
    provider: str
    rehearsal: bool


class StepStarted(Event, frozen=True):
    """One of the four steps begins, is resumed or is skipped, and why."""

    kind: ClassVar[str] = "step_started"
    step: str
    action: str
    reason: str


class FindingsReported(Event, frozen=True):
    """What the checks found; only warnings and notes if the run goes on.

    `counts` has how many findings a code has, if not all were kept.
    """

    kind: ClassVar[str] = "findings"
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = msgspec.field(default_factory=dict)


class DatasetPrepared(Event, frozen=True):
    """One split is ready to be sent. `size` in bytes; `tokens` if they were counted."""

    kind: ClassVar[str] = "dataset_prepared"
    split: str
    filename: str
    examples: int
    size: int
    sha256: str
    tokens: int | None = None


class DatasetCompared(Event, frozen=True):
    """How many rows of a split are new, gone, or answered otherwise since the job `against`.

    `split` is "train and validation" where the two were cut from the same files.
    """

    kind: ClassVar[str] = "dataset_compared"
    split: str
    against: str
    added: int
    removed: int
    changed: int
    unchanged: int


class Retrying(Event, frozen=True):
    """A request will be sent again after `delay` seconds; `attempt` counts from 1."""

    kind: ClassVar[str] = "retrying"
    attempt: int
    delay: float
    reason: str


class RequestUnconfirmed(Event, frozen=True):
    """The request that creates a `what` got no usable answer; ftrunner checks whether it exists."""

    kind: ClassVar[str] = "request_unconfirmed"
    what: str
    error: str


class WaitingForProcess(Event, frozen=True):
    """Another process works on this spec. `holder` describes it, if it left its name."""

    kind: ClassVar[str] = "waiting_for_process"
    holder: str | None


class Noted(Event, frozen=True):
    """Something the user should know and that has no event type yet.

    Level "debug" is for programs and for the run log; people do not see it.
    """

    kind: ClassVar[str] = "note"
    message: str
    level: str = "note"


class RunFinished(Event, frozen=True):
    """The run is over. `outcome` is done, nothing_to_do, tests_failed or not_enough_evidence."""

    kind: ClassVar[str] = "run_finished"
    outcome: str
    model: str | None
    evidence: str | None = None
