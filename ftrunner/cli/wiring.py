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

from ftrunner.api.client import Client
from ftrunner.api.http.exchange import Transport
from ftrunner.api.http.holding import HoldingTransport
from ftrunner.api.http.recording import RecordingTransport
from ftrunner.api.redaction import Redactor
from ftrunner.cli import loading
from ftrunner.cli.rehearsal import DUMMY_KEY, mock_provider
from ftrunner.cli.state_paths import EVIDENCE, StatePaths, lock_file, places
from ftrunner.clock import Clock, SystemClock
from ftrunner.engine.context import Run
from ftrunner.engine.report.origin import keep_origin
from ftrunner.engine.run_log import EVENTS, HINT, RunLog, ignore_in_git
from ftrunner.engine.secrecy import redact_event, redacting_errors
from ftrunner.engine.target import Target
from ftrunner.errors import ExitCode, FtrunnerError, InvalidInput
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
from ftrunner.state.os_errors import explained


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
def opened(
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
    with ExitStack() as stack, redacting_errors(_redactor(spec, target, world)):
        stack.enter_context(
            sole_writer(place.mutex, clock=world.clock, wait=wait, on_wait=_tells(emit))
        )
        _make_ready(place, target)
        yield _run(stack, spec, target, emit, world, prefix)


@contextmanager
def asking(target: Target, folder: Path, emit: Emit, world: World) -> Iterator[Client]:
    """The provider, for what belongs to no spec; what is said is kept below `folder`.

    Raises MissingKey.
    """
    key = _held(target.profile.api_key_env, world)
    if target.profile.api_key_env and not key:
        raise MissingKey(target.profile.api_key_env)
    evidence = RunLog(folder / EVIDENCE, "runs", "import", secrets.token_hex(8), disk=world.disk)
    redactor = _hiding(world, key, target)
    with ExitStack() as stack, redacting_errors(redactor):
        kept = _kept(emit, evidence, redactor, world)
        yield _client(
            stack,
            target,
            evidence,
            kept,
            world,
            key=key,
            base_url=target.base_url,
            redactor=redactor,
        )


@contextmanager
def _elsewhere(
    spec: Spec, target: Target, emit: Emit, world: World, opponent: Opponent
) -> Iterator[Run]:
    """A run that asks a model which `spec` is compared with, at another place."""
    there, at = loading.opponent(spec, target, opponent)
    with beside(there, at, emit, world) as run:
        yield run


@contextmanager
def beside(spec: Spec, target: Target, emit: Emit, world: World) -> Iterator[Run]:
    """A run that may ask the provider and must record nothing: another process is the writer."""
    with ExitStack() as stack, redacting_errors(_redactor(spec, target, world)):
        yield _run(stack, spec, target, emit, world)


def _run(
    stack: ExitStack, spec: Spec, target: Target, emit: Emit, world: World, prefix: str = ""
) -> Run:
    place = places(spec, target)
    run_id = f"{prefix}{secrets.token_hex(8)}"
    evidence = RunLog(
        place.root,
        *place.runs,
        run_id,
        disk=world.disk,
        on_begin=lambda log: keep_origin(log, spec, world.clock.now()),
    )
    redactor = _redactor(spec, target, world)
    kept = _kept(emit, evidence, redactor, world)
    return Run(
        id=run_id,
        spec=spec,
        target=target,
        journal=journal(spec, target, world.disk),
        evidence=evidence,
        answers=place.answers,
        connect=lambda: _connect(stack, spec, target, evidence, kept, world),
        emit=kept,
        clock=world.clock,
        random=world.random,
        redactor=redactor,
        elsewhere=partial(_elsewhere, spec, target, emit, world),
    )


def _make_ready(place: StatePaths, target: Target) -> None:
    """A scenario starts over each time; what killed writers left is removed."""
    with explained(place.lock, hint=HINT):
        if target.scenario is not None:
            shutil.rmtree(place.rehearsal, ignore_errors=True)
        place.lock.parent.mkdir(parents=True, exist_ok=True)
        remove_leftovers(place.lock)


def _kept(emit: Emit, evidence: RunLog, redactor: Redactor, world: World) -> Emit:
    """`emit`, with every event and its time kept as evidence too, and what is hidden in neither."""

    one_at_a_time = Lock()  # several threads ask, and renderers are for one

    def both(event: Event) -> None:
        event = redact_event(event, redactor)
        with one_at_a_time:
            if not isinstance(event, UploadProgressed | AskingProgressed):
                evidence.append(EVENTS, {**as_document(event), "at": world.clock.now()})
            emit(event)

    return both


def _connect(
    stack: ExitStack, spec: Spec, target: Target, evidence: RunLog, emit: Emit, world: World
) -> Client:
    if target.is_rehearsal:
        key: str | None = DUMMY_KEY
        provider = mock_provider(
            places(spec, target).database,
            target.scenario,
            target.profile.name,
            spec.model_name,
        )
        base_url = stack.enter_context(provider)
    else:
        key, base_url = _key(spec, target, world), target.base_url
    return _client(
        stack,
        target,
        evidence,
        emit,
        world,
        key=key,
        base_url=base_url,
        extra_headers=spec.extra_headers,
        redactor=_redactor(spec, target, world),
    )


def _client(
    stack: ExitStack,
    target: Target,
    evidence: RunLog,
    emit: Emit,
    world: World,
    *,
    key: str | None,
    base_url: str,
    redactor: Redactor,
    extra_headers: Mapping[str, str] | None = None,
) -> Client:
    """The provider at `base_url`, until the stack is closed."""
    token = DUMMY_KEY if target.is_rehearsal else _held(target.profile.serving.key_env, world)
    stack.callback(evidence.close)
    evidence.begin()
    transport = stack.enter_context(world.transport())
    return Client(
        target.profile,
        base_url=base_url,
        transport=RecordingTransport(
            HoldingTransport(transport, world.clock),
            lambda document: evidence.append("requests.jsonl", document),
            world.clock,
            redactor=redactor,
        ),
        key=key,
        clock=world.clock,
        random=world.random,
        on_retry=emit,
        extra_headers=extra_headers,
        allow_insecure=target.allow_insecure,
        token=token,
        redactor=redactor,
    )


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
    return f"the variable {variable} is not set; it must hold the API key"


def _tells(emit: Emit) -> Callable[[Holder | None], None]:
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
