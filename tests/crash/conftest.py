"""A provider whose time a test moves, and projects whose spec leads to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.crash.victims import Victims, victims
from tests.kit.measuring import paused
from tests.kit.project import Project
from tests.kit.stories import stories

# Training takes seconds of the provider's time: a handful of polls, and every status is seen.
SPEED = 20.0
WALKS = 60

MakeSpec = Callable[..., Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--walks", type=int, default=WALKS, help="Random walks to take, such as 2000.")
    parser.addoption("--walk-seed", type=int, help="The first walk's seed; drawn if left out.")


@pytest.fixture(autouse=True)
def unmeasured(stable_environment: None) -> Iterator[None]:
    """No coverage is measured here: what dies and comes back runs in other tests, too, and a
    measured one takes twice as long.
    """
    with paused():
        yield


@pytest.fixture
def tried(request: pytest.FixtureRequest) -> Callable[[str, int], None]:
    """Counts what a test tries, for the summary: `tried("lags", 3)`."""
    return lambda kind, count: request.node.user_properties.append((kind, count))


@pytest.fixture
def counts_as_lag(tried: Callable[[str, int], None]) -> None:
    tried("lags", 1)


@pytest.fixture
def counts_as_lost_answer(tried: Callable[[str, int], None]) -> None:
    tried("lost answers", 1)


@pytest.fixture(scope="session")
def origin() -> Iterator[str]:
    with MockServer(Settings(clock="manual", seed=0, speed=SPEED)) as server:
        yield server.origin


@pytest.fixture
def mock(origin: str) -> FtMock:
    """An empty provider."""
    emptied = FtMock(origin)
    emptied.reset()
    return emptied


@pytest.fixture
def spec_in(tmp_path: Path, mock: FtMock) -> MakeSpec:
    """Makes a project in a folder of the given name; the path of its spec."""

    def make(folder: str = "project", **changes: Any) -> Path:
        project = Project(tmp_path / folder, {})
        project.write(stories(base_url=mock.base_url, **changes))
        return project.folder / "stories.yaml"

    return make


@pytest.fixture(scope="session")
def mortals() -> Iterator[Victims]:
    with victims() as ready:
        yield ready
