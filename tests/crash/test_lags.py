"""Reads that lag behind writes, and jobs that come into being late: still one job is paid for.

Lags are in the provider's seconds as the client's clock counts them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

from ftrunner.api.http.exchange import Request, Response, Transport
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.engine.waiting import Schedules
from mockserver.client import FtMock
from tests.crash.conftest import SPEED, MakeSpec
from tests.crash.points import route
from tests.kit.driver import Applied, apply_here

CREATE: dict[str, Any] = {"method": "POST", "path": "/fine_tuning/jobs"}
LIST_LAG = Schedules().list_lag
LISTS = (1, 5, 12, LIST_LAG - 1, LIST_LAG)
RECORDS = (1, 3, 10, 25)
MODELS = (1, 10, 30, 55)
LATE = (8, 25, 60)
# What a server echoes of a job; without metadata its fields must identify it.
SERVERS: dict[str, dict[str, Any]] = {
    "metadata is echoed": {},
    "metadata is lost": {"hides": ["metadata"]},
}
LONG = {"hyperparameters": {"n_epochs": 40}}  # trains for longer than any list lags
FIELDS = {
    "list": "listed_after",
    "record": "shown_after",
    "model": "served_after",
    "job": "created_after",
}


pytestmark = pytest.mark.usefixtures("counts_as_lag")


def lagging(mock: FtMock, *, times: int | None = None, **seconds: float) -> None:
    """Makes reads of new jobs lag: `lagging(mock, list=5)`."""
    outcome: dict[str, Any] = {FIELDS[kind]: value * SPEED for kind, value in seconds.items()}
    mock.scenario({"jobs": [outcome if times is None else {**outcome, "times": times}]})


@pytest.mark.parametrize("lag", LISTS)
def test_two_machines_find_each_other_though_the_list_lags(
    mock: FtMock, spec_in: MakeSpec, lag: float
) -> None:
    lagging(mock, list=lag)
    one, two = spec_in("one", **LONG), spec_in("two", **LONG)

    for applied in at_once(mock, one, two):
        applied.expect(0)

    assert sorted(job["status"] for job in mock.jobs) == ["cancelled", "succeeded"]
    assert current(one) == current(two)


def test_jobs_shorter_than_the_lag_are_found_by_the_next_command(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    lagging(mock, list=LIST_LAG)
    one, two = spec_in("one"), spec_in("two")
    for applied in at_once(mock, one, two):
        applied.expect(0)
    assert [job["status"] for job in mock.jobs] == ["succeeded", "succeeded"]
    mock.advance(LIST_LAG)

    said = [apply_here(spec, mock).expect(0).said for spec in (one, two)]

    assert all("succeeded too; both were billed" in text for text in said)
    assert current(one) == current(two)
    asked = len(mock.requests)
    for spec in (one, two):
        apply_here(spec, mock).expect(0)
    assert len(mock.requests) == asked


@pytest.mark.parametrize("lag", RECORDS)
def test_a_job_whose_record_lags_is_followed(mock: FtMock, spec_in: MakeSpec, lag: float) -> None:
    lagging(mock, record=lag)

    done = apply_here(spec_in(**LONG), mock).expect(0)

    assert ("is not visible yet" in done.said) is (lag > 1)
    assert len(mock.jobs) == 1


def test_a_resumed_job_whose_record_lags_is_followed(mock: FtMock, spec_in: MakeSpec) -> None:
    lagging(mock, record=15)
    spec = spec_in(wait={"timeout": "1s"}, **LONG)
    apply_here(spec, mock).expect(7)

    apply_here(spec, mock)

    assert len(mock.jobs) == 1


@pytest.mark.parametrize("lag", MODELS)
def test_a_model_whose_record_lags_is_not_trained_again(
    mock: FtMock, spec_in: MakeSpec, lag: float
) -> None:
    """The lock file is lost when the job has just succeeded."""
    lagging(mock, model=lag)
    spec = untested(spec_in())
    apply_here(spec, mock).expect(0)
    spec.with_suffix(".lock.json").unlink()

    apply_here(spec, mock).expect(0)

    assert len(mock.jobs) == 1


@pytest.mark.parametrize("reads", [1, 3])
def test_a_model_whose_name_lags_is_tested_in_the_same_run(
    mock: FtMock, spec_in: MakeSpec, reads: int
) -> None:
    spec = spec_in()

    apply_here(spec, mock, transport=late_names(reads)).expect(0)

    assert current(spec)["model"] == mock.jobs[0]["fine_tuned_model"]


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("late", LATE)
def test_a_job_that_comes_into_being_late_does_not_stay_beside_another(
    mock: FtMock, spec_in: MakeSpec, late: float, server: str
) -> None:
    mock.fault({"status": 504, "html": True, "works": True}, **CREATE, times=1)
    first = {"times": 1, "created_after": late * SPEED}
    mock.scenario({"jobs": [{**SERVERS[server], **first}, {**SERVERS[server], "nth": 1}]})

    spec = spec_in(hyperparameters={"n_epochs": 50})
    done = apply_here(spec, mock).expect(0)

    assert sorted(job["status"] for job in mock.jobs) == ["cancelled", "succeeded"]
    assert "is not at the provider yet; ftrunner keeps looking" in done.said
    assert "cancelled ftjob-" in done.said


def test_a_late_job_is_found_by_the_next_command(mock: FtMock, spec_in: MakeSpec) -> None:
    """The first job comes into being after the second one has ended."""
    mock.fault({"status": 504, "html": True, "works": True}, **CREATE, times=1)
    mock.scenario({"jobs": [{"times": 1, "created_after": 3600, "stuck_in": "running"}]})
    spec = spec_in()
    apply_here(spec, mock).expect(0)
    mock.advance(3600 / SPEED)

    done = apply_here(spec, mock).expect(0)

    assert sorted(job["status"] for job in mock.jobs) == ["cancelled", "succeeded"]
    assert "cancelled ftjob-" in done.said


def test_all_answers_lost_the_late_job_is_gone_on_with(mock: FtMock, spec_in: MakeSpec) -> None:
    """A gateway times out three times; one of the three jobs comes into being an hour later."""
    mock.fault({"status": 504, "html": True}, **CREATE, nth=2, times=2)
    mock.fault({"status": 504, "html": True, "works": True}, **CREATE, times=1)
    lagging(mock, job=180)
    spec = spec_in()
    apply_here(spec, mock).expect(1)
    assert len(open_intents(spec)) == 1
    mock.advance(180)

    apply_here(spec, mock).expect(0)

    assert [job["status"] for job in mock.jobs] == ["succeeded"]


def test_a_late_job_of_former_inputs_is_cancelled(mock: FtMock, spec_in: MakeSpec) -> None:
    mock.fault({"status": 504, "html": True, "works": True}, **CREATE, times=1)
    mock.scenario({"jobs": [{"times": 1, "created_after": 3600, "stuck_in": "running"}]})
    spec = spec_in()
    apply_here(spec, mock).expect(0)
    spec.write_text(spec.read_text().replace('"n_epochs": 10', '"n_epochs": 11'))
    apply_here(spec, mock).expect(0)
    mock.advance(3600 / SPEED)

    apply_here(spec, mock).expect(0)

    assert sorted(job["status"] for job in mock.jobs) == ["cancelled", "succeeded", "succeeded"]


@pytest.mark.parametrize("size", [1, 3, 20])
def test_our_job_is_found_on_short_pages(mock: FtMock, spec_in: MakeSpec, size: int) -> None:
    """A server that caps its pages and says nothing of more."""
    ours = untested(spec_in("ours"))
    apply_here(ours, mock).expect(0)
    for number in range(4 if size < 20 else 21):
        other = spec_in(f"other-{number}", hyperparameters={"n_epochs": number + 1}, seed=1)
        apply_here(untested(other), mock).expect(0)
    ours.with_suffix(".lock.json").unlink()
    jobs = len(mock.jobs)

    apply_here(ours, mock, transport=short_pages(size)).expect(0)

    assert len(mock.jobs) == jobs


def late_names(reads: int) -> Callable[[], AbstractContextManager[Transport]]:
    """A transport to a server whose succeeded jobs name no model in the first `reads` answers."""
    left = reads

    class Late(RequestsTransport):
        def send(self, request: Request) -> Response:
            nonlocal left
            response = super().send(request)
            if b"fine_tuned_model" not in response.body or left == 0:
                return response
            job = json.loads(response.body)
            left -= job.get("status") == "succeeded"
            return replace(response, body=json.dumps({**job, "fine_tuned_model": None}).encode())

    @contextmanager
    def opened() -> Iterator[Transport]:
        with Late() as transport:
            yield transport

    return opened


def short_pages(size: int) -> Callable[[], AbstractContextManager[Transport]]:
    """A transport to a server that gives at most `size` items a page, and no `has_more`."""

    class Short(RequestsTransport):
        def send(self, request: Request) -> Response:
            params = tuple((k, str(size) if k == "limit" else v) for k, v in request.params)
            response = super().send(replace(request, params=params))
            if ("limit", str(size)) not in params or not response.is_success:
                return response
            page = json.loads(response.body)
            page.pop("has_more", None)
            return replace(response, body=json.dumps(page).encode())

    @contextmanager
    def opened() -> Iterator[Transport]:
        with Short() as transport:
            yield transport

    return opened


def at_once(mock: FtMock, one: Path, two: Path) -> list[Applied]:
    """Both applied in threads that create at the same moment; each moves the one clock."""
    barrier = Barrier(2)

    class Meeting(RequestsTransport):
        def send(self, request: Request) -> Response:
            if request.method == "POST" and route(request.url) == CREATE["path"]:
                barrier.wait(timeout=20)
            return super().send(request)

    with ThreadPoolExecutor(2) as pool:
        apply = lambda spec: apply_here(spec, mock, transport=Meeting)  # noqa: E731
        return list(pool.map(apply, (one, two)))


def untested(spec: Path) -> Path:
    """The spec without its test prompts: nothing is asked once the job has succeeded."""
    document = json.loads(spec.read_text(encoding="utf-8"))
    del document["tests"]
    spec.write_text(json.dumps(document), encoding="utf-8")
    return spec


def record(spec: Path) -> dict[str, Any]:
    [found] = json.loads(spec.with_suffix(".lock.json").read_text())["endpoints"].values()
    assert isinstance(found, dict)
    return found


def current(spec: Path) -> dict[str, Any]:
    found: dict[str, Any] = record(spec)["current"]
    return found


def open_intents(spec: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record(spec)["open_intents"]
    return found
