"""The verdict on a client: a pure function of exchanges, jobs and files."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mockserver.data.records import File, Job
from mockserver.jobs.training import TERMINAL, state_at
from mockserver.provider import Provider
from mockserver.verdict.exchange import Exchange
from mockserver.verdict.exchanges import Past
from mockserver.verdict.findings import Finding
from mockserver.verdict.requests import followed_jobs, request_findings

ROUNDING = 0.001
"""The tolerance in seconds between two computations of the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The data for a verdict."""

    exchanges: Sequence[Exchange]
    jobs: Sequence[Job]
    files: Sequence[File]
    now: float
    poll_interval: float
    """The interval in seconds at which clients are asked to poll a job."""
    past: Past = field(default_factory=Past)
    """The findings from earlier requests."""
    forgotten: int = 0
    began: float = -math.inf
    """The time of the first request; a kept database may have earlier jobs."""


def findings_on(provider: Provider) -> list[Finding]:
    """The verdict on all requests to this provider."""
    asked = provider.exchanges
    return judge(
        Evidence(
            exchanges=asked.kept,
            jobs=provider.store.jobs.every(),
            files=provider.store.files.every(),
            now=provider.clock.now(),
            poll_interval=provider.poll_interval,
            past=asked.past,
            forgotten=asked.forgotten,
            began=asked.began,
        )
    )


def judge(evidence: Evidence) -> list[Finding]:
    """All findings; the verdict is clean if none is a fault."""
    known = [*evidence.past.findings, *request_findings(evidence.exchanges, evidence.poll_interval)]
    found = dict.fromkeys(known)  # findings that involve both halves occur in both
    return [*found, *(finding for rule in RULES for finding in rule(evidence))]


def _created_twice(evidence: Evidence) -> Iterator[Finding]:
    by_inputs: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in evidence.jobs:
        by_inputs[job.owner, job.inputs].append(job)
    for jobs in by_inputs.values():
        free = [job for job in jobs if _never_trained(job, evidence.now)]
        kept = next((job for job in jobs if job not in free), jobs[0])
        for duplicate in jobs:
            if duplicate is kept:
                continue
            yield Finding(
                "created-twice",
                "note" if duplicate in free else "fault",
                f"{duplicate.id} was created for the same inputs as {kept.id}"
                + (", and cancelled before it trained" if duplicate in free else ""),
            )


def _never_trained(job: Job, now: float) -> bool:
    """Whether the job was cancelled before its first step and so cost nothing."""
    state = state_at(job, now)
    return state.status == "cancelled" and state.step == 0


def _finished_too_early(evidence: Evidence) -> Iterator[Finding]:
    names = {job.tuned_model: job for job in evidence.jobs}
    for exchange in (*evidence.past.early, *evidence.exchanges):
        job = names.get(exchange.model or "")
        if job is not None and state_at(job, exchange.at).status not in TERMINAL:
            yield Finding(
                "finished-too-early",
                "fault",
                f"{job.tuned_model} was asked while {job.id} had not ended",
                (exchange.number,),
            )


def _unused_files(evidence: Evidence) -> Iterator[Finding]:
    used = {job.training_file for job in evidence.jobs}
    used |= {job.validation_file for job in evidence.jobs if job.validation_file}
    for file in evidence.files:
        if file.purpose == "fine-tune" and file.id not in used:
            yield Finding("unused-file", "fault", f"no job used {file.id} ({file.filename})")


def _unfollowed_jobs(evidence: Evidence) -> Iterator[Finding]:
    followed = evidence.past.followed | followed_jobs(evidence.exchanges)
    for job in evidence.jobs:
        if job.id not in followed and not _ended_before(job, evidence):
            yield Finding("unfollowed-job", "fault", f"the client never saw the end of {job.id}")


def _ended_before(job: Job, evidence: Evidence) -> bool:
    """Whether the client may have seen the end in an earlier run of the server."""
    ended = state_at(job, evidence.now).finished_at
    return ended is not None and ended < evidence.began - ROUNDING


def _forgotten(evidence: Evidence) -> Iterator[Finding]:
    if evidence.forgotten:
        yield Finding(
            "incomplete-log",
            "note",
            f"the first {evidence.forgotten} requests are no longer listed; the verdict "
            "counts them all the same",
        )


RULES = (_created_twice, _finished_too_early, _unused_files, _unfollowed_jobs, _forgotten)
