"""Apply: check, decide, ask, and carry out the plan as it is; or the tests alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.checks.consent import Consent, at_budget, authorise, needs_price
from ftrunner.engine.checks.preflight import preflight, report_or_raise
from ftrunner.engine.checks.price import warn_running_costs
from ftrunner.engine.committed_data import committed_data
from ftrunner.engine.context import Run
from ftrunner.engine.data_change import data_change, keep_rows
from ftrunner.engine.jobs.interruption import interrupted
from ftrunner.engine.jobs.observe import observe
from ftrunner.engine.plan import (
    Action,
    DesiredState,
    Observed,
    Options,
    Plan,
    Step,
    StepPlan,
    plan,
)
from ftrunner.engine.steps.answers import with_answers
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.prepare import Prepared, prepare, priced
from ftrunner.engine.steps.recovery import recover
from ftrunner.engine.steps.test import test
from ftrunner.engine.steps.train import train
from ftrunner.engine.steps.upload import upload
from ftrunner.engine.target import Target
from ftrunner.errors import ExitCode, RunFailed
from ftrunner.events import (
    DatasetCompared,
    DatasetPrepared,
    FindingsReported,
    RunFinished,
    RunStarted,
    StepStarted,
)
from ftrunner.findings import Finding
from ftrunner.spec.model import Spec
from ftrunner.state.lock import JobRecord, Record
from ftrunner.text import escaped

_OUTCOMES = {
    ExitCode.DONE: "done",
    ExitCode.TESTS_FAILED: "tests_failed",
    ExitCode.NOT_ENOUGH_EVIDENCE: "not_enough_evidence",
}


def apply(
    run: Run,
    options: Options,
    consent: Consent,
    prepared: Prepared | None = None,
    *,
    cancel_on_interrupt: bool = False,
) -> ExitCode:
    """Take the spec from data to a tested model, doing only what is not done yet.

    `prepared` is the spec's data if it was read before. Raises FtrunnerError for everything that
    ends a run early; returns DONE, TESTS_FAILED or NOT_ENOUGH_EVIDENCE.
    """
    run.emit(_started(run))
    counting = first_counting(run.spec, run.target, run.journal.record, consent)
    prepared = prepared or prepare(run.spec, run.target, counting)
    with _interruptible(run, prepared.wanted, cancel_job=cancel_on_interrupt):
        decided, observed, findings = _decide(run, prepared, options)
        _report_prepared(run, decided, prepared.report)
        if not decided.has_changes:
            _accept_untested(run, decided)
            _warn_running_costs(run)
            run.emit(RunFinished("nothing_to_do", _current_model(run)))
            return ExitCode.DONE
        if decided.train.action is Action.STOP:
            raise _stopped(run, decided.train)
        estimate = _agreed(run, prepared, decided, findings, consent)
        code = _carry_out(run, decided, prepared.report, observed, estimate)
        return _finished(run, code)


def test_again(run: Run, job: JobRecord, reuse: Reuse) -> ExitCode:
    """Carry out the last step alone, whatever was recorded of it before."""
    run.emit(_started(run))
    reason = "stored answers are judged again" if reuse is Reuse.ONLY else "asked for"
    _report_step(run, StepPlan(Step.TEST, Action.RUN, reason))
    code = test(run, job, reuse)
    return _finished(run, code)


@contextmanager
def _interruptible(run: Run, wanted: DesiredState, *, cancel_job: bool) -> Iterator[None]:
    """What stops the block becomes an error that says what keeps running."""
    try:
        yield
    except KeyboardInterrupt as interrupt:
        raise interrupted(run, interrupt, wanted.fingerprint, cancel_job=cancel_job) from interrupt
    except BrokenPipeError as error:  # the reader of our output has left
        raise interrupted(run, error, wanted.fingerprint, cancel_job=False) from error


def _agreed(
    run: Run, prepared: Prepared, decided: Plan, findings: tuple[Finding, ...], consent: Consent
) -> Estimate | None:
    """The estimate of a new job, where one was needed to agree to it; the job's rows are kept."""
    estimate = None
    if decided.creates_job:
        report_or_raise(run, findings)
        price = partial(_priced, run, prepared, consent.counting)
        with at_budget(run.spec):
            estimate = authorise(run.target, run.spec.budget, consent, price)
    if decided.obtains_job:
        keep_rows(run, decided.wanted, prepared.report, estimate)
    return estimate


def _finished(run: Run, code: ExitCode) -> ExitCode:
    _warn_running_costs(run)
    folder = str(run.log.folder) if run.log.has_begun else None
    run.emit(RunFinished(_OUTCOMES[code], _current_model(run), folder))
    return code


def _warn_running_costs(run: Run) -> None:
    if run.journal.record.resources:
        warn_running_costs(run, f"{run.command('destroy')} removes it")


def first_counting(spec: Spec, target: Target, record: Record, consent: Consent) -> Counting:
    """How to count tokens while the data is read first.

    A spec without a job gets one, so its price will be needed. With a job there may be nothing to
    do, and counting takes time; if a job is needed after all, the data is read again.
    """
    if record.job or record.has_unconfirmed or not needs_price(target, spec.budget, consent):
        return Counting.OFF
    return consent.counting


def _priced(run: Run, prepared: Prepared, counting: Counting) -> Estimate:
    return with_answers(priced(prepared, run.spec, run.target, counting), run, prepared.sets)


def _decide(
    run: Run, prepared: Prepared, options: Options
) -> tuple[Plan, Observed | None, tuple[Finding, ...]]:
    """The plan, what was observed, and what speaks against a new job.

    The provider is asked only if a request is unconfirmed, if another job may have appeared since
    the last look, or if a job would be created. A requested job that is found now is the job that
    `--retry` and `--fresh` asked for.
    """
    wanted = prepared.wanted
    record = run.journal.record
    found = recover(run) if record.has_unconfirmed or record.open_intents else None
    if found:
        options = Options()
    offline = plan(wanted, run.journal.record, None, options)
    if not offline.creates_job:
        return offline, Observed(job=found), ()
    findings = preflight(run)
    observed = observe(run, wanted)
    return plan(wanted, run.journal.record, observed, options), observed, findings


def _carry_out(
    run: Run,
    decided: Plan,
    report: DatasetReport,
    observed: Observed | None,
    estimate: Estimate | None,
) -> ExitCode:
    """Carry out the plan's steps; the exit code of the tests."""
    _report_step(run, decided.upload)
    if decided.upload.action is Action.RUN:
        upload(run, report, observed)
    _report_step(run, decided.train)
    if decided.train.action is not Action.SKIP:
        train(run, decided, observed, report, estimate)
    _report_step(run, decided.test)
    _accept_untested(run, decided)
    job = run.journal.record.job
    if decided.test.action is Action.SKIP or job is None:
        return ExitCode.DONE
    return test(run, job, Reuse.STORED)


def _accept_untested(run: Run, decided: Plan) -> None:
    """Without test prompts, a model is current as soon as it answers."""
    record = run.journal.record
    job, tests, current = record.job, record.tests, record.current
    if decided.wanted.has_tests or job is None or job.answers_as is None:
        return
    is_current = current is not None and current.model == job.answers_as
    if tests is None or tests.digest != decided.wanted.tests or not is_current:
        test(run, job, Reuse.STORED)


def _report_prepared(run: Run, decided: Plan, report: DatasetReport) -> None:
    _report_step(run, decided.prepare)
    for split in (report.train, report.validation):
        if split:
            stream = split.stream
            run.emit(
                DatasetPrepared(
                    split=stream.split,
                    filename=stream.filename,
                    examples=stream.examples,
                    size=stream.size,
                    sha256=stream.sha256,
                    tokens=split.tokens,
                )
            )
    _report_change(run, decided, report)
    if report.findings:
        run.emit(FindingsReported(report.findings, report.counts))


def _report_change(run: Run, decided: Plan, report: DatasetReport) -> None:
    """Report what changed in the data since the recorded job, if that is known."""
    runs = run.log.folder.parent
    recall = partial(committed_data, run.spec, run.target.profile)
    change = data_change(run.journal.record, decided.wanted, report, runs, recall=recall)
    if change is None:
        return
    for split, rows in change.splits.items():
        if rows.difference:
            run.emit(DatasetCompared(split, change.against, **asdict(rows.difference)))


def _report_step(run: Run, step: StepPlan) -> None:
    run.emit(StepStarted(str(step.step), str(step.action), step.reason))


def _started(run: Run) -> RunStarted:
    return RunStarted(
        spec=escaped(str(run.spec.path)),
        name=run.spec.name,
        endpoint=run.target.endpoint,
        provider=run.target.profile.name,
        rehearsal=run.target.is_rehearsal,
    )


def _stopped(run: Run, step: StepPlan) -> RunFailed:
    return RunFailed(
        step.reason,
        code="FT350",
        hint="it stays failed until the data or the settings change; "
        f"{run.command('apply', '--retry')} trains the same again",
    )


def _current_model(run: Run) -> str | None:
    current = run.journal.record.current
    return current.model if current else None
