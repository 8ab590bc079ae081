"""Evidence: nothing before it begins, private, explained where the disk refuses."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from ftrunner.engine.run_log import RunLog
from ftrunner.errors import StateError


def test_nothing_is_written_before_it_begins(tmp_path: Path) -> None:
    evidence = RunLog(tmp_path / ".ftrunner", "runs", "r1")
    evidence.append("events.jsonl", {"n": 1})

    assert list(tmp_path.iterdir()) == []


@pytest.mark.posix
def test_what_came_early_comes_first_and_all_of_it_is_private(tmp_path: Path) -> None:
    evidence = RunLog(tmp_path / ".ftrunner", "runs", "r1")
    evidence.append("events.jsonl", {"n": 1})
    evidence.begin()
    evidence.append("events.jsonl", {"n": "二"})
    evidence.keep("results-1.csv", b"a,b\n")
    evidence.close()

    events = evidence.folder / "events.jsonl"
    assert events.read_text(encoding="utf-8") == '{"n":1}\n{"n":"二"}\n'
    assert (tmp_path / ".ftrunner" / ".gitignore").read_text() == "*\n"
    modes = {stat.S_IMODE(path.stat().st_mode) for path in evidence.folder.iterdir()}
    assert modes == {0o600}


def test_what_is_kept_again_replaces_what_was_there(tmp_path: Path) -> None:
    evidence = RunLog(tmp_path, "r1")
    evidence.begin()
    evidence.keep("results-1.csv", b"much longer than")
    evidence.keep("results-1.csv", b"this")

    assert (evidence.folder / "results-1.csv").read_bytes() == b"this"


@pytest.mark.posix
def test_a_disk_that_refuses_is_explained(tmp_path: Path) -> None:
    (tmp_path / ".ftrunner").write_text("a file where the folder should be")

    with pytest.raises(StateError, match="is a file; ftrunner keeps its folder") as caught:
        RunLog(tmp_path / ".ftrunner", "r1").begin()

    assert caught.value.code == "FT418"
