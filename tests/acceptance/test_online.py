"""Before a job is paid for, the provider is asked whether it would be for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.kit.homes import KEYS, at_home
from tests.kit.project import Project
from tests.kit.stories import stories

MODEL = "/models/gpt-4o-mini-2024-07-18"
LAST_DAY = {"shutdown_date": "2099-01-01"}
PLAN = ("plan", "stories.yaml", "--online")


@pytest.fixture
def mock(provider: MockServer) -> FtMock:
    return FtMock(provider.origin)


def _in(days: int) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


def test_plan_asks_only_with_online(project: Project, mock: FtMock) -> None:
    project.write(stories(base_url=mock.base_url))

    project.run("plan", "stories.yaml", OPENAI_API_KEY="").expect(0)
    assert mock.requests == []

    refused = project.run(*PLAN, OPENAI_API_KEY="").expect(2)
    assert "OPENAI_API_KEY is not set" in refused.err


def test_a_base_model_with_years_to_live_meets_no_objection(project: Project, mock: FtMock) -> None:
    project.write(stories(base_url=mock.base_url))
    mock.fault({"set": LAST_DAY}, path=MODEL)

    printed = project.run(*PLAN).expect(0)

    assert "no problems found" in printed.out
    assert {request["method"] for request in mock.requests} == {"GET"}
    assert not (project.folder / "stories.lock.json").exists()


@pytest.mark.parametrize(("days", "word"), [(60, "shuts down"), (-1, "was shut down")])
def test_a_base_model_that_stops_soon_is_reported_and_stops_nothing(
    project: Project, mock: FtMock, days: int, word: str
) -> None:
    project.write(stories(base_url=mock.base_url))
    mock.fault({"set": {"shutdown_date": _in(days)}}, path=MODEL)

    planned = project.run(*PLAN).expect(0)
    done = project.run("apply", "stories.yaml", "--yes").expect(0)

    for printed in (planned.out, done.out):
        assert "warning FT382" in printed
        assert f"gpt-4o-mini-2024-07-18 {word} on {_in(days)}" in printed


def test_a_base_model_that_is_not_there_stops_before_anything_is_sent(
    project: Project, mock: FtMock
) -> None:
    project.write(stories(base_url=mock.base_url, model="gpt-3.5-turbo-0301"))

    planned = project.run(*PLAN, "--json").expect(2)
    refused = project.run("apply", "stories.yaml", "--yes").expect(2)

    assert planned.documents()[0]["online"]["findings"][0]["code"] == "FT380"
    assert "error FT380: gpt-3.5-turbo-0301 is not at the provider" in refused.err
    assert mock.files == []
    assert mock.jobs == []


def test_a_job_that_is_there_is_adopted_though_its_base_model_is_gone(
    project: Project, mock: FtMock
) -> None:
    project.write(stories(base_url=mock.base_url))
    project.run("apply", "stories.yaml", "--yes").expect(0)
    (project.folder / "stories.lock.json").unlink()
    mock.fault({"status": 404}, path=MODEL)

    done = project.run("apply", "stories.yaml", "--yes").expect(0)

    assert "has the same inputs" in done.out
    assert len(mock.jobs) == 1


@pytest.mark.parametrize("status", [403, 405, 501])
def test_a_provider_without_a_models_route_is_not_held_back(
    project: Project, mock: FtMock, status: int
) -> None:
    project.write(stories(base_url=mock.base_url))
    mock.fault({"status": status}, path="/models/*")

    printed = project.run(*PLAN).expect(0)
    (document,) = project.run(*PLAN, "--json").expect(0).documents()
    project.run("apply", "stories.yaml", "--yes").expect(0)

    assert "no information" not in printed.out
    assert (
        "the provider gives no information about gpt-4o-mini-2024-07-18"
        in document["online"]["notes"]
    )


def test_a_key_that_is_not_accepted_is_reported(project: Project, mock: FtMock) -> None:
    project.write(stories(base_url=mock.base_url))
    mock.fault({"status": 401})

    assert "FT311" in project.run(*PLAN).expect(1).err


@pytest.fixture
def nebius() -> Iterator[FtMock]:
    with MockServer(Settings(speed=300, dialect="nebius")) as server:
        yield FtMock(server.origin, "nebius")


@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_job_list_that_cannot_be_read_stops_the_plan(
    project: Project, nebius: FtMock, status: int
) -> None:
    project.write(at_home(nebius.origin))
    nebius.fault({"status": status}, method="GET", path="/fine_tuning/jobs")
    where = ("--provider", "nebius", "--base-url", nebius.base_url)

    refused = project.run(*PLAN, *where, **KEYS).expect(4)

    assert "error[FT420]" in refused.err
    assert f"HTTP {status}" in refused.err
    assert "`missing: [job_listing]`" in refused.err


def test_lost_training_rights_are_reported_with_dates_and_ways_out(
    project: Project, open_provider: MockServer
) -> None:
    mock = FtMock(open_provider.origin)
    project.write(stories(base_url=mock.base_url))
    mock.scenario("training-not-offered")

    refused = project.run("apply", "stories.yaml", "--yes").expect(1)

    assert "error[FT310]" in refused.err
    assert "winding down" in refused.err
    assert "takes no new jobs of anybody from 2027-01-06 on" in refused.err
    assert "carries over to azure, llmariner, nebius, together, zhipu" in refused.err
    assert "`ftrunner import --all`" in refused.err


@pytest.fixture
def together() -> Iterator[FtMock]:
    with MockServer(Settings(speed=300, dialect="together")) as server:
        yield FtMock(server.origin, "together")


ESTIMATE = {"method": "POST", "path": "/fine_tuning/jobs/estimate-price"}


def test_the_provider_s_own_estimate_is_reported_before_the_job_is_created(
    project: Project, together: FtMock
) -> None:
    project.write(at_home(together.origin))
    where = ("--provider", "together", "--base-url", together.base_url)
    together.fault({"set": {"allowed_to_proceed": False}}, **ESTIMATE, times=1)

    done = project.run("apply", "stories.yaml", *where, **KEYS).expect(0)
    project.edit("stories.yaml", '"n_epochs": 10', '"n_epochs": 9')
    planned = project.run(*PLAN, *where, **KEYS).expect(0)

    estimate = "Together AI estimates $0.50 for 1,000 tokens"
    assert done.out.index(estimate) < done.out.index("→ ft-")
    assert "the account's limit of $100.00 does not cover that" in done.out
    assert estimate in planned.out


def test_an_estimate_over_the_budget_creates_no_job(project: Project, together: FtMock) -> None:
    project.write(at_home(together.origin, budget={"max_cost": 0.4}))
    where = ("--provider", "together", "--base-url", together.base_url)

    stopped = project.run("apply", "stories.yaml", "--yes", *where, **KEYS).expect(6)
    planned = project.run(*PLAN, *where, **KEYS).expect(6)

    assert "Together AI estimates $0.50, over budget.max_cost of $0.40" in stopped.err
    assert "`apply` would stop [FT192]" in planned.out
    assert together.jobs == []


@pytest.mark.parametrize(
    "do",
    [{"status": 500}, {"status": 404}, {"body": {"estimation_available": False}, "status": 200}],
)
def test_without_an_estimate_the_run_goes_on(
    project: Project, together: FtMock, do: dict[str, object]
) -> None:
    project.write(at_home(together.origin))
    together.fault(dict(do), **ESTIMATE)
    where = ("--provider", "together", "--base-url", together.base_url)

    done = project.run("apply", "stories.yaml", *where, **KEYS).expect(0)

    assert "estimates" not in done.out
