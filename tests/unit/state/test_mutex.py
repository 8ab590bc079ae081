"""One writer at a time, and a word on who it is."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ftrunner.clock import SystemClock
from ftrunner.errors import InvalidInput, StateError
from ftrunner.state.mutex import Holder, sole_writer
from tests.unit.api.fakes import FakeClock


def no_one_waits(holder: Holder | None) -> None:
    pytest.fail(f"waited for {holder}")


def test_a_second_writer_is_refused_with_the_first_ones_name(tmp_path: Path) -> None:
    path = tmp_path / "m" / "stories.lock"
    with (
        sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
        pytest.raises(StateError, match=rf"process {os.getpid()} on .*, since 2027-01-15 08:00:00"),
        sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
    ):
        pytest.fail("two writers at once")


def test_a_second_writer_waits_and_learns_for_whom(tmp_path: Path) -> None:
    path = tmp_path / "stories.lock"
    reported: list[Holder | None] = []
    order: list[str] = []
    waiting = threading.Event()

    def second() -> None:
        def on_wait(holder: Holder | None) -> None:
            reported.append(holder)
            waiting.set()

        with sole_writer(path, clock=SystemClock(), wait=True, on_wait=on_wait):
            order.append("second")

    thread = threading.Thread(target=second)
    with sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits):
        thread.start()
        assert waiting.wait(10)
        order.append("first")
    thread.join(10)

    assert order == ["first", "second"]
    assert [holder and holder.pid for holder in reported] == [os.getpid()]


def test_who_waits_can_be_interrupted(tmp_path: Path) -> None:
    class Interrupted(FakeClock):
        def sleep(self, _seconds: float) -> None:
            raise KeyboardInterrupt

    path = tmp_path / "stories.lock"
    with (
        sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
        pytest.raises(KeyboardInterrupt),
        sole_writer(path, clock=Interrupted(), wait=True, on_wait=lambda _: None),
    ):
        pytest.fail("two writers at once")


@pytest.mark.parametrize("text", ["", "{", '{"pid": "x"}'])
def test_who_holds_it_is_only_a_word_in_a_message(tmp_path: Path, text: str) -> None:
    path = tmp_path / "stories.lock"
    with sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits):
        path.with_suffix(".holder.json").write_text(text)
        with (
            pytest.raises(StateError, match="it left no name"),
            sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
        ):
            pytest.fail("two writers at once")


def test_nothing_but_the_lock_itself_is_left(tmp_path: Path) -> None:
    path = tmp_path / "stories.lock"
    with sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits):
        pass

    assert {entry.name for entry in tmp_path.iterdir()} <= {path.name}


def test_what_is_in_the_way_is_reported(tmp_path: Path) -> None:
    (tmp_path / "mutex").write_text("a file where a folder should be")
    with (
        pytest.raises(StateError, match="cannot write"),
        sole_writer(
            tmp_path / "mutex" / "s.lock", clock=FakeClock(), wait=True, on_wait=no_one_waits
        ),
    ):
        pytest.fail("no lock was made")


def test_a_holder_that_cannot_be_written_leaves_no_lock(tmp_path: Path) -> None:
    path = tmp_path / "stories.lock"
    path.with_suffix(".holder.json").mkdir()
    with (
        pytest.raises(InvalidInput, match="holder"),
        sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
    ):
        pytest.fail("it holds the lock without a word")

    path.with_suffix(".holder.json").rmdir()
    with sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits):
        pass


@pytest.mark.posix
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # the child only waits
def test_a_process_that_was_forked_meanwhile_does_not_keep_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "stories.lock"
    reading, writing = os.pipe()
    with sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits):
        child = os.fork()
        if child == 0:
            os.read(reading, 1)
            os._exit(0)
    try:
        with sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits):
            pass
    finally:
        os.write(writing, b".")
        os.waitpid(child, 0)
        os.close(reading)
        os.close(writing)


def test_a_lock_that_was_removed_meanwhile_is_made_again(tmp_path: Path) -> None:
    """Its folder may be deleted while a run waits; two that hold different files would not see
    each other."""
    path = tmp_path / "stories.lock"

    class Deleting(FakeClock):
        def sleep(self, seconds: float) -> None:
            path.unlink(missing_ok=True)
            super().sleep(seconds)

    with (
        sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
        sole_writer(path, clock=Deleting(), wait=True, on_wait=lambda _: None),
        pytest.raises(StateError, match="another process"),
        sole_writer(path, clock=FakeClock(), wait=False, on_wait=no_one_waits),
    ):
        pytest.fail("two writers of one file")
