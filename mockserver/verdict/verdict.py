"""Judging a client by what it asked: a pure function of exchanges, jobs and files."""

from __future__ import annotations

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mockserver.data.records import File, Job
from mockserver.jobs.training import TERMINAL, state_at
from mockserver.verdict.exchanges import Exchange

SLACK = 0.9
"""A client whose wait is this share of what it was told has waited."""
FAST_POLLS = 3
"""So many polls that come too soon are a habit, not a coincidence."""
STORM = 5
"""So many failures of one request in a row, with hardly a pause, are a storm."""
STORM_PAUSE = 0.1
ROUNDING = 0.001
"""Seconds that may lie between two ways to compute one moment."""

_JOB = re.compile(r"^/fine_tuning/jobs/([^/]+)$")
_JOB_CHANGE = re.compile(r"^/fine_tuning/jobs/([^/]+)/(?:cancel|pause|resume)$")

Severity = Literal["fault", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a client did, and the requests that show it."""

    rule: str
    severity: Severity
    message: str
    requests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunLog:
    """What a verdict is made from."""

    exchanges: Sequence[Exchange]
    jobs: Sequence[Job]
    files: Sequence[File]
    now: float
    poll_interval: float
    """How many seconds the provider asks clients to leave between two looks at a job."""
    forgotten: int = 0
    began: float = -math.inf
    """When the exchanges begin; a kept database holds jobs of before."""


def judge(evidence: RunLog) -> list[Finding]:
    """All findings, in the order of the rules; no fault among them is a clean verdict."""
    return [finding for rule in RULES for finding in rule(evidence)]


def is_clean(findings: Iterable[Finding]) -> bool:
    return all(finding.severity == "note" for finding in findings)


def _created_twice(evidence: RunLog) -> Iterator[Finding]:
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
    """Whether the job was cancelled before its first step: nobody pays for it."""
    state = state_at(job, now)
    return state.status == "cancelled" and state.step == 0


def _polled_too_fast(evidence: RunLog) -> Iterator[Finding]:
    polls: dict[str, list[Exchange]] = defaultdict(list)
    for exchange in evidence.exchanges:
        job = _JOB.match(exchange.path)
        if job and exchange.method == "GET":
            polls[job[1]].append(exchange)
    for job_id, looks in polls.items():
        hasty = [
            later
            for earlier, later in itertools.pairwise(looks)
            if earlier.job_status not in TERMINAL
            and earlier.status == 200
            and _pause(earlier, later) < evidence.poll_interval * SLACK
        ]
        if len(hasty) >= FAST_POLLS:
            yield Finding(
                "polled-too-fast",
                "fault",
                f"{job_id} was looked at {len(hasty)} times sooner than "
                f"{evidence.poll_interval:g} s after the look before",
                tuple(look.number for look in hasty),
            )


def _ignored_retry_after(evidence: RunLog) -> Iterator[Finding]:
    for earlier, later in _repeats(evidence.exchanges):
        told = earlier.retry_after
        if told is not None and _pause(earlier, later) < told * SLACK:
            yield Finding(
                "retry-after-ignored",
                "fault",
                f"{later.method} {later.path} came again after {_pause(earlier, later):.2f} s, "
                f"though {told:g} s had been asked for",
                (earlier.number, later.number),
            )


def _retry_storm(evidence: RunLog) -> Iterator[Finding]:
    runs: dict[int, tuple[Exchange, ...]] = {}
    for earlier, later in _repeats(evidence.exchanges):
        if not _failed(earlier) or _pause(earlier, later) >= STORM_PAUSE:
            continue
        run = (*runs.get(earlier.number, ())[-STORM:], later)
        runs[later.number] = run
        if len(run) == STORM:
            yield Finding(
                "retry-storm",
                "fault",
                f"{later.method} {later.path} was sent again {STORM} times in a row with "
                f"less than {STORM_PAUSE:g} s after each failure",
                tuple(exchange.number for exchange in run),
            )


def _finished_too_early(evidence: RunLog) -> Iterator[Finding]:
    names = {job.tuned_model: job for job in evidence.jobs}
    for exchange in evidence.exchanges:
        asked = exchange.model
        if asked is None:
            continue
        if asked in ("", "None", "null"):
            yield Finding(
                "finished-too-early",
                "fault",
                "a chat request named no model: a job's fine_tuned_model is null until the job "
                "has succeeded",
                (exchange.number,),
            )
        job = names.get(asked)
        if job is not None and state_at(job, exchange.at).status not in TERMINAL:
            yield Finding(
                "finished-too-early",
                "fault",
                f"{asked} was asked while {job.id} had not ended",
                (exchange.number,),
            )


def _unused_files(evidence: RunLog) -> Iterator[Finding]:
    used = {job.training_file for job in evidence.jobs}
    used |= {job.validation_file for job in evidence.jobs if job.validation_file}
    for file in evidence.files:
        if file.purpose == "fine-tune" and file.id not in used:
            yield Finding("unused-file", "fault", f"no job used {file.id} ({file.filename})")


def _unfollowed_jobs(evidence: RunLog) -> Iterator[Finding]:
    followed = set()
    for exchange in evidence.exchanges:
        job = _JOB.match(exchange.path) or _JOB_CHANGE.match(exchange.path)
        if job and exchange.job_status in TERMINAL:
            followed.add(job[1])
    for job_record in evidence.jobs:
        if job_record.id not in followed and not _ended_before(job_record, evidence):
            yield Finding("unfollowed-job", "fault", f"nobody saw the end of {job_record.id}")


def _ended_before(job: Job, evidence: RunLog) -> bool:
    """Whether the end may have been seen by an exchange that no log holds any more."""
    ended = state_at(job, evidence.now).finished_at
    return ended is not None and ended < evidence.began - ROUNDING


def _keys_in_urls(evidence: RunLog) -> Iterator[Finding]:
    for exchange in evidence.exchanges:
        if exchange.key_in_url:
            yield Finding(
                "key-in-url",
                "fault",
                f"{exchange.method} {exchange.path} carried a key in its URL",
                (exchange.number,),
            )


def _forgotten(evidence: RunLog) -> Iterator[Finding]:
    if evidence.forgotten:
        yield Finding(
            "incomplete-log",
            "note",
            f"the first {evidence.forgotten} requests are no longer remembered",
        )


RULES = (
    _created_twice,
    _polled_too_fast,
    _ignored_retry_after,
    _retry_storm,
    _finished_too_early,
    _unused_files,
    _unfollowed_jobs,
    _keys_in_urls,
    _forgotten,
)


def _repeats(exchanges: Sequence[Exchange]) -> Iterator[tuple[Exchange, Exchange]]:
    """Each exchange with the one of the same client, method and path that was answered last
    before it began: what is sent at the same time repeats nothing.
    """
    open_: dict[tuple[str, str, str], list[Exchange]] = defaultdict(list)
    answered: dict[tuple[str, str, str], Exchange] = {}
    for exchange in exchanges:
        key = (exchange.method, exchange.path, exchange.key)
        over = [each for each in open_[key] if _end(each) <= exchange.real]
        if over:
            answered[key] = max(over, key=_end)
            open_[key] = [each for each in open_[key] if _end(each) > exchange.real]
        if key in answered:
            yield answered[key], exchange
        if exchange.answered is not None:
            open_[key].append(exchange)


def _end(exchange: Exchange) -> float:
    return math.inf if exchange.answered is None else exchange.answered


def _failed(exchange: Exchange) -> bool:
    return exchange.status is None or exchange.status == 429 or exchange.status >= 500


def _pause(earlier: Exchange, later: Exchange) -> float:
    """Seconds between two requests, by whichever clock has moved further.

    A test that moves a manual clock in place of waiting has waited.
    """
    return max(later.real - earlier.real, later.at - earlier.at)
