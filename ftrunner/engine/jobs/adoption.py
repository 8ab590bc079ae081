"""Which job at the provider is ours: the rules that keep anyone from paying twice.

A job is the same job when its metadata echoes the fingerprint. Where a server keeps no metadata,
only a job that a recorded intent can have created counts: same training file id, model,
hyperparameters and seed, created after the intent. A suffix never decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ftrunner.api.wire import File, Job
from ftrunner.providers.profile import JobState
from ftrunner.providers.wire_mapping import Readiness
from ftrunner.state.lock import FileIntent, JobIntent

RUN_KEY = "ftrunner_run"
FINGERPRINT_KEY = "ftrunner_fingerprint"
# Of a run's id: its job was made by `--fresh`, on purpose beside others of the same inputs.
FRESH_PREFIX = "fresh-"
CLOCK_SLACK = 300.0  # seconds the provider's clock may be behind this machine's


def same_inputs(jobs: Iterable[Job], fingerprint: str) -> tuple[Job, ...]:
    """The jobs that echo the fingerprint and may be gone on with, best first.

    Succeeded goes before active, then the order is (created_at, id): the same for everyone who
    looks. Failed and cancelled jobs are never gone on with.
    """
    usable = (
        job
        for job in jobs
        if job.metadata.get(FINGERPRINT_KEY) == fingerprint
        and job.state not in (JobState.FAILED, JobState.CANCELLED)
    )
    return tuple(sorted(usable, key=_order))


def created_by(intent: JobIntent, jobs: Iterable[Job], known: Collection[str]) -> tuple[Job, ...]:
    """The jobs that the request announced by `intent` may have created, whatever became of them.

    Several mean that only a person can tell. `known` are the ids of jobs that were there before.
    """
    new = [job for job in jobs if job.id not in known]
    echoed = [job for job in new if job.metadata.get(RUN_KEY) == intent.run]
    of_intent = same_inputs(echoed, intent.fingerprint) or [
        job for job in echoed if job.metadata.get(FINGERPRINT_KEY) == intent.fingerprint
    ]
    if of_intent:
        return tuple(of_intent[:1])
    return tuple(sorted((job for job in new if _fits(job, intent)), key=_order))


def uploaded_by(intent: FileIntent, files: Iterable[File]) -> File | None:
    """The file that the announced upload left, or an earlier one of the same content.

    The name holds the content's hash, so name and size tell; when it came does not matter.
    """
    fitting = (
        file
        for file in files
        if file.filename == intent.filename
        and file.bytes in (None, intent.bytes)
        and not (file.status == "error" or file.readiness is Readiness.FAILED)
    )
    return min(fitting, key=lambda file: (file.created_at or 0.0, file.id), default=None)


def is_fresh(job: Job) -> bool:
    """Whether the job was made by `--fresh`."""
    return (job.metadata.get(RUN_KEY) or "").startswith(FRESH_PREFIX)


def disagreements(job: Job, inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """In what the job visibly differs from `inputs`: names of settings.

    Servers fill in what was not asked for, resolve `auto` and leave out what they like; none of
    that is a difference.
    """
    names = [
        name
        for name, value in {"seed": inputs["seed"], **inputs["hyperparameters"]}.items()
        if not _agree(value, {"seed": job.seed, **job.hyperparameters}.get(name))
    ]
    return (*(["model"] if not _same_model(inputs["model"], job.model) else []), *names)


def _agree(asked: object, echoed: object) -> bool:
    return asked in (None, "auto") or echoed in (None, "auto", asked)


def _same_model(asked: str, echoed: str | None) -> bool:
    """An alias comes back as the snapshot it stands for: `gpt-4o` as `gpt-4o-2024-08-06`."""
    return echoed is None or echoed == asked or echoed.startswith(f"{asked}-")


def _order(job: Job) -> tuple[bool, float, str]:
    return (job.state is not JobState.SUCCEEDED, job.created_at or 0.0, job.id)


def _fits(job: Job, intent: JobIntent) -> bool:
    return (
        not job.metadata.get(FINGERPRINT_KEY)
        and job.training_file == intent.training_file
        and job.state not in (JobState.FAILED, JobState.CANCELLED)
        and not disagreements(job, intent.inputs)
        and _came_after(job.created_at, intent.at)
    )


def _came_after(created_at: float | None, moment: float) -> bool:
    """Where the server tells no time, it may well have."""
    return created_at is None or created_at >= moment - CLOCK_SLACK
