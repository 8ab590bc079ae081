"""What a run tells, without what must not be seen: providers repeat what they were sent.

Only words are gone through. Names and ids stay as they are, also where they hold what somebody
took from the environment for a secret: scripts read them, and requests are made with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from ftrunner.api.redaction import redact, redact_within
from ftrunner.errors import FtrunnerError, InvalidInput
from ftrunner.events import Event
from ftrunner.findings import Finding

Secrets = tuple[str, ...]

_WORDS = frozenset(
    {
        "answer", "checks", "data", "expected", "findings", "message", "metrics", "question",
        "reason", "status", "why",
    }
)  # fmt: skip


def redact_event(event: Event, secrets: Secrets) -> Event:
    """`event` with every secret in its words replaced."""
    names: tuple[str, ...] = event.__match_args__
    words = {name: getattr(event, name) for name in names if name in _WORDS}
    told = {name: _redacted(value, secrets) for name, value in words.items()}
    return event if told == words else replace(event, **told)


@contextmanager
def redacting_errors(secrets: Secrets) -> Iterator[None]:
    """Every FtrunnerError that leaves the block has every secret in its message replaced."""
    try:
        yield
    except FtrunnerError as error:
        error.message = redact(error.message, secrets)
        error.args = (error.message,)
        if isinstance(error, InvalidInput):
            error.findings = _redacted(error.findings, secrets)
        raise


def _redacted(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, tuple):
        return tuple(_redacted(item, secrets) for item in value)
    if isinstance(value, Event):
        return redact_event(value, secrets)
    if isinstance(value, Finding):
        return replace(value, message=redact(value.message, secrets))
    return redact_within(value, secrets)
