"""The answer to every request that creates something is lost, in every way it can be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import pytest

from ftrunner.api.errors import ConnectionFailed, ConnectionLost
from ftrunner.api.http.exchange import Request, Response, Transport
from ftrunner.api.http.transport import RequestsTransport
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.points import route
from tests.kit.driver import apply_here

CREATING = ["/files", "/fine_tuning/jobs"]
POSTS = [*CREATING, "/chat/completions"]
WAYS: dict[str, dict[str, Any]] = {
    "dropped before": {"drop": "before"},
    "dropped after": {"drop": "after"},
    "cut short": {"truncate": 20},
    "garbled": {"malformed": True},
    "without an id": {"remove": ["id", "name", "choices"]},
    "a server error": {"status": 500},
    "a proxy's page": {"status": 504, "html": True},
    "a conflict": {"status": 409},
    "a closed connection": {"status": 499, "html": True},
}


pytestmark = pytest.mark.usefixtures("counts_as_lost_answer")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", CREATING)
def test_a_run_finds_out_what_became_of_its_request(
    mock: FtMock, spec_in: MakeSpec, path: str, way: str
) -> None:
    mock.fault(WAYS[way], method="POST", path=path, times=1)

    apply_here(spec_in(), mock).expect(0)

    assert len(mock.jobs) == 1
    assert mock.verdict().clean, str(mock.verdict())


class CutOff:
    """Loses the answer to the first POST at `path`, and from then on there is no network."""

    def __init__(self, transport: Transport, path: str) -> None:
        self._transport = transport
        self._path = path
        self._is_cut = False

    def send(self, request: Request) -> Response:
        if self._is_cut:
            raise ConnectionFailed("the network is unreachable", code="FT301")
        response = self._transport.send(request)
        if request.method == "POST" and route(request.url) == self._path:
            self._is_cut = True
            raise ConnectionLost("the cable was pulled", code="FT303")
        return response


def cut_off_after(path: str) -> Callable[[], AbstractContextManager[Transport]]:
    @contextmanager
    def opened() -> Iterator[Transport]:
        with RequestsTransport() as transport:
            yield CutOff(transport, path)

    return opened


@pytest.mark.parametrize("lock_is_lost", [False, True], ids=["lock kept", "lock lost"])
@pytest.mark.parametrize("path", POSTS)
def test_the_next_run_finds_out_where_the_network_went_away(
    mock: FtMock, spec_in: MakeSpec, path: str, lock_is_lost: bool
) -> None:
    spec = spec_in()
    apply_here(spec, mock, transport=cut_off_after(path)).expect(1)
    if lock_is_lost:
        spec.with_suffix(".lock.json").unlink()

    apply_here(spec, mock).expect(0)

    assert len(mock.jobs) == 1
    assert mock.verdict().clean, str(mock.verdict())


def test_without_echoed_metadata_the_intent_finds_the_job(mock: FtMock, spec_in: MakeSpec) -> None:
    mock.scenario({"jobs": [{"hides": ["metadata"]}]})
    spec = spec_in()
    apply_here(spec, mock, transport=cut_off_after("/fine_tuning/jobs")).expect(1)

    done = apply_here(spec, mock).expect(0)

    assert len(mock.jobs) == 1
    assert "job_adopted" in [event.kind for event in done.events]


@pytest.mark.parametrize("status", [404, 405, 501])
def test_unconfirmed_and_no_listing_stops_and_names_the_way_out(
    mock: FtMock, spec_in: MakeSpec, status: int
) -> None:
    spec = spec_in()
    apply_here(spec, mock, transport=cut_off_after("/fine_tuning/jobs")).expect(1)
    mock.fault({"status": status}, method="GET", path="/fine_tuning/jobs")

    stopped = apply_here(spec, mock).expect(4)

    assert f"`ftrunner adopt {spec} JOB_ID`" in stopped.said
    assert f"`ftrunner forget {spec}`" in stopped.said
    assert len(mock.jobs) == 1


@pytest.mark.parametrize(
    "answer", [{"status": 404, "html": True}, {"status": 405}, {"status": 501}]
)
def test_a_list_that_cannot_be_read_is_not_an_empty_list(
    mock: FtMock, spec_in: MakeSpec, answer: dict[str, Any]
) -> None:
    """An outage after the lock file was lost: to read it as "no jobs" would pay again."""
    spec = spec_in()
    apply_here(spec, mock).expect(0)
    spec.with_suffix(".lock.json").unlink()
    mock.fault(answer, method="GET", path="/fine_tuning/jobs")

    stopped = apply_here(spec, mock).expect(4)

    assert [error.code for error in stopped.errors] == ["FT420"]
    assert "`missing: [job_listing]`" in stopped.said
    assert len(mock.jobs) == 1


@pytest.mark.parametrize("by", ["spec", "profile"])
def test_a_first_run_goes_on_where_it_is_declared_that_jobs_are_not_listed(
    mock: FtMock, spec_in: MakeSpec, by: str
) -> None:
    """With the very line that the message prints."""
    mock.fault({"status": 405}, method="GET", path="/fine_tuning/jobs")
    mock.fault({"status": 405}, method="GET", path="/files")
    hint = apply_here(spec_in("undeclared"), mock).expect(4).errors[0].hint or ""
    in_spec, in_profile = re.findall(r"`missing: \[(.*?)\]`", hint)
    if by == "spec":
        spec = spec_in(missing=in_spec.split(", "))
    else:
        spec = spec_in()
        profile = spec.parent / ".ftrunner" / "providers" / "openai.yaml"
        profile.parent.mkdir(parents=True)
        profile.write_text(f"missing: [{in_profile}]\n", encoding="utf-8")

    done = apply_here(spec, mock).expect(0)

    assert "this provider lists no jobs" in done.said
    assert len(mock.jobs) == 1


def test_edited_data_does_not_hide_an_unconfirmed_job(mock: FtMock, spec_in: MakeSpec) -> None:
    spec = spec_in()
    apply_here(spec, mock, transport=cut_off_after("/fine_tuning/jobs")).expect(1)
    data = spec.with_name("data.jsonl")
    data.write_text(data.read_text().replace("小狗", "小象"))

    apply_here(spec, mock).expect(0)

    assert [job["status"] for job in mock.jobs] == ["cancelled", "succeeded"]
