"""Step 3: one job per set of inputs, followed to its end."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from ftrunner.api.client import JobRequest
from ftrunner.api.errors import ApiError, BadRequest, NotFound
from ftrunner.api.wire import Job
from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.checks.consent import PRICE_OPERATION
from ftrunner.engine.checks.price import report_quote
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY, RUN_KEY, is_excluded
from ftrunner.engine.jobs.cancel import cancel_at_provider
from ftrunner.engine.jobs.creation import create
from ftrunner.engine.jobs.duplicates import DuplicateWatch
from ftrunner.engine.jobs.failure import failure, findings_from_provider, unknown_end
from ftrunner.engine.jobs.follow import ENDS_THE_WAIT, Follower
from ftrunner.engine.jobs.observe import named_model, names_model
from ftrunner.engine.jobs.records import job_record, record_adopted_job, updated
from ftrunner.engine.plan import Action, DesiredState, Observed, Plan, is_superseded
from ftrunner.engine.steps.deploy import deploy
from ftrunner.engine.steps.keep_results import keep_training_results
from ftrunner.engine.steps.readiness import is_not_ready
from ftrunner.engine.steps.recovery import recover_job
from ftrunner.engine.waiting import look, read
from ftrunner.errors import StateError
from ftrunner.events import (
    FindingsReported,
    JobCancelled,
    JobCreated,
    JobLeftRunning,
    JobNotCancelled,
    JobSucceeded,
    Retrying,
)
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobIntent

_MOST_CHANGES = 3  # of jobs, when the followed job turns out to be a duplicate


def train(
    run: Run,
    plan: Plan,
    observed: Observed | None,
    report: DatasetReport,
    estimate: Estimate | None,
) -> None:
    """Bring the recorded job to success: create, adopt or resume it, and follow it.

    Raises RunFailed for a job that failed or was cancelled, and GaveUpWaiting while it runs.
    """
    watch = DuplicateWatch(run, plan.wanted.fingerprint, plan.wanted.inputs)
    follower = _follower(run, watch)
    try:
        job = _followed(follower, watch, _obtain(run, plan, observed, watch, estimate))
        job = _named(run, follower, job)
    except (*ENDS_THE_WAIT, StateError):
        _report_running_job(run)
        raise
    if job.state is JobState.UNKNOWN:
        raise unknown_end(job, run.target.profile, run.command)
    if job.state is not JobState.SUCCEEDED or (names_model(run) and job.fine_tuned_model is None):
        if found := findings_from_provider(job, follower.last_messages, report):
            run.emit(FindingsReported(tuple(found)))
        raise failure(job, follower.last_messages, run.command, run.target.scenario)
    run.emit(JobSucceeded(job.id, job.fine_tuned_model or job.id, job.trained_tokens))
    keep_training_results(run, job)
    has_to_deploy = run.spec.model_name is None and run.target.profile.serving.is_needed
    run.journal.answers_as(deploy(run, job) if has_to_deploy else run.spec.model_name)


def _followed(follower: Follower, watch: DuplicateWatch, job: Job) -> Job:
    """The job at its end, or the duplicate that takes its place.

    A cancelled job may have been cancelled as a duplicate by another machine.
    """
    job = follower.follow(job)
    for _ in range(_MOST_CHANGES):
        is_cancelled = job.state is JobState.CANCELLED
        first = watch.look(job) if is_cancelled else watch.look_while_open(job)
        if first.id == job.id:
            break
        job = follower.follow(first)
    return job


def _named(run: Run, follower: Follower, job: Job) -> Job:
    """A succeeded job with its model's name, recorded; some servers show it after the status."""
    if job.state is not JobState.SUCCEEDED or job.fine_tuned_model or not names_model(run):
        return job
    look(run.clock, run.schedules.tuned_model, lambda: named_model(run, job))
    named = run.client.retrieve_job(job.id)
    follower.on_change(named)
    return named


def _obtain(
    run: Run,
    plan: Plan,
    observed: Observed | None,
    watch: DuplicateWatch,
    estimate: Estimate | None,
) -> Job:
    if plan.train.action is Action.RESUME:
        return (observed and observed.job) or _recorded(run)
    if plan.train.action is Action.ADOPT and observed and observed.job:
        _cancel_superseded(run, plan.wanted)
        return record_adopted_job(
            run,
            observed.job,
            fingerprint=plan.wanted.fingerprint,
            inputs=plan.wanted.inputs,
            reason="it has the same inputs",
        )
    return watch.look_while_open(_create(run, plan, observed, estimate))


def _recorded(run: Run) -> Job:
    """The recorded job as it is now."""
    recorded = run.journal.record.job
    assert recorded is not None, "only a recorded job is resumed"
    try:
        return read(run.clock, run.schedules.recorded, lambda: run.client.retrieve_job(recorded.id))
    except NotFound as error:
        raise StateError(
            f"the recorded job {recorded.id} is not {run.target.where}: {error.message}",
            code="FT409",
            hint="check that the key belongs to the account that created it. If the job is gone, "
            f"{run.command('forget')} drops it from the lock file",
        ) from error


def _create(run: Run, plan: Plan, observed: Observed | None, estimate: Estimate | None) -> Job:
    """Create and record the job. A job of former inputs is cancelled right before."""
    request = job_request(run, plan.wanted)
    if PRICE_OPERATION in run.target.profile.operations:
        report_quote(run, request, estimate)
    _cancel_superseded(run, plan.wanted)
    intent = _intent(run, plan.wanted, request, observed)
    return create(
        run,
        "job",
        announce=partial(run.journal.intend_job, intent),
        act=lambda: _created(run, request, intent),
        look=lambda: recover_job(run, intent),
        withdraw=run.journal.no_job_created,
    )


def _created(run: Run, request: JobRequest, intent: JobIntent) -> Job:
    job = _create_when_file_is_ready(run, request)
    run.journal.job_created(
        job_record(job, run=run.id, fingerprint=intent.fingerprint, inputs=intent.inputs),
        keep_open=_to_look_again(run, intent, job),
    )
    run.emit(JobCreated(job.id, job.model or run.spec.model))
    return job


def _to_look_again(run: Run, intent: JobIntent, job: Job) -> JobIntent | None:
    """The intent, kept open until lists show what another machine may create at this moment.

    None if a list does not show a job's inputs.
    """
    if any(map(run.target.profile.lacks, ("job_listing", "metadata", "metadata_echo"))):
        return None
    return replace(intent, until=run.clock.now() + run.schedules.list_lag, job=job.id)


def _create_when_file_is_ready(run: Run, request: JobRequest) -> Job:
    """Create the job; wait while the provider refuses because it still processes the file."""
    for attempt, pause in enumerate(run.schedules.readable_file, start=1):
        try:
            return run.client.create_job(request)
        except ApiError as error:
            is_refused = error.nothing_was_done or isinstance(error, BadRequest)
            if not (is_refused and is_not_ready(error, request.training_file)):
                raise
            run.emit(Retrying(attempt, pause, error.message))
            run.clock.sleep(pause)
    return run.client.create_job(request)


def job_request(run: Run, wanted: DesiredState) -> JobRequest:
    """The job that `wanted` describes, with the recorded files."""
    spec = run.spec
    files = run.journal.record.files
    return JobRequest(
        model=spec.model,
        training_file=files["train"].id,
        validation_file=files["validation"].id if "validation" in wanted.streams else None,
        method=str(spec.method),
        hyperparameters=spec.hyperparameters,
        grader=spec.grader,
        suffix=spec.suffix,
        seed=spec.seed,
        metadata={**spec.metadata, RUN_KEY: run.id, FINGERPRINT_KEY: wanted.fingerprint},
        integrations=spec.integrations,
        extra_body=spec.extra_body,
    )


def _intent(
    run: Run, wanted: DesiredState, request: JobRequest, observed: Observed | None
) -> JobIntent:
    listed = observed.listed if observed else ()
    intent = JobIntent(
        run=run.id,
        at=run.clock.now(),
        fingerprint=wanted.fingerprint,
        inputs=wanted.inputs,
        training_file=request.training_file,
    )
    return replace(intent, known=tuple(job.id for job in listed if not is_excluded(job, intent)))


def _cancel_superseded(run: Run, wanted: DesiredState) -> None:
    """Cancel a job of former inputs, which would cost money for a model that is not wanted."""
    recorded = run.journal.record.job
    if recorded is None or not is_superseded(recorded, wanted):
        return
    try:
        latest, had_ended = cancel_at_provider(run, recorded.id)
    except ApiError as error:
        run.emit(JobNotCancelled(recorded.id, "former_inputs", error.message))
        return
    run.journal.job_changed(updated(recorded, latest))
    if not had_ended:
        run.emit(JobCancelled(recorded.id, "former_inputs"))


def _report_running_job(run: Run) -> None:
    job = run.journal.record.job
    if job and not job.state.is_final:
        run.emit(JobLeftRunning(job.id, "stopped"))


def _follower(run: Run, watch: DuplicateWatch) -> Follower:
    def remember(latest: Job) -> None:
        recorded = run.journal.record.job
        assert recorded is not None, "a job is recorded before it is followed"
        run.journal.job_changed(updated(recorded, latest))

    return Follower(
        go_on=run.command("apply"),
        client=run.client,
        clock=run.clock,
        emit=run.emit,
        wait=run.spec.wait,
        on_change=remember,
        resolve_duplicates=watch.look_while_open,
        may_be_missing=sum(run.schedules.recorded),
        intervals=run.schedules.polls(run.random),
    )
