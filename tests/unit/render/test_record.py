"""A record for people is one fact a line, whatever is in the lock file."""

from __future__ import annotations

from ftrunner.providers.profile import JobState
from ftrunner.render.documents.record import as_text, effects
from ftrunner.state.lock import (
    FileRecord,
    JobRecord,
    OpponentRecord,
    Record,
    SetRecord,
    TestsRecord,
)

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
    reported = as_text(Record(provider="openai"), name="s", endpoint="e", apply="x")

    assert reported.splitlines() == ["s · e", "nothing applied yet"]


def test_the_effect_of_each_set_is_shown() -> None:
    base = OpponentRecord(
        model="gpt",
        effect=0.18,
        better=40,
        worse=4,
        word="better",
        answers="a",
        low=0.121,
        high=0.234,
    )
    open_ = OpponentRecord(
        model="ft:0", effect=0.0, better=1, worse=1, word="not enough evidence", answers="b"
    )
    tickets = SetRecord(
        n=200,
        passed=186,
        mean=0.93,
        tests="t",
        answers="a",
        against={"base": base, "current": open_},
    )
    gates = {"a": "passed", "b": "passed", "c": "undecided"}
    tests = TestsRecord(
        model="ft:x", digest="d", passed=False, sets={"tickets": tickets}, gates=gates
    )
    record = Record(provider="openai", tests=tests)

    reported = as_text(record, name="s", endpoint="e", apply="x").splitlines()

    assert reported[1:5] == [
        "set         tickets: 186 of 200 rows passed on ft:x",
        "effect      tickets: better than the base model by 18 points (12.1 to 23.4): 40 better, "
        "4 worse of 200 rows",
        "effect      tickets: not enough evidence against the current model: 0 points: 1 better, "
        "1 worse of 200 rows",
        "gates       2 passed, 1 undecided",
    ]
    assert [(one["against"], one["effect"], one["low"]) for one in effects(record)] == [
        ("base", 0.18, 0.121),
        ("current", 0.0, None),
    ]


def test_without_sets_there_is_no_effect() -> None:
    assert effects(Record(provider="openai")) == []
