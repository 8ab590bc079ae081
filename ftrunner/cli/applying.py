"""Applying one spec: from its path to its exit code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from ftrunner.cli import loading, wiring
from ftrunner.cli.options import TargetOptions
from ftrunner.cli.world import World
from ftrunner.engine.adoption import FRESH_PREFIX
from ftrunner.engine.apply import apply
from ftrunner.engine.consent import Ask, Consent
from ftrunner.engine.estimate import priced
from ftrunner.engine.plan import Options
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.events import Emit

# Tells of an error and gives the exit code it stands for.
Tell = Callable[[FtrunnerError], ExitCode]


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asks of `apply` beyond the specs."""

    target: TargetOptions = field(default_factory=TargetOptions)
    options: Options = field(default_factory=Options)
    yes: bool = False
    wait: bool = True
    cancel_on_interrupt: bool = False


def apply_spec(
    path: Path, wish: Wish, world: World, emit: Emit, tell: Tell, ask: Ask | None = None
) -> ExitCode:
    """Apply the spec at `path` as `wish` says. Every FtrunnerError is told, none is raised."""
    try:
        spec = loading.load(path, wish.target, world.environment)
        target = loading.target(spec, wish.target)
        prefix = FRESH_PREFIX if wish.options.fresh else ""
        consent = Consent(partial(priced, spec, target), yes=wish.yes, ask=ask)
        with wiring.opened(spec, target, emit, world, prefix=prefix, wait=wish.wait) as run:
            return apply(run, wish.options, consent, cancel_on_interrupt=wish.cancel_on_interrupt)
    except FtrunnerError as error:
        return tell(error)
