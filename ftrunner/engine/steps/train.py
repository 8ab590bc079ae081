"""Step 3: one job per set of inputs, followed to its end."""

from __future__ import annotations

import re

from ftrunner.api.client import JobRequest
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Job
from ftrunner.engine.adoption import FINGERPRINT_KEY, RUN_KEY, Candidate, Observed, winner
from ftrunner.engine.context import Run
from ftrunner.engine.doubt import look_for_job
from ftrunner.engine.duplicates import settle
from ftrunner.engine.follow import Follower
from ftrunner.engine.plan import Action, Plan, Wanted
from ftrunner.engine.polling import delays
from ftrunner.engine.records import job_record
from ftrunner.errors import ExitCode, Interrupted, RunFailed, Terminated
from ftrunner.events import JobAdopted, JobCreated, JobSucceeded, Noted
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import Creation, Intent

ATTEMPTS = 3
# Seconds to wait for a file that the provider is still reading.
FILE_PATIENCE = (2.0, 4.0, 8.0, 15.0, 30.0, 60.0, 60.0, 60.0)
_NOT_READY = re.compile(r"not (yet )?ready|still being processed", re.IGNORECASE)


def train(run: Run, plan: Plan, observed: Observed | None) -> Job:
    """The succeeded job, and its tuned model's name.

    Raises RunFailed for a job that failed or was cancelled, GaveUpWaiting and Interrupted while
    it goes on.
    """
    try:
        job = _follow(run, plan.wanted, _obtain(run, plan, observed))
    except KeyboardInterrupt as interrupt:
        raise _goes_on(run, interrupt) from interrupt
    if job.state is not JobState.SUCCEEDED or job.fine_tuned_model is None:
        raise _failure(run, job)
    run.emit(JobSucceeded(job.id, job.fine_tuned_model, job.trained_tokens))
    return job


def _obtain(run: Run, plan: Plan, observed: Observed | None) -> Job:
    adopted = winner(observed)
    if plan.train.action is Action.ADOPT and adopted:
        return _adopt(run, plan.wanted, adopted, plan.train.reason)
    recorded = run.journal.record.job
    if plan.train.action is Action.RESUME and recorded:
        return run.client.retrieve_job(recorded.id)
    if recorded and not JobState(recorded.state).is_final:
        _cancel_superseded(run, recorded.id)
    return settle(run, plan.wanted, _create(run, plan))


def _adopt(run: Run, wanted: Wanted, candidate: Candidate, reason: str) -> Job:
    job = candidate.job
    run.journal.job_created(job_record(job, wanted, run_id=job.metadata.get(RUN_KEY) or run.id))
    run.emit(JobAdopted(job.id, job.status, reason))
    return job


def _create(run: Run, plan: Plan) -> Job:
    """Create the job; where the answer is lost, look for it before asking again."""
    request = _request(run, plan)
    for attempt in range(1, ATTEMPTS + 1):
        run.journal.intend(_intent(run, plan.wanted, request))
        try:
            job = _create_when_file_is_ready(run, request)
        except ApiError as error:
            if error.nothing_was_done:
                run.journal.nothing_created()
                raise
            run.emit(Noted(f"{error.message}; looking whether the job exists", level="warning"))
            found = look_for_job(run, plan.wanted)
            if found:
                return _adopt(run, plan.wanted, found, "its creation went unanswered")
            run.journal.nothing_created()
            if attempt == ATTEMPTS:
                raise
        else:
            break
    run.journal.job_created(job_record(job, plan.wanted, run_id=run.id))
    run.emit(JobCreated(job.id, job.model or run.spec.model))
    return job


def _create_when_file_is_ready(run: Run, request: JobRequest) -> Job:
    """A provider that is still reading the file refuses; that refusal is safe to wait out."""
    for pause in FILE_PATIENCE:
        try:
            return run.client.create_job(request)
        except ApiError as error:
            if not _says_not_ready(error):
                raise
            run.emit(Noted(f"{error.message}; asking again in {pause:.0f} s"))
            run.clock.sleep(pause)
    return run.client.create_job(request)


def _says_not_ready(error: ApiError) -> bool:
    """OpenAI's cookbook says of this refusal only: try again some minutes later."""
    return error.nothing_was_done and bool(_NOT_READY.search(error.message))


def _request(run: Run, plan: Plan) -> JobRequest:
    spec = run.spec
    files = run.journal.record.files
    return JobRequest(
        model=spec.model,
        training_file=files["train"].id,
        validation_file=files["validation"].id if "validation" in plan.wanted.splits else None,
        method=str(spec.method),
        hyperparameters=spec.hyperparameters,
        grader=spec.grader,
        suffix=spec.suffix,
        seed=spec.seed,
        metadata={
            **spec.metadata,
            RUN_KEY: run.id,
            FINGERPRINT_KEY: plan.wanted.fingerprint,
        },
        integrations=spec.integrations,
        extra_body=spec.extra_body,
    )


def _intent(run: Run, wanted: Wanted, request: JobRequest) -> Intent:
    return Intent(
        creates=Creation.JOB,
        run=run.id,
        at=run.clock.now(),
        fingerprint=wanted.fingerprint,
        training_file=request.training_file,
    )


def _cancel_superseded(run: Run, job_id: str) -> None:
    """A job of former inputs that still runs would cost money for a model nobody asked for."""
    try:
        run.client.cancel_job(job_id)
    except ApiError as error:
        run.emit(Noted(f"{job_id} could not be cancelled: {error.message}", level="warning"))
    else:
        run.emit(Noted(f"cancelled {job_id}, which trained the former inputs"))


def _follow(run: Run, wanted: Wanted, job: Job) -> Job:
    def remember(latest: Job) -> None:
        recorded = run.journal.record.job
        run_id = recorded.run if recorded else run.id
        run.journal.job_changed(job_record(latest, wanted, run_id=run_id))

    follower = Follower(
        client=run.client,
        clock=run.clock,
        emit=run.emit,
        wait=run.spec.wait,
        on_change=remember,
        settle=lambda seen: settle(run, wanted, seen),
        intervals=delays(run.random),
    )
    return follower.follow(job)


def _goes_on(run: Run, interrupt: KeyboardInterrupt) -> Interrupted:
    recorded = run.journal.record.job
    spec = run.spec.path
    terminated = isinstance(interrupt, Terminated)
    goes_on = f"{recorded.id} goes on at the provider" if recorded else "a job may have been made"
    return Interrupted(
        f"stopped watching; {goes_on}",
        exit_code=ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED,
        hint=f"`ftrunner apply {spec}` picks it up again, `ftrunner cancel {spec}` ends it",
    )


def _failure(run: Run, job: Job) -> RunFailed:
    spec = run.spec.path
    if job.state is JobState.CANCELLED:
        return RunFailed(
            f"{job.id} was cancelled",
            code="FT351",
            hint=f"`ftrunner apply {spec} --retry` trains again",
        )
    if job.state is JobState.SUCCEEDED:
        return RunFailed(f"{job.id} succeeded but names no tuned model", code="FT354")
    cause = job.error.message if job.error and job.error.message else "the provider gives no cause"
    return RunFailed(
        f"{job.id} failed: {cause}",
        code="FT350",
        hint=f"change the data or the settings, or try the same again with "
        f"`ftrunner apply {spec} --retry`",
    )
