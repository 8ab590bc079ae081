"""Apply: check, decide, ask, and carry the plan out. It has no second opinion on the plan."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial

from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.checks.bills import warn_running_costs
from ftrunner.engine.checks.consent import Consent, authorise
from ftrunner.engine.checks.preflight import preflight, report_or_raise
from ftrunner.engine.committed_data import committed_data
from ftrunner.engine.context import Run
from ftrunner.engine.data_change import data_change, keep_rows
from ftrunner.engine.desired_state import want
from ftrunner.engine.jobs.interruption import interrupted
from ftrunner.engine.jobs.observe import observe
from ftrunner.engine.jobs.recovery import recover
from ftrunner.engine.plan import Action, Observed, Options, Plan, StepPlan, plan
from ftrunner.engine.steps.ask import Reuse
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.steps.test import test
from ftrunner.engine.steps.train import train
from ftrunner.engine.steps.upload import upload
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
from ftrunner.text import escaped


def apply(
    run: Run, options: Options, consent: Consent, *, cancel_on_interrupt: bool = False
) -> ExitCode:
    """Take the spec from data to a tested model, doing only what is not done yet.

    Raises FtrunnerError for everything that ends a run early; returns DONE or TESTS_FAILED.
    """
    run.emit(_started(run))
    report = prepare(run.spec, run.target)
    ours = want(run.spec, report, run.target.profile).fingerprint
    try:
        return _apply(run, report, options, consent)
    except KeyboardInterrupt as interrupt:
        raise interrupted(run, interrupt, ours, cancel_job=cancel_on_interrupt) from interrupt
    except BrokenPipeError as error:  # whoever read what is told has left
        raise interrupted(run, error, ours, cancel_job=False) from error


def _apply(run: Run, report: DatasetReport, options: Options, consent: Consent) -> ExitCode:
    decided, observed, findings = _decide(run, report, options)
    _tell_prepared(run, decided, report)
    if not decided.has_changes:
        _accept_untested(run, decided)
        warn_running_costs(run, f"{run.command('destroy')} removes it")
        run.emit(RunFinished("nothing_to_do", _current_model(run)))
        return ExitCode.DONE
    if decided.train.action is Action.STOP:
        raise _stopped(run, decided.train)
    if decided.creates_job:
        report_or_raise(run, findings)
    estimate = authorise(run.target, run.spec.budget, consent) if decided.creates_job else None
    if decided.obtains_job:
        keep_rows(run, decided.wanted, report, estimate)
    passed = _carry_out(run, decided, report, observed)
    outcome = "done" if passed else "tests_failed"
    warn_running_costs(run, f"{run.command('destroy')} removes it")
    run.emit(RunFinished(outcome, _current_model(run), str(run.evidence.folder)))
    return ExitCode.DONE if passed else ExitCode.TESTS_FAILED


def _decide(
    run: Run, report: DatasetReport, options: Options
) -> tuple[Plan, Observed | None, tuple[Finding, ...]]:
    """The plan, and what stands against a new job; the provider is asked only where it must be.

    That is where a request is in doubt, where another job may have shown up since the last look,
    and where a job would be created. A job that was asked
    for and is found now is what `--retry` and `--fresh` asked for.
    """
    wanted = want(run.spec, report, run.target.profile)
    record = run.journal.record
    found = recover(run) if record.in_doubt or record.open_intents else None
    if found:
        options = Options()
    offline = plan(wanted, run.journal.record, None, options)
    if not offline.creates_job:
        return offline, Observed(job=found), ()
    findings = preflight(run)
    observed = observe(run, wanted)
    return plan(wanted, run.journal.record, observed, options), observed, findings


def _carry_out(run: Run, decided: Plan, report: DatasetReport, observed: Observed | None) -> bool:
    """Whether the tuned model passed its tests."""
    _tell(run, decided.upload)
    if decided.upload.action is Action.RUN:
        upload(run, report, observed)
    _tell(run, decided.train)
    if decided.train.action is not Action.SKIP:
        train(run, decided, observed, report)
    _tell(run, decided.test)
    _accept_untested(run, decided)
    job = run.journal.record.job
    return decided.test.action is Action.SKIP or job is None or test(run, job, Reuse.STORED)


def _accept_untested(run: Run, decided: Plan) -> None:
    """Where there are no test prompts, a model is current as soon as it answers."""
    record = run.journal.record
    job, tests, current = record.job, record.tests, record.current
    if decided.wanted.prompts or job is None or job.answers_as is None:
        return
    is_current = current is not None and current.model == job.answers_as
    if tests is None or tests.digest != decided.wanted.tests or not is_current:
        test(run, job, Reuse.STORED)


def _tell_prepared(run: Run, decided: Plan, report: DatasetReport) -> None:
    _tell(run, decided.prepare)
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
    _tell_change(run, decided, report)
    if report.findings:
        run.emit(FindingsReported(report.findings, report.counts))


def _tell_change(run: Run, decided: Plan, report: DatasetReport) -> None:
    """What changed in the data since the recorded job, where that can be told."""
    runs = run.evidence.folder.parent
    recall = partial(committed_data, run.spec, run.target.profile)
    change = data_change(run.journal.record, decided.wanted, report, runs, recall=recall)
    if change is None:
        return
    for split, rows in change.splits.items():
        if rows.difference:
            run.emit(DatasetCompared(split, change.against, **asdict(rows.difference)))


def _tell(run: Run, step: StepPlan) -> None:
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
