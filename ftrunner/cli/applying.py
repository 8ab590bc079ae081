"""Applying one spec: from its path to its exit code."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ftrunner.cli import loading, wiring
from ftrunner.cli.options import TargetOptions
from ftrunner.cli.world import World
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.checks.consent import Ask, Consent
from ftrunner.engine.checks.estimate import priced
from ftrunner.engine.jobs.adoption import FRESH_PREFIX
from ftrunner.engine.jobs.interruption import exit_code
from ftrunner.engine.operations.apply import apply
from ftrunner.engine.plan import Options
from ftrunner.engine.steps.prepare import prepare
from ftrunner.engine.target import Target
from ftrunner.errors import ExitCode, FtrunnerError, Interrupted
from ftrunner.events import Emit
from ftrunner.spec.model import Spec

# Tells of an error and gives the exit code it stands for.
Tell = Callable[[FtrunnerError], ExitCode]


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
class Task:
    """A spec that could be read, and where it is to be applied."""

    spec: Spec
    target: Target


class NotStarted(FtrunnerError):
    """A spec that could be applied, and was not for the sake of others."""

    exit_code = ExitCode.INVALID

    def __init__(self, invalid: Collection[Path]) -> None:
        named = f"{' and '.join(map(str, invalid))} {'is' if len(invalid) == 1 else 'are'} invalid"
        hint = "correct that first, or leave it out: nothing is sent before every spec is valid"
        super().__init__(f"not started: {named}", code="FT361", hint=hint)


def read_task(path: Path, wish: ApplyRequest, world: World) -> Task:
    """Raises FtrunnerError for a spec, or an address, that cannot be used."""
    spec = loading.load(path, wish.target, world.environment)
    return Task(spec, loading.target(spec, wish.target))


def read_tasks(
    paths: Sequence[Path],
    wish: ApplyRequest,
    world: World,
    tell: Callable[[Path, FtrunnerError], ExitCode],
) -> tuple[list[Task], list[ExitCode]]:
    """All specs, checked with their data before anything of any is sent. Where one is refused there
    are none, and `tell` has told it of each and why; then there are the exit codes.

    The data of one by itself is checked when it is applied.
    """
    tasks, refused = [], {}
    for path in paths:
        try:
            task = read_task(path, wish, world)
            if len(paths) > 1:
                prepare(task.spec, task.target)
            tasks.append(task)
        except FtrunnerError as error:
            refused[path] = tell(path, error)
    if not refused:
        return tasks, []
    others = [tell(path, NotStarted(refused)) for path in paths if path not in refused]
    return [], [*refused.values(), *others]


def apply_task(
    task: Task, wish: ApplyRequest, world: World, emit: Emit, tell: Tell, ask: Ask | None = None
) -> ExitCode:
    """Apply `task` as `wish` says. Every FtrunnerError and every interrupt is told, none raised."""
    prefix = FRESH_PREFIX if wish.options.fresh else ""
    price = partial(priced, task.spec, task.target, wish.counting)
    try:
        with wiring.opened(
            task.spec, task.target, emit, world, prefix=prefix, wait=wish.wait
        ) as run:
            return apply(
                run,
                wish.options,
                Consent(price, yes=wish.yes, ask=ask),
                cancel_on_interrupt=wish.cancel_on_interrupt,
            )
    except FtrunnerError as error:
        return tell(error)
    except KeyboardInterrupt as interrupt:  # while it waited for another process, for one
        return tell(_stopped(task, interrupt))


def _stopped(task: Task, interrupt: KeyboardInterrupt) -> Interrupted:
    apply_again = task.target.command("apply", task.spec.path)
    status = task.target.command("status", task.spec.path)
    return Interrupted(
        "stopped",
        exit_code=exit_code(interrupt),
        hint=f"{apply_again} goes on where this ended, {status} shows what there is",
    )
