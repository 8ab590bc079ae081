"""The live line: what is done, how far it is, how long it took and may take."""

from __future__ import annotations

import errno
import io
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ftrunner import events as e
from ftrunner.render.fold import width
from ftrunner.render.run.board import Board
from ftrunner.render.run.live import Meanwhile, console_of
from ftrunner.render.run.progress import NowAndThen, Progress, about, brief
from ftrunner.render.run.terminal import Terminal
from ftrunner.render.run.training import Milestones
from tests.kit.screen import Screen
from tests.unit.api.fakes import FakeClock

HOUR = 3600.0


def status(status: str, state: str, finish: float | None = None) -> e.JobStatusChanged:
    return e.JobStatusChanged("ftjob-1", status, state, finish)


def step(number: int | None, total: int | None, loss: float | None, at: float | None = None) -> Any:
    return e.MetricsReported(at, number, total, loss, None, {})


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0s"), (59.9, "59s"), (252, "4m12s"), (3600, "1h00m"), (90061, "1d01h"), (-3, "0s")],
)
def test_durations_are_short(seconds: float, shown: str) -> None:
    assert brief(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (3, "about 10s left"),
        (44, "about 40s left"),
        (540, "about 9m left"),
        (571, "about 10m left"),
        (7260, "about 2h01m left"),
    ],
)
def test_estimates_are_coarse(seconds: float, shown: str) -> None:
    assert about(seconds) == shown


def test_training_shows_steps_loss_clock_and_time_left() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(status("running", "running"))
    for number in range(1, 32):
        clock.sleep(8)
        progress(step(number, 100, 3.0 - number * 0.05))

    clock.sleep(4)

    assert progress.line(120) == "training 31/100 · loss 1.45 █▇▆▅▄▃▂▁ · 4m12s · about 9m left"


def test_the_provider_s_estimate_goes_first() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(status("running", "running", clock.now() + 2 * HOUR))
    progress(step(1, 100, 3.0))
    clock.sleep(10)
    progress(step(2, 100, 2.0))

    assert progress.line(120).endswith("10s · about 2h00m left")
    progress(e.StillWaiting("ftjob-1", "running", 60.0, clock.now() + 600))
    assert progress.line(120).endswith("10s · about 10m left")
    progress(e.StillWaiting("ftjob-1", "running", 60.0, clock.now() - 600))  # it is late
    assert progress.line(120).endswith("10s · about 16m left")


def test_a_job_that_is_taken_up_again_counts_from_its_first_step() -> None:
    """All its steps arrive at once, with the times at which they were."""
    clock = FakeClock()
    progress = Progress(clock)
    progress(status("running", "running"))
    for number in range(1, 51):
        progress(step(number, 100, 1.0, at=1e9 + number * 60))

    assert "49m00s · about 50m left" in progress.line(120)


@pytest.mark.parametrize(
    ("events", "line"),
    [
        ([status("validating_files", "waiting")], "validating files · 0s"),
        ([status("queued", "waiting")], "queued · 0s"),
        ([status("蓝鲸\x1b[31m", "unknown")], "蓝鲸�[31m · 0s"),
        ([e.FileProcessing("file-1")], "processing file-1 · 0s"),
        ([e.DeploymentCreated("deployment", "d-1")], "deployment starting · 0s"),
        ([e.DeploymentStatusChanged("endpoint", "d-1", None)], "endpoint not visible yet · 0s"),
        ([status("running", "running"), step(7, None, 0.5)], "training step 7 · loss 0.5 · 0s"),
        ([status("running", "running"), status("succeeded", "succeeded")], ""),
        ([e.UploadProgressed("train", 1, 2), e.FileUploaded("train", "a", "file-1")], ""),
        ([e.StepStarted("train", "run", "why")], ""),
    ],
)
def test_each_activity_has_its_words(events: list[e.Event], line: str) -> None:
    progress = Progress(FakeClock())
    for event in events:
        progress(event)

    assert progress.line(100) == line
    assert progress.is_active == bool(line)


def test_what_is_counted_has_a_bar() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(e.UploadProgressed("train", 0, 40_000_000))
    clock.sleep(5)
    progress(e.UploadProgressed("train", 10_000_000, 40_000_000))

    assert progress.line(120) == (
        "uploading train ━━━━━─────────────── 10.0/40.0 MB · 5s · about 20s left"
    )


def test_asking_has_a_bar_that_counts_from_what_was_stored() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(e.AskingProgressed("held out", "tuned", "m", 1000, 2000, 900, 1000, 0, 0.0))
    clock.sleep(60)
    progress(e.AskingProgressed("held out", "tuned", "m", 1500, 2000, 1300, 1000, 0, 60.0))

    assert progress.line(120) == (
        "asking held out, tuned ━━━━━━━━━━━━━━━───── 1,500/2,000 · 1m00s · about 1m left"
    )


SOME_TEXT = st.text(max_size=40)
SOME_EVENT = st.one_of(
    st.builds(
        status,
        SOME_TEXT | st.just("running"),
        st.sampled_from(["waiting", "running", "unknown", "failed"]),
        st.none() | st.floats(),
    ),
    st.builds(
        step,
        st.none() | st.integers(-5, 10**9),
        st.none() | st.integers(-5, 10**9),
        st.none() | st.floats(allow_nan=False, allow_infinity=False),
        st.none() | st.floats(),
    ),
    st.builds(e.UploadProgressed, SOME_TEXT, st.integers(0, 10**12), st.integers(0, 10**12)),
    st.builds(e.StillWaiting, SOME_TEXT, SOME_TEXT, st.floats(0, 1e9), st.none() | st.floats()),
)


@given(st.lists(SOME_EVENT, max_size=8), st.integers(1, 130), st.floats(0, 1e6))
def test_the_line_always_fits(events: list[e.Event], cells: int, pause: float) -> None:
    clock = FakeClock()
    progress = Progress(clock)
    for event in events:
        clock.sleep(pause)
        progress(event)

    line = progress.line(cells)

    assert width(line) <= cells
    assert len(line.splitlines()) <= 1
    assert "\x1b" not in line


@pytest.mark.parametrize(
    ("reports", "total"), [(100, 100), (1000, 1000), (100, None), (5000, None), (20, 2000)]
)
def test_steps_are_thinned_alike_at_each_provider(reports: int, total: int | None) -> None:
    milestones = Milestones()
    stride = (total or reports) // reports
    shown = [
        milestones.is_one(step(number * stride, total, 1.0)) for number in range(1, reports + 1)
    ]

    assert 10 <= sum(shown) <= 20
    assert shown[0]
    assert shown[-1] or total is None


def test_words_about_a_long_wait_become_seldom() -> None:
    words = NowAndThen()
    due = [minute for minute in range(1, 61) if words.is_due(minute * 60.0)]

    assert due == [1, 2, 4, 8, 16, 24, 32, 40, 48, 56]
    assert words.is_due(60.0)  # another wait


def hour_of_training(
    show: Callable[[e.Event], None], clock: FakeClock, look: Callable[[], None]
) -> None:
    show(e.StepStarted("train", "run", "no job yet"))
    show(status("queued", "waiting"))
    for minute in range(1, 11):
        clock.sleep(60)
        show(e.StillWaiting("ftjob-1", "queued", minute * 60.0))
        look()
    show(status("running", "running"))
    for number in range(1, 101):
        clock.sleep(30)
        show(step(number, 100, 3 / number))
        look()
    show(status("succeeded", "succeeded"))
    show(e.JobSucceeded("ftjob-1", "ft:m", 1000))


@pytest.mark.parametrize("columns", [80, 120])
def test_an_hour_on_a_terminal_leaves_no_line_behind(columns: int) -> None:
    screen, clock, seen = Screen(columns), FakeClock(), []
    console = Console(file=screen, force_terminal=True, width=columns, height=40)
    show = Terminal(console, clock)

    def look() -> None:
        *above, last = screen.lines()
        seen.append(last)
        assert not any("·" in line for line in above), screen.lines()

    hour_of_training(show, clock, look)
    show.close()

    assert (screen.bells, screen.title) == (1, "ftrunner: the run has ended")
    assert any("queued · 9m00s" in line for line in seen)
    assert any("training 31/100 · loss 0.0968" in line and "left" in line for line in seen)
    assert screen.widest < columns
    assert not any("·" in line for line in screen.lines())
    assert "ft:m" in screen.lines()[-1]
    assert screen.cursor_is_shown


def test_an_hour_in_a_pipe_has_a_word_now_and_then_and_no_escape() -> None:
    stream, clock = io.StringIO(), FakeClock()
    hour_of_training(Terminal(Console(file=stream), clock), clock, lambda: None)

    written = stream.getvalue()
    assert "\x1b" not in written
    assert "\r" not in written
    assert "still queued: queued · 8m00s" in written
    assert len(written.splitlines()) < 25


@pytest.mark.parametrize("columns", [80, 120])
def test_a_board_leaves_its_table_and_nothing_else(columns: int) -> None:
    screen, clock = Screen(columns), FakeClock()
    console = Console(file=screen, force_terminal=True, width=columns, height=40)

    with Board(console, ["蓝鲸.yaml", "b.yaml"], clock) as board:
        one, other = board.lane("蓝鲸.yaml"), board.lane("b.yaml")
        hour_of_training(one, clock, lambda: other(status("queued", "waiting")))
        during = screen.lines()
        one(e.RunFinished("done", "ft:m"))
        other(e.Noted("the provider refuses the job", level="error"))

    assert any("queued · " in line for line in during)
    assert screen.lines() == [
        "蓝鲸.yaml  done                          ft:m  1h00m",
        "b.yaml     the provider refuses the job        59m00s",
    ]
    assert screen.cursor_is_shown


def test_a_board_in_a_pipe_has_no_escape_and_few_lines() -> None:
    stream, clock = io.StringIO(), FakeClock()

    with Board(Console(file=stream), ["a.yaml", "b.yaml"], clock) as board:
        hour_of_training(board.lane("a.yaml"), clock, lambda: None)

    assert "\x1b" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) < 20
    assert stream.getvalue().splitlines()[-1].startswith("b.yaml  not finished")


def test_a_command_that_prints_at_its_end_shows_what_it_does_meanwhile() -> None:
    screen, clock = Screen(80), FakeClock()
    show = Meanwhile(Console(file=screen, force_terminal=True, width=80), clock)

    show(e.AskingProgressed("held out", "base", "m", 10, 200, 9, 0, 0, 4.0))
    show(e.AnswerGiven("a", "q", "an answer", 1, 1, passed=True, checks=()))
    show(e.Retrying(1, 2.0, "HTTP 429"))
    asked = screen.lines()
    show(e.Retrying(2, 0.01, "The server is busy."))
    show(e.TestsFinished("m", 1, 0))
    show.close()

    assert asked[0] == "HTTP 429; asking again in 2.0 s"
    assert "asking held out, base ━" in asked[-1]
    assert screen.lines() == [
        "HTTP 429; asking again in 2.0 s",
        "The server is busy; asking again at once",
    ]
    assert screen.cursor_is_shown


def test_another_job_begins_another_count() -> None:
    progress = Progress(FakeClock())
    for job in ("ftjob-1", "ftjob-2"):
        progress(e.JobCreated(job, "base"))
        progress(status("running", "running"))
        assert progress.line(80) == "training · 0s"
        progress(step(90, 100, 0.5))


def test_where_there_is_no_room_the_clock_and_the_time_left_stay() -> None:
    clock = FakeClock()
    progress = Progress(clock)
    progress(status("running", "running", clock.now() + 600))
    progress(step(1, 100, 3.0))

    assert progress.line(40) == "training 1/100 · 0s · about 10m left"
    assert progress.line(35) == "training 1/100 · about 10m left"
    assert progress.line(12) == "training 1/…"


@pytest.mark.parametrize(("seconds", "bells"), [(59, 0), (61, 1)])
def test_only_a_long_run_calls_back(seconds: float, bells: int) -> None:
    screen, clock = Screen(80), FakeClock()
    show = Terminal(Console(file=screen, force_terminal=True, width=80), clock)

    show(
        e.RunStarted("s.yaml", "tales\x07\x1b]0;x", "https://a.example", "openai", rehearsal=False)
    )
    clock.sleep(seconds)
    show.close()

    assert screen.bells == bells
    assert (screen.title or "").startswith("ftrunner: tales" if bells else "")


def test_a_reader_that_left_ends_the_output_as_the_system_says_it() -> None:
    class Left(io.StringIO):
        def write(self, _: str) -> int:
            raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    with pytest.raises(BrokenPipeError) as caught:
        console_of(Left()).print("a line")

    assert caught.value.errno == errno.EPIPE  # by which it is known not to be a bug
