"""The run itself: its steps, findings and data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import msgspec

from ftrunner.events.base import Event, Name
from ftrunner.findings import Finding


class RunStarted(Event, frozen=True):
    """A spec is about to be applied at an endpoint, or its model to be tested there."""

    kind: ClassVar[str] = "run_started"
    spec: Name
    name: Name
    endpoint: Name
    provider: Name
    rehearsal: bool


class StepStarted(Event, frozen=True):
    """One of the four steps begins, is resumed or is skipped, and why."""

    kind: ClassVar[str] = "step_started"
    step: Name
    action: Name
    reason: str


class FindingsReported(Event, frozen=True):
    """What the checks found; only warnings and notes if the run goes on.

    `counts` has how many findings a code has, if not all were kept.
    """

    kind: ClassVar[str] = "findings"
    findings: tuple[Finding, ...]
    counts: Mapping[Name, int] = msgspec.field(default_factory=dict)


class DatasetPrepared(Event, frozen=True):
    """One split is ready to be sent. `size` in bytes; `tokens` if they were counted."""

    kind: ClassVar[str] = "dataset_prepared"
    split: Name
    filename: Name
    examples: int
    size: int
    sha256: Name
    tokens: int | None = None


class DatasetCompared(Event, frozen=True):
    """How many rows of a split are new, gone, or answered otherwise since the job `against`.

    `split` is "train and validation" where the two were cut from the same files.
    """

    kind: ClassVar[str] = "dataset_compared"
    split: Name
    against: Name
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
    what: Name
    error: str


class Recovering(Event, frozen=True):
    """An earlier run ended before it knew whether its request created a `what`; ftrunner looks for
    it at the provider, for up to `seconds` if it does not appear.
    """

    kind: ClassVar[str] = "recovering"
    what: Name
    seconds: float


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
    level: Name = "note"


class RunFinished(Event, frozen=True):
    """The run is over. `outcome` is done, nothing_to_do, tests_failed or not_enough_evidence."""

    kind: ClassVar[str] = "run_finished"
    outcome: Name
    model: Name | None
    evidence: Name | None = None
