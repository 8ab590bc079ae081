"""Questions on a terminal: an answer, a refusal, and a person who leaves."""

from __future__ import annotations

from collections.abc import Callable
from io import StringIO
from typing import Any

import click
import pytest
from click.testing import CliRunner

from ftrunner.cli.commands.init import ask
from ftrunner.cli.options import confirmed
from ftrunner.engine.operations.first_spec import Open
from ftrunner.errors import ExitCode, Interrupted

BLANKS = (Open("model", "The base model."), Open("deployment.project", "The project's id."))


def answered(question: Callable[[], Any], typed: str) -> Any:
    """What `question` returns or raises if a person types this."""

    @click.command()
    def command() -> Any:
        return question()

    result = CliRunner().invoke(command, input=typed, standalone_mode=False)
    if result.exception:
        raise result.exception
    return result.return_value


@pytest.mark.parametrize(("typed", "agreed"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_a_question_is_answered(typed: str, agreed: bool) -> None:
    assert answered(lambda: confirmed("Pay?"), typed) is agreed


@pytest.mark.parametrize("question", [lambda: confirmed("Pay?"), lambda: ask(BLANKS)])
def test_leaving_a_question_says_that_nothing_happened(
    question: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", StringIO())  # the oldest runner of click answers it

    with pytest.raises(Interrupted, match="cancelled, nothing was created") as left:
        question()

    assert left.value.exit_code is ExitCode.INTERRUPTED


def test_enter_leaves_a_setting_open() -> None:
    assert answered(lambda: ask(BLANKS), "\n p-1 \n") == {"deployment.project": "p-1"}
