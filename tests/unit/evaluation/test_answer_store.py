"""Stored answers: found again, whatever happened to the run that stored them."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.errors import StateError
from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.answer_store import AnswerStore, StoredAnswer, question_key, store_path
from tests.unit.api.fakes import FakeClock

DAY = 24 * 3600.0
MESSAGES = ({"role": "user", "content": "Hi"},)


class Waiting(FakeClock):
    """Says that somebody waits, and waits a little in truth."""

    def __init__(self, is_waiting: threading.Event) -> None:
        super().__init__()
        self._is_waiting = is_waiting

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self._is_waiting.set()
        threading.Event().wait(0.01)


@contextmanager
def opened(
    path: Path, clock: FakeClock | None = None, *, secret: bytes = b"\0"
) -> Iterator[AnswerStore]:
    store = AnswerStore(
        path,
        clock=clock or FakeClock(),
        max_age=30 * DAY,
        redact=lambda line: line.replace(secret, b"[redacted]"),
    )
    with store.opened(lambda _holder: None) as held:
        yield held


def put(store: AnswerStore, key: str, answer: Answer) -> None:
    store.put(StoredAnswer(key, store.clock.now(), answer))


def said(store: AnswerStore, key: str) -> Answer | None:
    found = store.get(key)
    return found.answer if found else None


def test_an_answer_is_found_again_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    answer = Answer("yes", refusal="no", finish_reason="stop", seconds=0.5, tokens_in=3)
    calls = Answer(tool_calls=({"function": {"name": "look"}},), tokens_out=4)
    with opened(tmp_path / "a.jsonl") as store:
        put(store, "1", answer)
        put(store, "2", calls)

        assert (said(store, "1"), said(store, "2"), said(store, "3")) == (answer, calls, None)
    with opened(tmp_path / "a.jsonl") as store:
        assert (said(store, "1"), said(store, "2"), said(store, "3")) == (answer, calls, None)


def test_the_last_answer_to_a_question_counts(tmp_path: Path) -> None:
    with opened(tmp_path / "a.jsonl") as store:
        put(store, "1", Answer("old"))
        put(store, "1", Answer("new"))
    with opened(tmp_path / "a.jsonl") as store:
        assert said(store, "1") == Answer("new")


def test_an_old_answer_is_not_given(tmp_path: Path) -> None:
    clock = FakeClock()
    with opened(tmp_path / "a.jsonl", clock) as store:
        put(store, "1", Answer("yes"))
        clock.sleep(30 * DAY)
        assert said(store, "1") == Answer("yes")
        clock.sleep(1)
        assert said(store, "1") is None


@given(cut=st.integers(min_value=1, max_value=200))
def test_a_torn_end_costs_one_answer(tmp_path_factory: pytest.TempPathFactory, cut: int) -> None:
    path = tmp_path_factory.mktemp("store") / "a.jsonl"
    with opened(path) as store:
        for number in range(5):
            put(store, str(number), Answer(f"answer {number}" * 10))
    size = path.stat().st_size
    os.truncate(path, size - cut)

    with opened(path) as store:
        put(store, "9", Answer("after"))
    with opened(path) as store:
        kept = [number for number in range(5) if said(store, str(number))]
        assert kept[:3] == [0, 1, 2]  # a cut of a line end alone costs nothing
        assert said(store, "9") == Answer("after")


@pytest.mark.parametrize("line", [b"\0\0\0\n", b"[]\n", b"{}\n", b'{"key": 1}\n', b"\xff\n", b"\n"])
def test_lines_that_are_not_answers_are_skipped(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.jsonl"
    with opened(path) as store:
        put(store, "1", Answer("yes"))
    path.write_bytes(line + path.read_bytes() + line)

    with opened(path) as store:
        assert said(store, "1") == Answer("yes")


def test_secrets_never_enter_it(tmp_path: Path) -> None:
    with opened(tmp_path / "a.jsonl", secret=b"sk-secret") as store:
        put(store, "1", Answer("it is sk-secret"))
        assert said(store, "1") == Answer("it is [redacted]")

    assert b"sk-secret" not in (tmp_path / "a.jsonl").read_bytes()


def test_a_full_disk_ends_it_and_keeps_what_is_stored(tmp_path: Path) -> None:
    class Full:
        """A file that takes the first half of a line."""

        def __init__(self, inner: object) -> None:
            self.inner = inner

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

        def write(self, line: bytes) -> int:
            return self.inner.write(line[: len(line) // 2])  # type: ignore[attr-defined,no-any-return]

    path = tmp_path / "a.jsonl"
    with opened(path) as store:
        put(store, "1", Answer("yes"))
        before = path.read_bytes()
        store._file = Full(store._file)  # type: ignore[assignment]
        with pytest.raises(StateError, match="space"):
            put(store, "2", Answer("no"))

    assert path.read_bytes() == before


def store_fifty(store: AnswerStore, thread: int) -> None:
    for number in range(50):
        put(store, f"{thread}-{number}", Answer("x" * 500))


def test_several_threads_store_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with opened(path) as store:
        threads = [threading.Thread(target=store_fifty, args=(store, n)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    with opened(path) as store:
        assert all(said(store, f"{n}-{i}") for n in range(8) for i in range(50))


def test_another_run_waits_and_finds_what_was_stored(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    waited: list[object] = []
    found: list[Answer | None] = []
    is_waiting = threading.Event()

    def other() -> None:
        clock = Waiting(is_waiting)
        store = AnswerStore(path, clock=clock, max_age=DAY, redact=bytes)
        with store.opened(waited.append) as held:
            found.append(said(held, "1"))

    with opened(path) as store:
        thread = threading.Thread(target=other)
        thread.start()
        assert is_waiting.wait(10)
        put(store, "1", Answer("yes"))
    thread.join(10)

    assert found == [Answer("yes")]
    assert len(waited) == 1


def test_questions_differ_in_all_that_is_sent_and_in_the_try() -> None:
    first = question_key("https://a/v1", "m", MESSAGES, {}, 1)
    others = [
        question_key("https://b/v1", "m", MESSAGES, {}, 1),
        question_key("https://a/v1", "n", MESSAGES, {}, 1),
        question_key("https://a/v1", "m", (), {}, 1),
        question_key("https://a/v1", "m", MESSAGES, {"temperature": 0}, 1),
        question_key("https://a/v1", "m", MESSAGES, {}, 2),
    ]

    assert first == question_key("https://a/v1", "m", MESSAGES, {}, 1)
    assert len({first, *others}) == 6


def test_names_of_files_fit_every_system(tmp_path: Path) -> None:
    names = ["ft:gpt-4o:org::x", "ft-gpt-4o-org-x", "a/../../b", "." * 300, "模型", "CON"]
    paths = [store_path(tmp_path, "https://a.test/v1", name) for name in names]

    assert len(set(paths)) == len(names)
    assert all(path.parent.parent == tmp_path and len(path.name) < 120 for path in paths)
