"""The composition root: what a run is put together from."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from threading import Lock

from ftrunner.api.client import Client, Connection
from ftrunner.api.http.exchange import Transport
from ftrunner.api.http.recording import RecordingTransport
from ftrunner.api.redaction import Redactor, added_secrets
from ftrunner.cli import loading
from ftrunner.cli.rehearsal import DUMMY_KEY, mock_provider
from ftrunner.cli.state_paths import STATE_FOLDER, StatePaths, lock_file, places
from ftrunner.clock import Clock, SystemClock
from ftrunner.engine.context import Run
from ftrunner.engine.report.origin import keep_origin
from ftrunner.engine.run_log import EVENTS, HINT, RunLog, encoded, ignore_in_git
from ftrunner.engine.secrecy import redact_event, redacting_errors
from ftrunner.engine.target import Target
from ftrunner.engine.waiting import Schedules
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput, explained
from ftrunner.events import (
    AskingProgressed,
    Emit,
    Event,
    UploadProgressed,
    WaitingForProcess,
    as_document,
)
from ftrunner.fsio import Disk, SystemDisk, remove_leftovers
from ftrunner.spec.model import Spec, point
from ftrunner.spec.testing import Opponent
from ftrunner.state.journal import Journal
from ftrunner.state.mutex import Holder, sole_writer


class MissingKey(FtrunnerError):
    """The environment does not have the key, and no spec says where it should be."""

    exit_code = ExitCode.INVALID

    def __init__(self, variable: str) -> None:
        super().__init__(_unset(variable), code="FT322", hint=f"export {variable}=...")


def journal(spec: Spec, target: Target, disk: Disk) -> Journal:
    """The writer of the spec's record at `target`."""
    lock = lock_file(spec, target, disk)
    return Journal(lock, endpoint=target.endpoint, provider=target.profile.name)


@contextmanager
def open_run(
    spec: Spec,
    target: Target,
    emit: Emit,
    world: World,
    *,
    prefix: str = "",
    wait: bool = True,
) -> Iterator[Run]:
    """A run of `spec`, as the sole writer of its lock file until the block ends.

    Raises AtWork with `wait=False` where another process is.
    """
    place = places(spec, target)
    ignore_in_git(place.root)
    redactor = _redactor(spec, target, world)
    with ExitStack() as stack, redacting_errors(redactor):
        stack.enter_context(
            sole_writer(place.mutex, clock=world.clock, wait=wait, on_wait=_reports(emit))
        )
        _make_ready(place, target)
        log = _run_log(spec, place, world, prefix)
        yield _run(spec, place, Runtime(target, world, stack, log, redactor, emit))


@contextmanager
def open_client(target: Target, folder: Path, emit: Emit, world: World) -> Iterator[Client]:
    """The provider, for what belongs to no spec; what is said is kept below `folder`.

    Raises MissingKey.
    """
    key = _held(target.profile.api_key_env, world)
    if target.profile.api_key_env and not key:
        raise MissingKey(target.profile.api_key_env)
    log = RunLog(folder / STATE_FOLDER, "runs", "import", secrets.token_hex(8), disk=world.disk)
    redactor = _hiding(world, key, target)
    with ExitStack() as stack, redacting_errors(redactor):
        yield Runtime(target, world, stack, log, redactor, emit).client(key, target.base_url)


@contextmanager
def _elsewhere(
    spec: Spec, target: Target, emit: Emit, world: World, opponent: Opponent
) -> Iterator[Run]:
    """A run that asks a model which `spec` is compared with, at another place."""
    there, at = loading.opponent(spec, target, opponent)
    with open_readonly(there, at, emit, world) as run:
        yield run


@contextmanager
def open_readonly(spec: Spec, target: Target, emit: Emit, world: World) -> Iterator[Run]:
    """A run that may ask the provider and must record nothing: another process is the writer."""
    redactor = _redactor(spec, target, world)
    with ExitStack() as stack, redacting_errors(redactor):
        place = places(spec, target)
        log = _run_log(spec, place, world)
        yield _run(spec, place, Runtime(target, world, stack, log, redactor, emit))


def _run_log(spec: Spec, place: StatePaths, world: World, prefix: str = "") -> RunLog:
    """What the run will leave; its folder has the run's id for a name."""
    return RunLog(
        place.root,
        *place.runs,
        f"{prefix}{secrets.token_hex(8)}",
        disk=world.disk,
        on_begin=lambda log: keep_origin(log, spec, world.clock.now()),
    )


def _run(spec: Spec, place: StatePaths, runtime: Runtime) -> Run:
    target, world = runtime.target, runtime.world
    return Run(
        id=runtime.log.folder.name,
        spec=spec,
        target=target,
        journal=journal(spec, target, world.disk),
        log=runtime.log,
        answers=place.answers,
        connect=partial(_connect, spec, runtime),
        emit=runtime.emit,
        clock=world.clock,
        random=world.random,
        redactor=runtime.redactor,
        schedules=world.schedules.in_rehearsal() if target.is_rehearsal else world.schedules,
        elsewhere=partial(_elsewhere, spec, target, runtime.show, world),
    )


def _make_ready(place: StatePaths, target: Target) -> None:
    """A scenario starts over each time; what killed writers left is removed."""
    with explained(place.lock, hint=HINT):
        if target.scenario is not None:
            shutil.rmtree(place.rehearsal, ignore_errors=True)
        place.lock.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(place.lock)


def _connect(spec: Spec, runtime: Runtime) -> Client:
    target = runtime.target
    if not target.is_rehearsal:
        key = _key(spec, target, runtime.world)
        return runtime.client(key, target.base_url, spec.extra_headers)
    database = places(spec, target).database
    mock = mock_provider(database, target.scenario, target.profile.name, spec.model_name)
    return runtime.client(DUMMY_KEY, runtime.stack.enter_context(mock), spec.extra_headers)


def _key(spec: Spec, target: Target, world: World) -> str | None:
    """The key, from the variable that the spec or the profile names."""
    variable = spec.api_key_env or target.profile.api_key_env
    if variable is None:
        return None
    key = _held(variable, world)
    if key is None:
        raise InvalidInput(
            [
                point(
                    spec,
                    ("api_key_env" if spec.api_key_env else "provider",),
                    code="FT322",
                    message=_unset(variable),
                    hint=f"export {variable}=..., or rehearse with --mock, which needs no key",
                )
            ]
        )
    return key


def _redactor(spec: Spec, target: Target, world: World) -> Redactor:
    """What hides what nothing that a run of `spec` leaves or says may show."""
    key = _held(spec.api_key_env or target.profile.api_key_env, world)
    return _hiding(world, key, target, *spec.secrets)


def _hiding(world: World, key: str | None, target: Target, *others: str) -> Redactor:
    return Redactor([key, _held(target.profile.serving.key_env, world)], others)


def _held(variable: str | None, world: World) -> str | None:
    """What the environment has in `variable`."""
    return world.environment.get(variable or "", "").strip() or None


def _unset(variable: str) -> str:
    return f"the variable {variable} is not set, or empty; it must hold the API key"


def _reports(emit: Emit) -> Callable[[Holder | None], None]:
    return lambda holder: emit(WaitingForProcess(str(holder) if holder else None))


def network() -> AbstractContextManager[Transport]:
    """The real network; its library takes longer to load than a command that only reads runs."""
    from ftrunner.api.http.transport import RequestsTransport  # noqa: PLC0415

    return RequestsTransport()


@dataclass(frozen=True, slots=True)
class World:
    """The real one by default; a test puts other parts in."""

    clock: Clock = field(default_factory=SystemClock)
    disk: Disk = field(default_factory=SystemDisk)
    transport: Callable[[], AbstractContextManager[Transport]] = network
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    random: Random = field(default_factory=Random)
    schedules: Schedules = field(default_factory=Schedules)


_PASSING = (UploadProgressed, AskingProgressed)  # shown, and not kept


@dataclass(frozen=True, slots=True)
class Runtime:
    """What one run uses, each part made once; `stack` closes what it opens."""

    target: Target
    world: World
    stack: ExitStack
    log: RunLog
    redactor: Redactor
    show: Emit
    _one_at_a_time: Lock = field(default_factory=Lock)  # several threads ask; renderers are for one

    def emit(self, event: Event) -> None:
        """Show the event and keep it with its time, redacted in both."""
        line = self._line(event)
        if not self.redactor.is_clean(line):
            event = redact_event(event, self.redactor)
            line = self._line(event)
        with self._one_at_a_time:
            if not isinstance(event, _PASSING):
                self.log.append_line(EVENTS, line)
            self.show(event)

    def _line(self, event: Event) -> bytes:
        return encoded({**as_document(event), "at": self.world.clock.now()})

    def client(
        self, key: str | None, base_url: str, extra_headers: Mapping[str, str] | None = None
    ) -> Client:
        """The provider at `base_url`, until the stack is closed."""
        target, world = self.target, self.world
        key_env = target.profile.serving.key_env
        self.stack.callback(self.log.close)
        self.log.begin()
        transport = RecordingTransport(
            self.stack.enter_context(world.transport()),
            partial(self.log.append, "requests.jsonl"),
            world.clock,
            redactor=self.redactor.plus((key, *added_secrets(extra_headers or {}))),
        )
        connection = Connection(
            base_url=base_url,
            transport=transport,
            key=key,
            clock=world.clock,
            random=world.random,
            on_retry=self.emit,
            extra_headers=extra_headers or {},
            allow_insecure=target.allow_insecure,
            token=DUMMY_KEY if target.is_rehearsal else _held(key_env, world),
        )
        return Client(target.profile, connection, self.redactor)
