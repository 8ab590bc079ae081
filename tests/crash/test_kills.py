"""Killed at every point there is, a run that is started again ends as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from ftrunner.fsio import SystemDisk
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.points import (
    PHASES,
    PHASES_OF_A_REQUEST,
    PointedDisk,
    kind_of,
    pointed,
)
from tests.crash.victims import Victims
from tests.kit.driver import FastDisk, apply_here


class CountedDisk(SystemDisk):
    """Counts the files that were put in place, knowing nothing of points."""

    def __init__(self) -> None:
        self.put: list[Path] = []

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        self.put.append(target)


@pytest.fixture
def points(mock: FtMock, spec_in: MakeSpec) -> list[str]:
    """Every point that an undisturbed run comes to, in order."""
    return enumerate_points(spec_in("recorded"), mock)


def enumerate_points(spec: Path, mock: FtMock) -> list[str]:
    reached: list[str] = []
    disk = CountedDisk()
    apply_here(
        spec,
        mock,
        disk=PointedDisk(disk, reached.append),
        transport=pointed(reached.append),
    ).expect(0)
    expected = sum(len(PHASES[kind_of(path)]) for path in disk.put)
    expected += len(PHASES_OF_A_REQUEST) * len(mock.requests)
    assert len(reached) == expected, "a write or a request has no points"
    assert len(set(reached)) == len(reached), "two points have one name"
    return reached


# What the server keeps of a job decides how a run finds its own again.
SERVERS: dict[str, dict[str, Any]] = {
    "metadata is echoed": {},
    "metadata is lost": {"jobs": [{"hides": ["metadata"]}]},
}


@pytest.mark.parametrize("server", SERVERS)
def test_every_point_can_be_survived(
    points: list[str],
    mock: FtMock,
    spec_in: MakeSpec,
    mortals: Victims,
    capsys: pytest.CaptureFixture[str],
    server: str,
) -> None:
    failures = {}
    for number, point in enumerate(points):
        mock.reset()
        mock.scenario(SERVERS[server])
        if fault := die_and_come_back(point, mock, spec_in(f"at-{number}"), mortals):
            failures[point] = fault

    assert failures == {}
    with capsys.disabled():
        print(f"\nkilled at {len(points)} points where {server}: one job each time, no orphan")


def die_and_come_back(point: str, mock: FtMock, spec: Path, mortals: Victims) -> str | None:
    """What went wrong, if anything did."""
    status = mortals.apply(spec, mock, dies_at=point)
    if status != -signal.SIGKILL:
        return f"ended with {status} instead of dying"
    again = apply_here(spec, mock, disk=FastDisk())
    if again.code != 0:
        return f"exit {again.code}: {again.said}"
    if len(mock.jobs) != 1:
        return f"{len(mock.jobs)} jobs"
    verdict = mock.verdict()
    if not verdict.clean:
        return str(verdict)
    asked = len(mock.requests)
    apply_here(spec, mock).expect(0)
    left = sorted(path.name for path in spec.parent.iterdir())
    shutil.rmtree(spec.parent)
    if len(mock.requests) != asked:
        return "there was still something to do"
    if left != [".ftrunner", "data.jsonl", "stories.lock.json", "stories.yaml"]:
        return f"it left {left}"
    return None
