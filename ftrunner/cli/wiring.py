"""The composition root: the only place where a transport, a disk or a clock is chosen.

What is known of a spec lives beside it (`stories.lock.json`), or, in a rehearsal, under
`.ftrunner/rehearsal/stories/`.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from ftrunner.api import retry
from ftrunner.api.client import Client
from ftrunner.api.recording import RecordingTransport
from ftrunner.api.transport import RequestsTransport
from ftrunner.cli.rehearsal import DUMMY_KEY, mock_provider
from ftrunner.clock import SystemClock
from ftrunner.engine.context import Run
from ftrunner.engine.evidence import Evidence, ignore_in_git
from ftrunner.engine.target import Target
from ftrunner.errors import InvalidInput
from ftrunner.events import Emit, Event, Noted, Retrying, UploadProgressed, as_document
from ftrunner.fsio import SystemDisk
from ftrunner.spec.model import Spec
from ftrunner.spec.pointing import point
from ftrunner.state.journal import Journal
from ftrunner.state.lockfile import SUFFIX, LockFile
from ftrunner.state.mutex import Holder, sole_writer

_EVIDENCE = ".ftrunner"


@dataclass(frozen=True, slots=True)
class Places:
    """Where a spec's state and evidence are."""

    root: Path
    lock: Path
    mutex: Path
    runs: tuple[str, ...]
    database: Path


def places(spec: Spec, target: Target) -> Places:
    """A rehearsal has a lock file and a database of its own; the real lock file is not touched."""
    root, stem = spec.folder / _EVIDENCE, spec.path.stem
    rehearsal = root / "rehearsal" / stem
    return Places(
        root=root,
        lock=(rehearsal if target.is_rehearsal else spec.folder) / f"{stem}{SUFFIX}",
        mutex=root / "mutex" / f"{stem}{'-rehearsal' if target.is_rehearsal else ''}.lock",
        runs=("rehearsal", stem, "runs") if target.is_rehearsal else ("runs", spec.name),
        database=rehearsal / "provider.sqlite",
    )


def journal(spec: Spec, target: Target) -> Journal:
    """The spec's record at `target`, for reading or writing."""
    lock = LockFile(places(spec, target).lock, name=spec.name, disk=SystemDisk())
    return Journal(lock, endpoint=target.endpoint, provider=target.profile.name)


@contextmanager
def opened(
    spec: Spec, target: Target, emit: Emit, *, prefix: str = "", wait: bool = True
) -> Iterator[Run]:
    """A run of `spec`, as the sole writer of its lock file until the block ends."""
    clock = SystemClock()
    place = places(spec, target)
    run_id = f"{prefix}{secrets.token_hex(8)}"
    evidence = Evidence(place.root, *place.runs, run_id)
    ignore_in_git(place.root)
    with ExitStack() as stack:
        stack.enter_context(
            sole_writer(place.mutex, now=clock.now(), wait=wait, on_wait=_tells(emit))
        )
        place.lock.parent.mkdir(parents=True, exist_ok=True)
        yield Run(
            id=run_id,
            spec=spec,
            target=target,
            journal=journal(spec, target),
            evidence=evidence,
            connect=lambda: _connect(stack, spec, target, evidence, emit),
            emit=_kept(emit, evidence),
            clock=clock,
            random=Random(),  # noqa: S311 - jitter, not a secret
        )


def _kept(emit: Emit, evidence: Evidence) -> Emit:
    """`emit`, with every event kept as evidence too."""

    def both(event: Event) -> None:
        if not isinstance(event, UploadProgressed):
            evidence.append("events.jsonl", as_document(event))
        emit(event)

    return both


def _connect(
    stack: ExitStack, spec: Spec, target: Target, evidence: Evidence, emit: Emit
) -> Client:
    if target.is_rehearsal:
        key: str | None = DUMMY_KEY
        base_url = stack.enter_context(mock_provider(places(spec, target).database))
    else:
        key, base_url = _key(spec, target), target.base_url
    transport = stack.enter_context(RequestsTransport())
    return Client(
        target.profile,
        base_url=base_url,
        transport=RecordingTransport(
            transport, lambda document: evidence.append("requests.jsonl", document)
        ),
        key=key,
        clock=SystemClock(),
        random=Random(),  # noqa: S311 - jitter, not a secret
        on_retry=_tells_retry(emit),
        extra_headers=spec.extra_headers,
    )


def _key(spec: Spec, target: Target) -> str | None:
    """The key, from the variable that the spec or the profile names."""
    variable = spec.api_key_env or target.profile.api_key_env
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise InvalidInput(
            [
                point(
                    spec,
                    ("api_key_env",),
                    code="FT322",
                    message=f"the variable {variable} is not set; it must hold the API key",
                    hint=f"export {variable}=..., or rehearse with --mock, which needs no key",
                )
            ]
        )
    return key


def _tells(emit: Emit) -> Callable[[Holder | None], None]:
    def tell(holder: Holder | None) -> None:
        who = f"process {holder.pid} on {holder.host}" if holder else "another process"
        emit(Noted(f"waiting: {who} is applying this spec"))

    return tell


def _tells_retry(emit: Emit) -> Callable[[retry.Retrying], None]:
    return lambda r: emit(Retrying(r.attempt, r.delay, r.reason))
