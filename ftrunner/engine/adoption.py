"""Which job at the provider is ours: the rules that keep anyone from paying twice.

A job is the same job when its metadata echoes the fingerprint. Where a server keeps no metadata,
only a job that a recorded intent can have created counts: same training file id, model,
hyperparameters and seed, created after the intent. A suffix never decides, and failed or
cancelled jobs are never adopted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ftrunner.api.wire import Job
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import Intent

RUN_KEY = "ftrunner_run"
FINGERPRINT_KEY = "ftrunner_fingerprint"
FRESH_PREFIX = (
    "fresh-"  # of a run id: made by `--fresh`, on purpose beside a job of the same inputs
)
CLOCK_SLACK = 300.0  # seconds the provider's clock may be behind this machine's


@dataclass(frozen=True, slots=True)
class Candidate:
    """A job that may be ours; `echoed` when its metadata says so."""

    job: Job
    echoed: bool


@dataclass(frozen=True, slots=True)
class Observed:
    """What was read from the provider. `listed` is false where it has no job listing."""

    candidates: tuple[Candidate, ...] = ()
    listed: bool = True
    missing_files: frozenset[str] = field(default_factory=frozenset)


def candidates(
    jobs: Iterable[Job], *, fingerprint: str, inputs: Mapping[str, Any], intent: Intent | None
) -> tuple[Candidate, ...]:
    """The jobs among `jobs` that are ours and usable, best first."""
    found = [
        Candidate(job, echoed)
        for job in jobs
        if job.state not in (JobState.FAILED, JobState.CANCELLED)
        and ((echoed := _echoes(job, fingerprint)) or _fits(job, inputs, intent))
    ]
    return tuple(sorted(found, key=_order))


def winner(observed: Observed | None) -> Candidate | None:
    """The one job to go on with, or None."""
    if observed is None or not observed.candidates:
        return None
    return observed.candidates[0]


def ambiguous(found: tuple[Candidate, ...]) -> bool:
    """Whether only a person can tell which of several jobs is ours."""
    return len(found) > 1 and not found[0].echoed


def losers(found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
    """The still active duplicates of the winner, to be cancelled."""
    return tuple(c for c in found[1:] if c.echoed and not c.job.state.is_final)


def _order(candidate: Candidate) -> tuple[bool, bool, float, str]:
    job = candidate.job
    return (
        not candidate.echoed,
        job.state is not JobState.SUCCEEDED,
        job.created_at or 0.0,
        job.id,
    )


def _echoes(job: Job, fingerprint: str) -> bool:
    return job.metadata.get(FINGERPRINT_KEY) == fingerprint


def _fits(job: Job, inputs: Mapping[str, Any], intent: Intent | None) -> bool:
    if intent is None or intent.training_file is None or job.metadata.get(FINGERPRINT_KEY):
        return False
    return (
        job.training_file == intent.training_file
        and job.model == inputs["model"]
        and _agrees(job.hyperparameters, inputs["hyperparameters"])
        and job.seed in (None, inputs["seed"])
        and (job.created_at or 0.0) >= intent.at - CLOCK_SLACK
    )


def _agrees(echoed: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Servers fill in what was not asked for, and resolve `auto`; neither is a difference."""
    return all(
        value == "auto" or key not in echoed or echoed[key] in (value, "auto")
        for key, value in asked.items()
    )
