"""A run in a GitHub job's log: what was given never is a workflow command."""

from __future__ import annotations

from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner import events as e
from ftrunner.clock import SystemClock
from ftrunner.render.run.github import one_run

COMMANDS = [
    "::set-env name=A::b",
    "  ::stop-commands::x",
    "\u3000::error::x",
    "##[add-path]x",
    "a ##[x",
]


def log_of(*events: e.Event) -> str:
    stream = StringIO()
    with one_run(stream, SystemClock(), verbose=False) as emit:
        for event in events:
            emit(event)
    return stream.getvalue()


def answered(text: str) -> e.AnswerGiven:
    checks = (e.Checked(text, passed=False, why=text),)
    return e.AnswerGiven(text, text, text, 1, 1, passed=False, checks=checks)


def is_command(line: str) -> bool:
    """Whether a runner takes the line for one, as it is now and as it was written once."""
    return line.lstrip().startswith("::") or "##[" in line


@pytest.mark.parametrize("text", COMMANDS)
def test_what_a_model_wrote_never_is_a_command(text: str) -> None:
    log = log_of(answered(text), answered(f"first line\n{text}"), e.JobMessage(None, "info", text))

    assert [line for line in log.splitlines() if is_command(line) and line[:8] != "::error "] == []


@given(text=st.text(alphabet="#[: \n\r\tax\u2060\u3000:"))
def test_any_answer_adds_one_annotation(text: str) -> None:
    log = log_of(answered(text))

    assert len([line for line in log.split("\n") if is_command(line)]) == 1


def test_a_group_is_closed_where_a_run_breaks_off() -> None:
    stream = StringIO()
    shown = one_run(stream, SystemClock(), verbose=False)
    shown.__enter__()(e.StepStarted("train", "run", "no job yet"))

    error = RuntimeError()
    assert not shown.__exit__(RuntimeError, error, None)

    assert stream.getvalue().splitlines()[0] == "::group::train: run, no job yet"
    assert stream.getvalue().endswith("::endgroup::\n")
