"""Killed at every point there is, a run that is started again ends as if nothing had happened."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ftrunner.engine.waiting import Schedules
from ftrunner.fsio import SystemDisk
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.points import (
    PHASES,
    PHASES_OF_A_REQUEST,
    PointedDisk,
    Recorder,
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
def recorded(mock: FtMock, spec_in: MakeSpec) -> Recorder:
    """Every point that an undisturbed run comes to."""
    return record(spec_in("recorded"), mock)


def record(spec: Path, mock: FtMock) -> Recorder:
    recorder = Recorder(spec.parent, mock)
    disk = CountedDisk()
    apply_here(
        spec,
        mock,
        disk=PointedDisk(disk, recorder),
        transport=pointed(recorder),
    ).expect(0)
    expected = sum(len(PHASES[kind_of(path)]) for path in disk.put)
    expected += len(PHASES_OF_A_REQUEST) * len(mock.requests)
    assert len(recorder.names) == expected, "a write or a request has no points"
    assert len(set(recorder.names)) == expected, "two points have one name"
    return recorder


# What the server keeps of a job decides how a run finds its own again: from the first death that
# can leave a job.
SERVERS: dict[str, tuple[dict[str, Any], str | None]] = {
    "metadata is echoed": ({}, None),
    "metadata is lost": ({"jobs": [{"hides": ["metadata"]}]}, "POST /fine_tuning/jobs 1: before"),
}


@pytest.mark.parametrize("server", SERVERS)
def test_every_point_can_be_survived(
    recorded: Recorder,
    mock: FtMock,
    spec_in: MakeSpec,
    mortals: Victims,
    tried: Callable[[str, int], None],
    server: str,
) -> None:
    scenario, first = SERVERS[server]
    deaths = recorded.deaths
    begin = next(n for n, points in enumerate(deaths) if first is None or first in points)
    deaths = deaths[begin:]
    tried("points of death", len(deaths))
    failures = {}
    for number, (point, *_) in enumerate(deaths):
        mock.reset()
        mock.scenario(scenario)
        if fault := die_and_come_back(point, mock, spec_in(f"at-{number}"), mortals):
            failures[point] = fault

    assert failures == {}


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
    mock.advance(Schedules().late_creation)  # what stays open is closed by one more look
    apply_here(spec, mock, disk=FastDisk()).expect(0)
    asked = len(mock.requests)
    apply_here(spec, mock).expect(0)
    left = sorted(path.name for path in spec.parent.iterdir())
    shutil.rmtree(spec.parent)
    if len(mock.requests) != asked:
        return "there was still something to do"
    if left != [".ftrunner", "data.jsonl", "stories.lock.json", "stories.yaml"]:
        return f"it left {left}"
    return None
