"""The rules that decide which job at the provider belongs to a spec.

A job has the same inputs if its metadata echoes the fingerprint. On a server that stores no
metadata, only a job that a recorded intent can have created counts: it was not listed before, has
the same training file, and no field contradicts. A suffix never decides.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ftrunner.api.wire import File, Job
from ftrunner.engine.jobs.same_value import agree, is_unset, same_file, same_model
from ftrunner.providers.profile import JobState
from ftrunner.providers.wire_mapping import Readiness
from ftrunner.spec.model import Method
from ftrunner.state.lock import FileIntent, JobIntent

RUN_KEY = "ftrunner_run"
FINGERPRINT_KEY = "ftrunner_fingerprint"
# Begins the id of a run with `--fresh`, whose job may have the same inputs as others.
FRESH_PREFIX = "fresh-"
_METHODS = frozenset(Method)


def same_inputs(jobs: Iterable[Job], fingerprint: str) -> tuple[Job, ...]:
    """The jobs that echo the fingerprint and can be adopted, best first.

    Succeeded jobs come first, then the order is (created_at, id), which is the same on every
    machine. Failed and cancelled jobs are never adopted.
    """
    usable = (
        job for job in jobs if job.metadata.get(FINGERPRINT_KEY) == fingerprint and _is_alive(job)
    )
    return tuple(sorted(usable, key=_order))


@dataclass(frozen=True, slots=True)
class Candidates:
    """The new jobs that an unconfirmed request may have created, each kind best first.

    `echoed` have its run and fingerprint in their metadata. Without metadata, `fitting` have its
    training file, and `unclear` do not name a file; no field of either contradicts.
    """

    echoed: tuple[Job, ...] = ()
    fitting: tuple[Job, ...] = ()
    unclear: tuple[Job, ...] = ()

    @property
    def created(self) -> tuple[Job, ...]:
        """The jobs that the request created, as far as the provider shows."""
        return self.echoed or self.fitting


def created_by(intent: JobIntent, jobs: Iterable[Job], known: Collection[str]) -> Candidates:
    """The jobs that the request of `intent` may have created.

    `known` are the ids of jobs that existed before. Times are not compared, because the provider's
    clock may differ from this machine's.
    """
    new = [job for job in jobs if job.id not in known]
    silent = [job for job in new if _is_alive(job) and not is_excluded(job, intent)]
    return Candidates(
        echoed=_sorted(job for job in new if _echoes(job, intent)),
        fitting=_sorted(job for job in silent if _is_confirmed(job, intent)),
        unclear=_sorted(job for job in silent if not _is_confirmed(job, intent)),
    )


def is_excluded(job: Job, intent: JobIntent) -> bool:
    """Whether a field of `job` contradicts `intent`.

    Only values that both sides state are compared, after numbers, texts and model names are
    normalised.
    """
    return (
        not agree(intent.run, job.metadata.get(RUN_KEY))
        or not agree(intent.fingerprint, job.metadata.get(FINGERPRINT_KEY))
        or not same_file(intent.training_file, job.training_file)
        or bool(disagreements(job, intent.inputs))
    )


def uploaded_by(intent: FileIntent, files: Iterable[File]) -> File | None:
    """The file that the announced upload created, or an earlier one with the same content.

    The name contains the content's hash, so name and size are enough.
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
    """Whether the job was created by `--fresh`."""
    return (job.metadata.get(RUN_KEY) or "").startswith(FRESH_PREFIX)


def disagreements(job: Job, inputs: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the settings in which the job visibly differs from `inputs`.

    Servers add defaults, resolve `auto` and leave values out; none of that is a difference.
    """
    differing = [name for name, both in _pairs(job, inputs).items() if not agree(*both)]
    return (*(["model"] if not same_model(inputs["model"], job.model) else []), *differing)


def _is_confirmed(job: Job, intent: JobIntent) -> bool:
    """Whether the job states the training file, and nothing that may mean that it was never set."""
    pairs = _pairs(job, intent.inputs).values()
    return bool(job.training_file) and not any(is_unset(*both) for both in pairs)


def _pairs(job: Job, inputs: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Setting by setting, the requested value and the value that the job echoes."""
    echoed = {"seed": job.seed, "method": _method(job), **job.hyperparameters}
    asked = {"seed": inputs["seed"], "method": inputs.get("method"), **inputs["hyperparameters"]}
    return {name: (value, echoed.get(name)) for name, value in asked.items()}


def _method(job: Job) -> str | None:
    """The job's method if ftrunner knows it."""
    return job.method if job.method in _METHODS else None


def _order(job: Job) -> tuple[bool, float, str]:
    return (job.state is not JobState.SUCCEEDED, job.created_at or 0.0, job.id)


def _sorted(jobs: Iterable[Job]) -> tuple[Job, ...]:
    """Jobs that can be adopted before failed and cancelled ones."""
    return tuple(sorted(jobs, key=lambda job: (not _is_alive(job), *_order(job))))


def _is_alive(job: Job) -> bool:
    return job.state not in (JobState.FAILED, JobState.CANCELLED)


def _echoes(job: Job, intent: JobIntent) -> bool:
    marks = (job.metadata.get(RUN_KEY), job.metadata.get(FINGERPRINT_KEY))
    return marks == (intent.run, intent.fingerprint)
