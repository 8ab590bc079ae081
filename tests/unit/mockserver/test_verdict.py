from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mockserver.data.records import Change, File, Job
from mockserver.verdict.exchange import Exchange
from mockserver.verdict.findings import Finding, is_clean
from mockserver.verdict.verdict import Evidence, judge
from tests.unit.mockserver.making import CREATED, JOB, job

FILE = File(
    id="file-train",
    owner="everyone",
    created_at=int(CREATED),
    bytes=3,
    filename="train.jsonl",
    purpose="fine-tune",
    content="blob",
    digest="d",
)


def asked(number: int, seconds: float, path: str = "/models", **known: Any) -> Exchange:
    found = Exchange(
        number=number,
        at=CREATED + seconds,
        real=seconds,
        method="GET",
        path=path,
        query="",
        key="***",
        key_in_url=False,
        status=200,
        answered=seconds,
    )
    return replace(found, **known)


def look(number: int, seconds: float, status: str = "running") -> Exchange:
    return asked(number, seconds, f"/fine_tuning/jobs/{JOB.id}", job_status=status)


def verdict(*exchanges: Exchange, jobs: tuple[Job, ...] = (), files: tuple[File, ...] = ()) -> Any:
    return judge(
        Evidence(
            exchanges=exchanges, jobs=jobs, files=files, now=CREATED + 10_000, poll_interval=1.0
        )
    )


def rules_of(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity) for finding in findings]


FOLLOWED = look(99, 5_000, "succeeded")


def test_a_client_that_follows_its_job_is_clean() -> None:
    findings = verdict(look(1, 0), look(2, 1), look(3, 3), FOLLOWED, jobs=(JOB,), files=(FILE,))

    assert findings == []
    assert is_clean(findings)


def test_the_same_inputs_twice_are_paid_twice() -> None:
    second = job(id="ftjob-second")
    seen = asked(100, 6_000, "/fine_tuning/jobs/ftjob-second", job_status="succeeded")

    assert rules_of(verdict(FOLLOWED, seen, jobs=(JOB, second))) == [("created-twice", "fault")]


def test_a_duplicate_cancelled_before_training_is_a_note() -> None:
    second = job(id="ftjob-second", changes=(Change(kind="cancel", at=CREATED + 5),))
    seen = asked(100, 6, "/fine_tuning/jobs/ftjob-second/cancel", job_status="cancelled")

    findings = verdict(FOLLOWED, seen, jobs=(JOB, second))

    assert rules_of(findings) == [("created-twice", "note")]
    assert is_clean(findings)


def test_looking_again_and_again_too_soon() -> None:
    hasty = [look(number, number / 10) for number in range(5)]

    assert rules_of(verdict(*hasty, FOLLOWED, jobs=(JOB,))) == [("polled-too-fast", "fault")]


def test_two_quick_looks_are_not_a_habit() -> None:
    assert verdict(look(1, 0), look(2, 0.1), look(3, 2), FOLLOWED, jobs=(JOB,)) == []


def test_a_test_that_moves_the_clock_has_waited() -> None:
    looks = [replace(look(number, number * 60), real=0.001 * number) for number in range(9)]

    assert verdict(*looks, FOLLOWED, jobs=(JOB,)) == []


@pytest.mark.parametrize(("pause", "found"), [(0.2, ["retry-after-ignored"]), (2.0, [])])
def test_retry_after_is_to_be_followed(pause: float, found: list[str]) -> None:
    findings = verdict(asked(1, 0, status=429, retry_after=2.0), asked(2, pause))

    assert [finding.rule for finding in findings] == found


def test_hammering_after_failures_is_a_storm() -> None:
    storm = [asked(number, number / 100, status=500) for number in range(8)]

    assert rules_of(verdict(*storm)) == [("retry-storm", "fault")]


def test_requests_sent_at_once_repeat_nothing() -> None:
    reported: dict[str, Any] = {"status": 429, "retry_after": 2.0}
    at_once = [asked(number, number / 1000, answered=0.1, **reported) for number in range(8)]

    assert verdict(*at_once) == []


def test_each_of_the_requests_sent_at_once_may_be_sent_once_more() -> None:
    at_once = [asked(number, number / 1000, answered=0.01, status=500) for number in range(8)]
    again = [asked(8 + number, 0.02 + number / 1000, answered=0.05) for number in range(8)]

    assert verdict(*at_once, *again) == []


def test_who_comes_again_while_others_wait_is_still_seen() -> None:
    first = asked(1, 0, status=429, retry_after=2.0, answered=0.1)
    other = asked(2, 0.05, status=429, retry_after=2.0, answered=9.0)
    again = asked(3, 0.2)

    assert rules_of(verdict(first, other, again)) == [("retry-after-ignored", "fault")]


LIMITED: dict[str, Any] = {"path": "/chat/completions", "method": "POST", "status": 429}


def test_requests_that_were_under_way_are_not_an_answer_to_a_429() -> None:
    refused = [
        asked(n, n / 100, **LIMITED, retry_after=1.0, answered=n / 100 + 0.001, body=f"prompt {n}")
        for n in range(16)
    ]
    again = [asked(16 + n, 1.2, **LIMITED, body=f"prompt {n}") for n in range(16)]

    assert verdict(*refused, *again) == []


@pytest.mark.parametrize(
    ("seconds", "body", "found"),
    [
        (0.2, "another", []),
        (0.2, "the same", ["retry-after-ignored"]),
        (0.3, "another", ["retry-after-ignored"]),
        (1.0, "the same", []),
    ],
)
def test_what_comes_before_the_pause_is_over(seconds: float, body: str, found: list[str]) -> None:
    refused = asked(1, 0, **LIMITED, retry_after=1.0, body="the same")

    findings = verdict(refused, asked(2, seconds, **{**LIMITED, "status": 200}, body=body))

    assert [finding.rule for finding in findings] == found


def test_a_success_of_another_prompt_does_not_excuse_the_same_one() -> None:
    refused = asked(1, 0, **LIMITED, retry_after=1.0, body="a")
    other = asked(2, 0, **{**LIMITED, "status": 200}, body="b", answered=0.05)
    again = asked(3, 0.1, **{**LIMITED, "status": 200}, body="a")

    assert rules_of(verdict(refused, other, again)) == [("retry-after-ignored", "fault")]


def test_many_prompts_that_fail_once_each_are_not_a_storm() -> None:
    failed = {**LIMITED, "status": 500}

    assert verdict(*(asked(n, n / 100, **failed, body=f"prompt {n}") for n in range(20))) == []


def test_hammering_a_dropped_connection_is_a_storm() -> None:
    storm = [asked(number, number / 100, status=None) for number in range(8)]

    assert rules_of(verdict(*storm)) == [("retry-storm", "fault")]


def test_retries_that_pause_are_not_a_storm() -> None:
    assert verdict(*(asked(number, number / 2, status=500) for number in range(8))) == []


def test_asking_a_model_whose_job_has_not_ended() -> None:
    early = asked(1, 50, "/chat/completions", model=JOB.tuned_model, status=404)

    findings = verdict(early, FOLLOWED, jobs=(JOB,))

    assert rules_of(findings) == [("finished-too-early", "fault")]


def test_asking_the_model_null() -> None:
    findings = verdict(asked(1, 50, "/chat/completions", model="None", status=404))

    assert rules_of(findings) == [("finished-too-early", "fault")]


def test_a_model_that_is_late_is_not_the_clients_fault() -> None:
    assert (
        verdict(
            asked(1, 140, "/chat/completions", model=JOB.tuned_model, status=404),
            FOLLOWED,
            jobs=(JOB,),
        )
        == []
    )


def test_files_that_no_job_used() -> None:
    other = replace(FILE, id="file-other")
    results = replace(FILE, id="file-results", purpose="fine-tune-results")

    findings = verdict(FOLLOWED, jobs=(JOB,), files=(FILE, other, results))

    assert rules_of(findings) == [("unused-file", "fault")]
    assert "file-other" in findings[0].message


def test_a_job_whose_end_was_not_seen() -> None:
    assert rules_of(verdict(look(1, 20), jobs=(JOB,))) == [("unfollowed-job", "fault")]


def test_a_job_that_ended_before_the_log_began_may_have_been_followed() -> None:
    def found(began: float) -> list[Finding]:
        return judge(
            Evidence(
                exchanges=(), jobs=(JOB,), files=(), now=CREATED + 10_000, poll_interval=1.0,
                began=CREATED + began,
            )
        )  # fmt: skip

    assert rules_of(found(began=100)) == [("unfollowed-job", "fault")]
    assert rules_of(found(began=1_000)) == []


def test_a_key_in_a_url() -> None:
    assert rules_of(verdict(asked(1, 0, key_in_url=True))) == [("key-in-url", "fault")]


def test_a_log_that_lost_its_beginning_says_so() -> None:
    evidence = Evidence(
        exchanges=(), jobs=(), files=(), now=CREATED, poll_interval=1.0, forgotten=7
    )

    assert rules_of(judge(evidence)) == [("incomplete-log", "note")]
