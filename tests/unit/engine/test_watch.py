"""What a run saw of a job is read from its log, whatever else is in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ftrunner.engine.jobs.seen import recent_events
from ftrunner.engine.operations.watch import watch_log
from ftrunner.events import Event, JobStatusChanged, MetricsReported, as_document
from ftrunner.providers.profile import JobState
from ftrunner.render.run.progress import replayed
from ftrunner.state.lock import JobRecord
from tests.unit.api.fakes import FakeClock

RUNNING = JobStatusChanged("ftjob-1", "running", "running")


def step(number: int) -> MetricsReported:
    return MetricsReported(None, number, 100, 2.0 / number, None, {"step": number})


def log(runs: Path, name: str, *lines: Any, changed_at: float = 0.0) -> None:
    folder = runs / name
    folder.mkdir(parents=True)
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    (folder / "events.jsonl").write_text("".join(f"{text}\n" for text in texts))
    os.utime(folder / "events.jsonl", (changed_at, changed_at))


def at(moment: float, event: Event) -> dict[str, Any]:
    return {**as_document(event), "at": moment}


def record(state: JobState) -> JobRecord:
    return JobRecord(
        id="ftjob-1", run=None, fingerprint="v1:0", inputs={}, status=str(state), state=state
    )


def test_the_newest_run_that_followed_the_job_is_read(tmp_path: Path) -> None:
    log(tmp_path, "old", at(1, RUNNING), at(2, step(1)), changed_at=1)
    log(tmp_path, "new", at(10, RUNNING), at(20, step(10)), at(50, step(40)), changed_at=2)
    log(tmp_path, "other", at(10, JobStatusChanged("ftjob-2", "running", "running")), changed_at=3)

    progress = replayed(recent_events(tmp_path, "ftjob-1"), now=60)

    assert progress.step == (40, 100)
    assert progress.line(100) == "training 40/100 · loss 0.05 █▁ · 50s · about 50s left"


def test_other_lines_than_events_are_left_out(tmp_path: Path) -> None:
    strange = [{"event": "metrics", "at": 5, "step": "x"}, {"event": "metrics"}, [], "{", "null"]
    log(tmp_path, "run", *strange, at(1, RUNNING), '{"event": "job_sta')

    assert recent_events(tmp_path, "ftjob-1") == [(1.0, RUNNING)]
    assert recent_events(tmp_path / "nowhere", "ftjob-1") == []


def test_a_rehearsal_is_watched_by_its_log_until_the_job_is_over(tmp_path: Path) -> None:
    shown: list[Event] = []
    states = iter([JobState.RUNNING, JobState.RUNNING, JobState.SUCCEEDED])
    log(tmp_path, "run", at(1, RUNNING), at(2, step(1)))

    ended = watch_log(
        tmp_path, lambda: record(next(states)), lambda: True, shown.append, FakeClock()
    )

    assert ended
    assert shown == [RUNNING, step(1)]


def test_nothing_is_waited_for_that_no_process_goes_on_with(tmp_path: Path) -> None:
    shown: list[Event] = []
    log(tmp_path, "run", at(1, RUNNING))

    ended = watch_log(
        tmp_path, lambda: record(JobState.RUNNING), lambda: False, shown.append, FakeClock()
    )

    assert not ended
    assert shown == [RUNNING]
