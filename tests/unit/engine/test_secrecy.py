"""Words lose what must not be seen; names and ids that scripts read stay whole."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from ftrunner import events
from ftrunner.api.redaction import Redactor
from ftrunner.engine.secrecy import redact_event, redacting_errors
from ftrunner.errors import InvalidInput, RunFailed
from ftrunner.events import (
    AnswerGiven,
    Checked,
    Event,
    FindingsReported,
    JobMessage,
    MetricsReported,
    Name,
    Noted,
    RunFinished,
    as_document,
    names_of,
)
from ftrunner.findings import Finding, Location

SECRET = "wandb-value-4711"
FINDING = Finding("FT201", f"no {SECRET}", Location("a.yaml"))


KINDS = [one for one in vars(events).values() if isinstance(one, type) and issubclass(one, Event)]
KINDS.remove(Event)


def filled(hint: Any, name: str) -> Any:
    """A value of this type with the secret in each of its texts, and `name` for each name."""
    origin, inner = get_origin(hint), get_args(hint)
    if hint == Name:
        return name
    if origin in (Union, types.UnionType):
        return filled(inner[0], name)
    if origin is tuple:
        return (filled(inner[0], name),)
    if origin is Mapping:
        return {filled(inner[0], name): filled(inner[1], name)}
    if isinstance(hint, type) and issubclass(hint, Event):
        return full_event(hint, name)
    texts = {Finding: FINDING, str: f"a {SECRET}", Any: [{"k": SECRET}]}
    return texts[hint] if hint in texts else hint(1)


def full_event(kind: type[Event], name: str) -> Event:
    hints = get_type_hints(kind, include_extras=True)
    return kind(**{field: filled(hints[field], name) for field in kind.__struct_fields__})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_every_text_of_every_event_loses_it_unless_declared_a_name(kind: type[Event]) -> None:
    shown = redact_event(full_event(kind, name="ft:model"), Redactor(others=[SECRET]))

    assert SECRET not in str(as_document(shown))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.kind)
def test_a_name_loses_only_keys(kind: type[Event]) -> None:
    event = full_event(kind, name=f"a {SECRET}")
    declared = names_of(kind)

    by_a_value = redact_event(event, Redactor(others=[SECRET]))
    by_a_key = redact_event(event, Redactor(keys=[SECRET]))

    assert all(getattr(by_a_value, field) == getattr(event, field) for field in declared)
    assert SECRET not in str(as_document(by_a_key))


@pytest.mark.parametrize(
    "event",
    [
        Noted(f"a {SECRET}"),
        JobMessage(0.0, "info", SECRET, {"headers": [{"key": SECRET}]}),
        MetricsReported(0.0, 1, 2, 0.5, None, {SECRET: SECRET}),
        FindingsReported((FINDING,)),
        AnswerGiven("p", SECRET, SECRET, 1, 1, True, (Checked(SECRET, True, SECRET),)),
    ],
    ids=lambda event: event.kind,
)
def test_the_words_of_an_event_lose_it(event: Event) -> None:
    assert SECRET not in str(as_document(redact_event(event, Redactor(others=[SECRET]))))
    assert redact_event(event, Redactor()) == event


def test_names_stay_whole() -> None:
    finished = RunFinished("done", f"ft:model:{SECRET}")

    assert redact_event(finished, Redactor(others=[SECRET])) == finished


@pytest.mark.parametrize(
    "error", [RunFailed(f"why {SECRET}", code="FT350"), InvalidInput([FINDING, FINDING])]
)
def test_an_error_loses_it_on_its_way_out(error: RunFailed | InvalidInput) -> None:
    with pytest.raises(type(error)), redacting_errors(Redactor(others=[SECRET])):
        raise error

    reported = [error.message, *getattr(error, "findings", ())]
    assert SECRET not in str(reported)
    assert "[redacted]" in str(reported)
