"""What most commands begin with: a spec, where it is applied, a run there, and what is next."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ftrunner.cli import loading
from ftrunner.cli.error_output import VOLUME, Volume, aside, error_event
from ftrunner.cli.options import TargetOptions, target_of
from ftrunner.cli.output import Output, written
from ftrunner.cli.rehearsal import scenario_names
from ftrunner.cli.state_paths import places, record
from ftrunner.engine.run_log import EVENTS
from ftrunner.engine.target import REHEARSAL, Target
from ftrunner.errors import FtrunnerError, Interrupted, StateError
from ftrunner.providers.profile import JobState
from ftrunner.render.formats import PAGE, REPORT_FILE
from ftrunner.spec.model import Spec
from ftrunner.state.lock import Record
from ftrunner.state.mutex import Holder, last_holder
from ftrunner.text import did_you_mean, escaped

if TYPE_CHECKING:
    from ftrunner.engine.context import Run
    from ftrunner.engine.plan import DesiredState
    from ftrunner.engine.report.report import Report

_LONG = 60.0  # seconds; while a shorter run lasts, people wait
REHEARSED = "only a rehearsal exists; add --mock to see it"


@dataclass(frozen=True, slots=True)
class Session:
    """A spec at a target."""

    spec: Spec
    target: Target

    @property
    def record(self) -> Record:
        """What the lock file says now. Raises StateError."""
        return record(self.spec, self.target)

    @property
    def wanted(self) -> DesiredState:
        """What the spec and its data ask for. Raises InvalidInput."""
        from ftrunner.engine.steps.prepare import prepare  # noqa: PLC0415 - slow to import

        return prepare(self.spec, self.target).wanted

    def command(self, verb: str, *more: str) -> str:
        """The command that does `verb` with this spec at this target, for a hint."""
        return self.target.command(verb, self.spec.path, *more)

    def nothing(self, what: str) -> StateError:
        """The error that `what` is not recorded."""
        record = self.record
        shown = f"{self.command('status')} shows what is recorded"
        hint = f"{next_step_hint(record, self.command)}; {shown}"
        message = f"{self.spec.name} has no {what} {self.target.where}"
        if self.target.scenario:
            message += f" of {escaped(self.target.scenario)}"
            message += did_you_mean(self.target.scenario, scenario_names())
        return StateError(message, code="FT410", hint=REHEARSED if self.is_only_rehearsed else hint)

    @property
    def is_recorded(self) -> bool:
        """Whether the lock file has anything of the spec at this target."""
        record = self.record
        return record != Record(provider=record.provider)

    @property
    def is_only_rehearsed(self) -> bool:
        """Whether a rehearsal here is all that is known of the spec at this provider."""
        if self.target.is_rehearsal or self.is_recorded:
            return False
        rehearsal = replace(self.target, base_url="", endpoint=REHEARSAL)
        return places(self.spec, rehearsal).lock.exists()

    @property
    def process(self) -> tuple[Holder, bool] | None:
        """The process that works on the spec here, or was killed, and whether it is still there."""
        return last_holder(places(self.spec, self.target).mutex)

    @contextmanager
    def run(self, out: Output, *, wait: bool = False) -> Iterator[Run]:
        """A run, shown on stdout, as the sole writer of the lock file until the block ends."""
        from ftrunner.cli import wiring  # noqa: PLC0415 - slow to import

        with (
            out.run() as emit,
            wiring.open_run(self.spec, self.target, emit, wiring.World(), wait=wait) as run,
        ):
            yield run

    @contextmanager
    def beside(self, out: Output) -> Iterator[Run]:
        """The same for what records nothing, while another process is the writer."""
        from ftrunner.cli import wiring  # noqa: PLC0415 - slow to import

        with (
            out.run() as emit,
            wiring.open_readonly(self.spec, self.target, emit, wiring.World()) as run,
        ):
            yield run


def session(path: Path, parameters: Mapping[str, Any] | TargetOptions) -> Session:
    """The spec at `path` where the parameters say. Raises InvalidInput. No network, no key."""
    options = parameters if isinstance(parameters, TargetOptions) else target_of(parameters)
    loaded = loading.load(path, options)
    return Session(loaded.spec, loaded.target())


def next_step_hint(record: Record, command: Callable[..., str]) -> str:
    """How the spec comes to a model that has passed its tests, where `apply` alone does not lead.

    `command` spells a command for the spec, as `Run.command` does.
    """
    if _has_no_model(record):
        again = command("apply", "--retry")
        return f"change the data or the settings, or train the same again: {again}"
    if _has_failed_tests(record):
        what = "the model failed its tests: correct the tests or the data"
        if record.tests and record.tests.is_open:
            what = (
                "there was not enough evidence for a gate: add rows to its test set, or change it"
            )
        return f"{what}, then run {command('apply')}; {command('test')} asks the model again"
    return f"run {command('apply')}"


def _has_no_model(record: Record) -> bool:
    """Whether the recorded job failed or was cancelled."""
    job = record.job
    return job is not None and job.state.is_final and job.state is not JobState.SUCCEEDED


def _has_failed_tests(record: Record) -> bool:
    """Whether the recorded job's model failed the tests it was asked last."""
    job, tests = record.job, record.tests
    return not (job is None or tests is None or tests.passed) and tests.model == job.answers_as


@contextmanager
def reported(run: Run) -> Iterator[None]:
    """Leave a report in the run's folder however the block ends, if the run has a folder.

    An error that ends the block is kept among the run's events. The end of a block that took long
    is notified, unless a person stopped it.
    """
    from ftrunner.engine.secrecy import redacting_errors  # noqa: PLC0415 - slow to import

    began, is_stopped = run.clock.monotonic(), False
    try:
        with redacting_errors(run.redactor):
            yield
    except FtrunnerError as error:
        is_stopped = isinstance(error, Interrupted)
        with suppress(StateError):  # with a full disk the error is still raised
            run.log.append(EVENTS, {**error_event(error), "at": run.clock.now()})
        raise
    finally:
        report = _write_report(run) if run.log.has_begun else None
        if report is not None and not is_stopped:
            _notify(run, report, run.clock.monotonic() - began)


def _write_report(run: Run) -> Report | None:
    """A run does not fail where its report cannot be written or made."""
    from ftrunner.engine.report.report import build_report  # noqa: PLC0415 - slow to import

    where, record = places(run.spec, run.target), run.journal.record
    try:
        report = build_report(run.spec, run.target, record, lock=where.lock, runs=where.run_folders)
        run.log.keep(REPORT_FILE, run.redactor.bytes(written(report, PAGE)))
    except StateError as error:
        aside(f"warning: there is no {REPORT_FILE}: {error.message}")
    except Exception:  # noqa: BLE001 - the outcome of a paid run is not lost to a bug here
        aside(f"warning: a bug in ftrunner: there is no {REPORT_FILE}; {run.command('report')}")
    else:
        return report
    return None


def _notify(run: Run, report: Report, seconds: float) -> None:
    """After a long run: at the terminal, unless it is to be quiet, and where the spec says."""
    if seconds <= _LONG:
        return
    from ftrunner.share.notify import notify, ring  # noqa: PLC0415 - seldom used

    if sys.stderr.isatty() and VOLUME.get() is not Volume.QUIET:
        click.echo(ring(report), err=True, nl=False)
    if not run.target.is_rehearsal:
        for fault in notify(report, run.spec.notify, os.environ):
            aside(f"warning: {fault}")
