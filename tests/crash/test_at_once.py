"""Several at once: eight processes of one lock file, two machines that share no disk."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from threading import Barrier

import filelock
import pytest

from ftrunner.api.http.exchange import Request, Response, Transport
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.cli.applying import ApplyRequest
from ftrunner.engine.plan import Options
from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.crash.conftest import MakeSpec
from tests.crash.judging import faults
from tests.crash.points import route
from tests.kit.driver import Applied, apply_here
from tests.kit.project import Project, finish
from tests.kit.stories import stories

CREATE = "/fine_tuning/jobs"


@pytest.fixture
def real_time() -> Iterator[FtMock]:
    """A provider whose clock does not move: for processes that wait for one another."""
    with MockServer(Settings(speed=60)) as server:
        yield FtMock(server.origin)


def test_eight_processes_make_one_job(project: Project, real_time: FtMock) -> None:
    """They are held back until all of them wait, so that none comes when another is done."""
    project.write(stories(base_url=real_time.base_url))
    command = ("apply", "stories.yaml")
    mutex = project.folder / ".ftrunner" / "mutex" / "stories.lock"
    mutex.parent.mkdir(parents=True)

    with ExitStack() as stack:
        with filelock.FileLock(mutex):
            started = [stack.enter_context(project.start(*command)) for _ in range(8)]
            for process in started:
                until(process, "waiting for another process")
        outcomes = [finish(process, command).expect(0) for process in started]

    assert len(real_time.jobs) == 1
    assert faults(real_time) == []
    assert sum("Nothing to do" in outcome.out for outcome in outcomes) == 7


def test_no_wait_leaves_at_once_and_says_who_is_at_work(
    project: Project, real_time: FtMock
) -> None:
    project.write(stories(base_url=real_time.base_url))
    with project.start("apply", "stories.yaml") as process:
        until(process, "→ ftjob-")
        refused = project.run("apply", "stories.yaml", "--no-wait").expect(4)

    assert re.search(rf"process {process.pid} on \S+, since \d{{4}}-\d\d-\d\d", refused.err)


def until(process: subprocess.Popen[str], pattern: str) -> None:
    assert process.stdout is not None
    assert any(re.search(pattern, line) for line in process.stdout)


def test_two_machines_at_the_same_moment_keep_one_job(mock: FtMock, spec_in: MakeSpec) -> None:
    """Neither sees the other's job before it creates its own."""
    one, two = spec_in("one"), spec_in("two")

    for applied in at_once(mock, one, two, meeting(Barrier(2), before=CREATE)):
        applied.expect(0)

    assert sorted(job["status"] for job in mock.jobs) == ["cancelled", "succeeded"]
    assert current(one) == current(two)
    assert faults(mock) == []


def test_the_second_machine_finds_the_first_ones_job(mock: FtMock, spec_in: MakeSpec) -> None:
    apply_here(spec_in("one"), mock).expect(0)

    adopted = apply_here(spec_in("two"), mock).expect(0)

    assert len(mock.jobs) == 1
    assert "job_adopted" in [event.kind for event in adopted.events]


def test_a_fresh_job_runs_beside_others_on_purpose(mock: FtMock, spec_in: MakeSpec) -> None:
    apply_here(spec_in("one"), mock).expect(0)

    apply_here(spec_in("two"), mock, wish=ApplyRequest(options=Options(fresh=True))).expect(0)

    assert [job["status"] for job in mock.jobs] == ["succeeded", "succeeded"]


def test_a_job_is_kept_where_the_server_has_no_model_endpoint(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    """A gateway's `Not Found` is about its routes: paying again would be the wrong conclusion."""
    apply_here(spec_in("one"), mock).expect(0)
    nothing = {"status": 404, "body": {"detail": "Not Found"}}
    mock.fault(nothing, method="GET", path="/models/*", times=9)

    apply_here(spec_in("two"), mock).expect(0)

    assert len(mock.jobs) == 1


def test_a_job_whose_model_was_deleted_is_not_gone_over_to(mock: FtMock, spec_in: MakeSpec) -> None:
    one = spec_in("one")
    apply_here(one, mock).expect(0)
    delete_model(mock, current(one)["model"])

    done = apply_here(spec_in("two"), mock).expect(0)

    assert "its model is gone" in done.said
    assert [job["status"] for job in mock.jobs] == ["succeeded", "succeeded"]


def test_a_killed_holder_blocks_no_one(mock: FtMock, spec_in: MakeSpec) -> None:
    spec = spec_in()
    mutex = spec.parent / ".ftrunner" / "mutex" / "stories.lock"
    mutex.parent.mkdir(parents=True)
    mutex.with_suffix(".holder.json").write_text('{"pid": 1, "host": "gone", "since": 0}')
    with filelock.FileLock(mutex):
        pass

    apply_here(spec, mock, wish=ApplyRequest(wait=False)).expect(0)


def at_once(
    mock: FtMock, one: Path, two: Path, transport: Callable[[], AbstractContextManager[Transport]]
) -> list[Applied]:
    """Both applied in threads; each moves the one clock, as time passes for both."""
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(lambda spec: apply_here(spec, mock, transport=transport), (one, two)))


def meeting(barrier: Barrier, *, before: str) -> Callable[[], AbstractContextManager[Transport]]:
    """A transport that waits for the other one before it POSTs to `before`."""

    class Meeting(RequestsTransport):
        def send(self, request: Request) -> Response:
            if request.method == "POST" and route(request.url) == before:
                barrier.wait(timeout=20)
            return super().send(request)

    return Meeting


def current(spec: Path) -> dict[str, str]:
    [record] = json.loads(spec.with_suffix(".lock.json").read_text())["endpoints"].values()
    found: dict[str, str] = record["current"]
    return found


def delete_model(mock: FtMock, model: str) -> None:
    with RequestsTransport() as transport:
        transport.send(
            Request(
                "DELETE",
                f"{mock.base_url}/models/{model}",
                headers={"Authorization": f"Bearer {mock.api_key}"},
            )
        )
