from __future__ import annotations

import random
from typing import Any

import pytest

from mockserver.data.records import JobFate, Pace
from mockserver.faults.faults import Faults
from mockserver.faults.scenario import parse_scenario

PACE = Pace(validating=10, queued=20, running=70)


def armed(text: str) -> Faults:
    faults = Faults(random.Random(0).random)
    faults.add(parse_scenario(text, "test"))
    return faults


def strikes(match: str, *requests: tuple[str, str]) -> list[bool]:
    faults = armed(f"faults: [{{match: {match}, do: {{status: 500}}}}]")
    return [faults.next_action(method, path) is not None for method, path in requests]


@pytest.mark.parametrize(
    ("match", "path", "struck"),
    [
        ("{path: /files}", "/files", True),
        ("{path: /v1/files}", "/files", True),
        ("{path: /files}", "/files/file-1", False),
        ("{path: /files/*}", "/files/file-1", True),
        ("{path: /files/*}", "/files/file-1/content", False),
        ("{path: /files/**}", "/files/file-1/content", True),
        ("{job: ftjob-1}", "/fine_tuning/jobs/ftjob-1/events", True),
        ("{job: ftjob-1}", "/fine_tuning/jobs/ftjob-11", False),
        ("{method: post}", "/files", False),
        ("{}", "/anything", True),
    ],
)
def test_which_requests_match(match: str, path: str, struck: bool) -> None:
    assert strikes(match, ("GET", path)) == [struck]


def test_nth_and_times_count_matching_requests() -> None:
    files, models = ("GET", "/files"), ("GET", "/models")

    found = strikes("{path: /files, nth: 2, times: 2}", files, models, files, files, files)

    assert found == [False, False, True, True, False]


def test_probability_is_drawn() -> None:
    found = strikes("{probability: 0.5}", *[("GET", "/files")] * 200)

    assert 60 < sum(found) < 140


def test_what_never_struck_is_reported() -> None:
    faults = armed("{name: late, faults: [{match: {nth: 9}, do: {status: 500}}], jobs: [{}]}")
    faults.next_action("GET", "/files")

    assert faults.unfired() == ["late", "job outcome"]
    faults.next_outcome(PACE, 1)
    assert faults.unfired() == ["late"]


def outcome(text: str, speed: float = 1) -> JobFate:
    return armed(f"jobs: [{text}]").next_outcome(PACE, speed)


def test_outcomes_are_measured_by_the_pace() -> None:
    assert outcome("{cancelled_at: 0.5}").cancelled_after == 50
    assert outcome("{served_after: 30}", speed=10).served_after == 3


def test_a_failure_without_an_error_still_has_one() -> None:
    failing = outcome("{fails_in: running}")

    assert failing.error is not None
    assert failing.error.code == "server_error"


def test_outcomes_are_used_for_jobs_in_turn() -> None:
    faults = armed("jobs: [{nth: 2, times: 1, stuck_in: queued}]")

    found: list[Any] = [faults.next_outcome(PACE, 1).stuck_in for _ in range(3)]

    assert found == [None, "queued", None]


def test_a_fault_without_a_name_is_named_by_what_it_waits_for() -> None:
    faults = armed("{faults: [{match: {method: POST, path: /files}, do: {status: 500}}]}")

    assert faults.unfired() == ["fault for POST /files"]
