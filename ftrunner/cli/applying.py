"""Applying one spec: from its path to its exit code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from ftrunner.cli import loading, state_paths, wiring
from ftrunner.cli.options import TargetOptions
from ftrunner.cli.session import reported
from ftrunner.cli.wiring import World
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.checks.consent import Ask, Consent
from ftrunner.engine.jobs.adoption import FRESH_PREFIX
from ftrunner.engine.jobs.interruption import exit_code
from ftrunner.engine.operations.apply import apply, first_counting
from ftrunner.engine.plan import Options
from ftrunner.engine.steps.prepare import Prepared, prepare
from ftrunner.engine.target import Target
from ftrunner.errors import ExitCode, FtrunnerError, Interrupted, StateError
from ftrunner.events import Emit
from ftrunner.spec.model import Spec

# Reports an error and returns its exit code.
Report = Callable[[FtrunnerError], ExitCode]


@dataclass(frozen=True, slots=True)
class ApplyRequest:
    """What the user asks of `apply` beyond the specs."""

    target: TargetOptions = field(default_factory=TargetOptions)
    options: Options = field(default_factory=Options)
    counting: Counting = Counting.EXACT
    yes: bool = False
    wait: bool = True
    cancel_on_interrupt: bool = False


@dataclass(frozen=True, slots=True)
class ApplyTask:
    """A valid spec, where it is applied, and its data if it was read already."""

    spec: Spec
    target: Target
    prepared: Prepared | None = None


class NotStarted(FtrunnerError):
    """A valid spec that was skipped because another spec is invalid."""

    exit_code = ExitCode.INVALID

    def __init__(self, invalid: Collection[Path]) -> None:
        named = f"{' and '.join(map(str, invalid))} {'is' if len(invalid) == 1 else 'are'} invalid"
        hint = "correct that first, or leave it out: nothing is sent before every spec is valid"
        super().__init__(f"not started: {named}", code="FT361", hint=hint)


def read_task(path: Path, request: ApplyRequest, world: World) -> ApplyTask:
    """Raises FtrunnerError for a spec, or an address, that cannot be used."""
    loaded = loading.load(path, request.target, world.environment)
    return ApplyTask(loaded.spec, loaded.target())


def read_tasks(
    paths: Sequence[Path],
    request: ApplyRequest,
    world: World,
    report: Callable[[Path, FtrunnerError], ExitCode],
) -> tuple[list[ApplyTask], list[ExitCode]]:
    """All specs, or the exit codes if one is invalid.

    Of several specs all data is checked before anything is sent; the data of a single spec is
    checked when it is applied. `report` reports each spec that is invalid or skipped.
    """
    tasks, refused = [], {}
    for path in paths:
        try:
            task = read_task(path, request, world)
            if len(paths) > 1:
                task = replace(task, prepared=_prepared(task, request))
            tasks.append(task)
        except FtrunnerError as error:
            refused[path] = report(path, error)
    if not refused:
        return tasks, []
    others = [report(path, NotStarted(refused)) for path in paths if path not in refused]
    return [], [*refused.values(), *others]


def _prepared(task: ApplyTask, request: ApplyRequest) -> Prepared:
    counting = Counting.OFF
    with suppress(StateError):  # a lock file that cannot be read is reported by its own apply
        record = state_paths.record(task.spec, task.target)
        consent = Consent(yes=request.yes, counting=request.counting)
        counting = first_counting(task.spec, task.target, record, consent)
    return prepare(task.spec, task.target, counting)


def apply_task(
    task: ApplyTask,
    request: ApplyRequest,
    world: World,
    emit: Emit,
    report: Report,
    ask: Ask | None = None,
) -> ExitCode:
    """Apply `task`. Every FtrunnerError and every interrupt is reported, none raised."""
    prefix = FRESH_PREFIX if request.options.fresh else ""
    consent = Consent(yes=request.yes, ask=ask, counting=request.counting)
    try:
        opened = wiring.open_run(
            task.spec, task.target, emit, world, prefix=prefix, wait=request.wait
        )
        with opened as run, reported(run):
            return apply(
                run,
                request.options,
                consent,
                task.prepared,
                cancel_on_interrupt=request.cancel_on_interrupt,
            )
    except FtrunnerError as error:
        return report(error)
    except KeyboardInterrupt as interrupt:  # while it waited for another process, for one
        return report(_stopped(task, interrupt))


def _stopped(task: ApplyTask, interrupt: KeyboardInterrupt) -> Interrupted:
    apply_again = task.target.command("apply", task.spec.path)
    status = task.target.command("status", task.spec.path)
    return Interrupted(
        "stopped",
        exit_code=exit_code(interrupt),
        hint=f"{apply_again} continues where this ended; {status} shows what is recorded",
    )
