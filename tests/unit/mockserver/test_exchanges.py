from __future__ import annotations

import itertools

import pytest

from mockserver.data.records import Change, Job
from mockserver.verdict.exchange import Exchange
from mockserver.verdict.exchanges import Exchanges
from mockserver.verdict.findings import Finding
from mockserver.verdict.verdict import Evidence, judge
from tests.unit.mockserver.making import CREATED, job

KEY = "sk-abcdefghijklmnopqrstuvwxyz"


def begin(query: str = "", *, key: str = KEY) -> Exchange:
    return log().begin(scope(query, key), "/files")


def log(capacity: int = 10) -> Exchanges:
    return Exchanges(now=lambda: 5.0, real=lambda: 1.0, capacity=capacity)


def scope(query: str = "", key: str = KEY) -> dict[str, object]:
    return {
        "method": "GET",
        "path": "/files",
        "query_string": query.encode(),
        "headers": [(b"authorization", f"Bearer {key}".encode())],
    }


def test_keys_are_never_kept_whole() -> None:
    assert begin().key == "sk-***wxyz"
    assert begin(key="short").key == "***"


@pytest.mark.parametrize(
    "query", [f"api_key={KEY}", f"limit=3&key={KEY}", f"after={KEY}", "token=secret"]
)
def test_a_key_in_the_url_is_noticed_and_hidden(query: str) -> None:
    exchange = begin(query)

    assert exchange.key_in_url
    assert KEY not in exchange.query
    assert "secret" not in exchange.query


def test_ordinary_queries_are_kept() -> None:
    exchange = begin("limit=3&metadata[run]=7")

    assert (exchange.query, exchange.key_in_url) == ("limit=3&metadata[run]=7", False)


def test_only_the_latest_are_remembered() -> None:
    kept = log(capacity=3)
    for _ in range(5):
        kept.begin(scope(), "/files")

    assert [exchange.number for exchange in kept.latest()] == [3, 4, 5]
    assert kept.forgotten == 2


def follow(kept: Exchanges, path: str, status: str = "running") -> None:
    found = kept.begin(scope(), path)
    found.status, found.answered, found.job_status = 200, found.real, status


def verdict_on(kept: Exchanges, jobs: list[Job]) -> list[Finding]:
    return judge(
        Evidence(
            exchanges=kept.kept, past=kept.past, jobs=jobs, files=(), now=CREATED + 1e6,
            poll_interval=1.0, forgotten=kept.forgotten, began=kept.began,
        )
    )  # fmt: skip


def long_log() -> Exchanges:
    """A second passes from one request to the next."""
    seconds = itertools.count()
    return Exchanges(now=lambda: CREATED, real=lambda: float(next(seconds)), capacity=50)


def test_the_verdict_is_right_after_a_thousand_jobs() -> None:
    kept, jobs = long_log(), [job(id=f"ftjob-{n}", inputs=str(n)) for n in range(1_000)]
    for each in jobs[:-1]:
        for status in ("validating_files", "running", "succeeded"):
            follow(kept, f"/fine_tuning/jobs/{each.id}", status)

    faults = [found for found in verdict_on(kept, jobs) if found.severity == "fault"]

    assert [found.rule for found in faults] == ["unfollowed-job"]
    assert "ftjob-999" in faults[0].message


def test_faults_are_remembered_when_their_requests_are_not() -> None:
    kept = long_log()
    kept.begin(scope(f"key={KEY}"), "/files").status = 200
    early = kept.begin(scope(), "/chat/completions")
    early.status, early.model = 404, "ft:gpt-4o-mini-2024-07-18:personal::abcd1234"
    for _ in range(500):
        follow(kept, "/models")
    started = job(changes=(Change(kind="pause", at=CREATED + 1),))

    rules = {found.rule for found in verdict_on(kept, [started])}

    assert rules >= {"key-in-url", "finished-too-early", "unfollowed-job", "incomplete-log"}
    assert len(kept.kept) <= 100
