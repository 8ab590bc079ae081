"""What a run says, without its secrets: events, findings, errors, and the traces of bugs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import msgspec

from ftrunner.api.redaction import Redactor
from ftrunner.errors import FtrunnerError, InvalidInput
from ftrunner.events import Event, names_of
from ftrunner.findings import Finding

_AT_HAND = "ftrunner_redactor"


def redact_event(event: Event, redactor: Redactor) -> Event:
    """`event` with every secret in its texts replaced, but in a field of names only the keys.

    Scripts read names and ids: what somebody took from the environment may be a part of them.
    """
    fields = msgspec.structs.asdict(event)
    names = names_of(type(event))
    shown = {
        name: redactor.names(value) if name in names else _redacted(value, redactor)
        for name, value in fields.items()
    }
    return event if shown == fields else msgspec.structs.replace(event, **shown)


@contextmanager
def redacting_errors(redactor: Redactor) -> Iterator[None]:
    """Every FtrunnerError that leaves the block has every secret in its words replaced.

    Other exceptions carry the redactor to where their trace is written.
    """
    try:
        yield
    except FtrunnerError as error:
        error.message = redactor.text(error.message)
        error.hint = error.hint and redactor.text(error.hint)
        error.args = (error.message,)
        if isinstance(error, InvalidInput):
            error.findings = _redacted(error.findings, redactor)
        raise
    except Exception as error:
        setattr(error, _AT_HAND, redactor)
        raise


def redactor_of(error: BaseException) -> Redactor:
    """The redactor of the run that `error` ended; outside of a run one that hides nothing."""
    found = getattr(error, _AT_HAND, None)
    return found if isinstance(found, Redactor) else Redactor()


def _redacted(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, tuple):
        return tuple(_redacted(item, redactor) for item in value)
    if isinstance(value, Event):
        return redact_event(value, redactor)
    if isinstance(value, Finding):
        hint = value.hint and redactor.text(value.hint)
        return replace(value, message=redactor.text(value.message), hint=hint)
    return redactor.json(value)
