"""A record for people is one fact a line, whatever stands in the lock file."""

from __future__ import annotations

from ftrunner.providers.profile import JobState
from ftrunner.render.documents.record import as_text
from ftrunner.state.lock import FileRecord, JobRecord, Record

FORGED = "succeeded\ncurrent  ft:base:evil"


def test_no_text_adds_a_line() -> None:
    job = JobRecord(
        id="ftjob-1",
        run=None,
        fingerprint="v1:0",
        inputs={},
        status=FORGED,
        state=JobState.SUCCEEDED,
        model=FORGED,
    )
    file = FileRecord(id=FORGED, filename=FORGED, sha256="0", bytes=1)
    record = Record(provider="openai", files={"train": file}, job=job)

    lines = as_text(record, name="s", endpoint="e", apply="`ftrunner apply s`").splitlines()

    assert [line[:9] for line in lines[1:]] == ["file     ", "job      ", "current  "]
    assert lines[-1] == "current     no model has passed its tests"


def test_nothing_is_known_at_first() -> None:
    told = as_text(Record(provider="openai"), name="s", endpoint="e", apply="x")

    assert told.splitlines() == ["s · e", "nothing applied yet"]
