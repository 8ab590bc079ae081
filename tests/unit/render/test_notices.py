"""Every event is put into words, or drawn, or meant for programs only."""

from __future__ import annotations

import io
import typing
from collections.abc import Iterator
from typing import Any

import pytest

from ftrunner import events
from ftrunner.clock import SystemClock
from ftrunner.render.run.board import Board
from ftrunner.render.run.live import console_of
from ftrunner.render.run.notices import Notice, notices
from ftrunner.render.run.terminal import Terminal

TEXT = "word"
# Fields whose values are from a closed set.
CHOICES: dict[tuple[type[events.Event], str], tuple[Any, ...]] = {
    (events.AdoptionLimited, "lacks"): ("job_listing", "metadata"),
    (events.JobCancelled, "why"): ("requested", "duplicate", "former_inputs"),
    (events.JobNotCancelled, "why"): ("duplicate", "former_inputs"),
    (events.JobLeftRunning, "why"): ("stopped", "replaced"),
    (events.DuplicatesKept, "why"): ("unmarked", "succeeded"),
    (events.StepStarted, "step"): ("train",),
    (events.StillWaiting, "seconds"): (600.0,),
    (events.SetMeasured, "who"): ("tuned", "base"),
    (events.GateJudged, "result"): ("passed", "failed", "undecided", "skipped"),
}
# A cancellation on request is reported by the command that requested it.
SILENT = events.JobCancelled(TEXT, "requested")
PROGRAMS_ONLY = (events.UploadProgressed, events.AskingProgressed, events.ModelNotDescribed)
# With several runs at once: each is in the table at the end, or of interest for one run alone.
ONE_RUN_ONLY = (
    *(events.RunStarted, events.DatasetPrepared, events.JobMessage, events.JobSucceeded),
    *(events.MetricsReported, events.StillWaiting, events.TestsFinished),
)
# Drawn from tables; other tests hold what is shown.
TABLES = (events.FindingsReported, events.DatasetCompared)


def kinds() -> list[type[events.Event]]:
    found = [getattr(events, name) for name in events.__all__]
    return [
        kind
        for kind in found
        if isinstance(kind, type)
        and issubclass(kind, events.Event)
        and kind
        not in (events.Event, events.Checked, events.RowChanged, events.SliceCompared, *TABLES)
    ]


def value(hint: Any) -> Any:
    if hint is str:
        return TEXT
    if hint in (int, float, bool):
        return hint(1)
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) is tuple:
        return (value(arguments[0]),) if arguments[0] is str else ()
    return value(arguments[0]) if type(None) in arguments else {}


def samples(kind: type[events.Event]) -> Iterator[events.Event]:
    hints = typing.get_type_hints(kind)
    sample = {name: value(hints[name]) for name in kind.__struct_fields__}
    closed = [(name, options) for (owner, name), options in CHOICES.items() if owner is kind]
    for name, options in closed:
        for option in options:
            yield kind(**{**sample, name: option})
    if not closed:
        yield kind(**sample)


EVERY = [sample for kind in kinds() for sample in samples(kind)]


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.kind)
def test_the_terminal_shows_every_event(event: events.Event) -> None:
    stream = io.StringIO()

    Terminal(console_of(stream), SystemClock())(event)

    is_silent = isinstance(event, PROGRAMS_ONLY) or event == SILENT
    assert_shown(event, stream, is_silent, "words: see notices.py and terminal.py")


@pytest.mark.parametrize("event", EVERY, ids=lambda event: event.kind)
def test_so_does_the_board_of_several_runs(event: events.Event) -> None:
    stream = io.StringIO()

    Board(console_of(stream), ["a.yaml"]).lane("a.yaml")(event)

    for_programs = set(PROGRAMS_ONLY) - {events.AskingProgressed}
    is_silent = isinstance(event, (*for_programs, *ONE_RUN_ONLY)) or event == SILENT
    assert_shown(event, stream, is_silent, "headline: see notices.py and board.py")


def assert_shown(event: events.Event, stream: io.StringIO, is_silent: bool, lacks: str) -> None:
    shown = stream.getvalue()
    assert shown or is_silent, f"{event.kind} has no {lacks}"
    assert not shown or not is_silent, f"{event.kind} is for programs only, and reads {shown!r}"


def test_why_a_job_is_adopted_is_said_once() -> None:
    stream = io.StringIO()
    show = Terminal(console_of(stream), SystemClock())

    show(events.StepStarted("train", "adopt", "ftjob-1 has the same inputs"))
    show(events.JobAdopted("ftjob-1", "running", "it has the same inputs"))

    assert stream.getvalue().splitlines() == [
        "3 train    adopt: ftjob-1 has the same inputs",
        "           following ftjob-1",
    ]


@pytest.mark.parametrize(
    ("event", "given"),
    [
        (
            events.PriceQuoted("X", 2.0, 1_000, None, allowed=False, limit=1.0),
            (
                Notice("X estimates $2.00 for 1,000 tokens"),
                Notice(
                    "the account's limit of $1.00 does not cover that; the job may fail", "warning"
                ),
            ),
        ),
        (
            events.PriceQuoted("X", None, None, "busy", allowed=None, limit=None),
            (Notice("X gives no price estimate: busy", "warning"),),
        ),
        (
            events.DeploymentFound("deployment", "d", unconfirmed=True),
            (Notice("found the deployment d, whose creation was never confirmed"),),
        ),
        (
            events.FileDeleted("file-1", existed=False),
            (Notice("file-1 was already deleted"),),
        ),
        (
            events.JobUnconfirmed(9.0, command="`ftrunner apply a.yaml`"),
            (Notice("an unconfirmed job may still appear; `ftrunner apply a.yaml` finds it"),),
        ),
        (events.Noted("as it is", level="error"), (Notice("as it is", "error"),)),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_what_an_event_reads_like(event: events.Event, given: tuple[Notice, ...]) -> None:
    assert notices(event) == given
