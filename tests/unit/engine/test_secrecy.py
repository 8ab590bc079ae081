"""Words lose what must not be seen; names and ids that scripts read stay whole."""

from __future__ import annotations

import pytest

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
    Noted,
    RunFinished,
    as_document,
)
from ftrunner.findings import Finding, Location

SECRET = "wandb-value-4711"
FINDING = Finding("FT201", f"no {SECRET}", Location("a.yaml"))


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
