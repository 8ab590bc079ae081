"""Between the job and the model, at every home: killed, and the answer lost."""

from __future__ import annotations

import json
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from ftrunner.engine.operations.destroy import removal
from ftrunner.errors import StateError
from ftrunner.fsio import SystemDisk
from ftrunner.state.lock import Record
from ftrunner.state.lockfile import LockFile
from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.crash.conftest import SPEED
from tests.crash.points import PointedDisk, Recorder, pointed
from tests.crash.test_lost_responses import WAYS
from tests.crash.victims import Victims
from tests.kit.driver import Applied, FastDisk, apply_here, at
from tests.kit.homes import HOMES, at_home
from tests.kit.project import Project

# What is created between the job and the model, and what its answer cannot do without.
CREATIONS = {
    ("azure", "deployment"): ("PUT", "/subscriptions/**/deployments/*"),
    ("nebius", "model"): ("POST", "/v0/models"),
    ("together", "endpoint"): ("POST", "/v2/projects/*/endpoints"),
    ("together", "deployment"): ("POST", "/v2/projects/*/endpoints/*/deployments"),
}


class Home:
    """The walkthrough's spec at one provider, whose mock's time the test moves."""

    def __init__(self, name: str, mock: FtMock, folder: Path) -> None:
        self.name = name
        self.mock = mock
        self._folder = folder

    def spec(self, folder: str) -> Path:
        """A fresh project at an empty provider."""
        self.mock.reset()
        shutil.rmtree(self._folder / folder, ignore_errors=True)
        project = Project(self._folder / folder, {})
        project.write(at_home(self.mock.origin))
        return project.folder / "stories.yaml"

    def apply(self, spec: Path, **more: Any) -> Applied:
        """One run."""
        return apply_here(spec, self.mock, wish=at(self.name, self.mock), **more)

    def apply_to_the_end(self, spec: Path) -> Applied:
        """Runs until the tests have passed, with what is the user's to do between them."""
        done = self.apply(spec, disk=FastDisk())
        return self.apply_to_the_end(spec) if self.does_the_user_s_part(spec, done) else done

    def record(self, spec: Path) -> dict[str, Any]:
        lock = json.loads(spec.with_suffix(".lock.json").read_text(encoding="utf-8"))
        record: dict[str, Any] = lock["endpoints"][self.mock.base_url]
        return record

    def lock(self, spec: Path) -> Record:
        """The same as the engine reads it."""
        file = LockFile(spec.with_suffix(".lock.json"), name="stories", disk=FastDisk())
        return file.read().endpoints[self.mock.base_url]

    def standing(self) -> list[str]:
        """What kinds of things were created between job and model and still exist, sorted."""
        made = (one.partition(":")[0] for one in self.made())
        return sorted(noun for noun in made if noun != "file")

    def made(self) -> list[str]:
        """What exists at the provider beside files and jobs."""
        state = requests.get(f"{self.mock.origin}/_mock/state", timeout=10).json()
        return [resource["id"] for resource in state["resources"]]

    def does_the_user_s_part(self, spec: Path, stopped: Applied) -> bool:
        """Whether the run stopped for a deployment in the console, which is then made."""
        models = re.findall(r"deploy (\S+) in the console", stopped.said)
        if not models:
            return False
        answer = requests.post(
            f"{self.mock.origin}/_mock/console/deployments",
            json={"model": models[0]},
            headers={"Authorization": "Bearer console"},
            timeout=10,
        )
        document = json.loads(spec.read_text(encoding="utf-8"))
        document["providers"][self.name]["model_name"] = answer.json()["name"]
        spec.write_text(json.dumps(document), encoding="utf-8")
        return True


@pytest.fixture(scope="module")
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Home]:
    name: str = request.param
    dialect = "openai" if name == "generic" else name
    with MockServer(Settings(clock="manual", seed=0, speed=SPEED, dialect=dialect)) as server:
        yield Home(name, FtMock(server.origin, dialect), tmp_path_factory.mktemp(name))


@pytest.mark.parametrize("home", HOMES, indirect=True)
def test_killed_between_job_and_model_it_resumes_to_one_of_each(
    home: Home, mortals: Victims, tried: Callable[[str, int], None]
) -> None:
    failures = {}
    points = between_job_and_model(home)
    tried("points of death", len(points))

    for number, (runs_before, point) in enumerate(points):
        spec = home.spec(f"at-{number}")
        for _ in range(runs_before):
            home.does_the_user_s_part(spec, home.apply(spec, disk=FastDisk()))
        status = mortals.apply(spec, home.mock, dies_at=point, provider=home.name)
        again = home.apply_to_the_end(spec)
        if fault := wrong(home, spec, status, again):
            failures[point] = fault

    assert failures == {}
    assert len(points) >= 3


def between_job_and_model(home: Home) -> list[tuple[int, str]]:
    """The points from the look that found the job at its end to the model's first answer, each
    with the number of runs that came before the one it is in.

    Of a write of the lock file one of six, and none of evidence: all are gone through elsewhere.
    Of points that leave the same, one.
    """
    spec = home.spec("recorded")
    runs: list[Recorder] = []
    goes_on = True
    while goes_on:
        recorder = Recorder(spec.parent, home.mock)
        disk = PointedDisk(SystemDisk(), recorder)
        done = home.apply(spec, disk=disk, transport=pointed(recorder))
        goes_on = home.does_the_user_s_part(spec, done)
        runs.append(recorder)
    done.expect(0)
    begin = max(place for place, point in enumerate(runs[0].names) if _is_look_at_job(point))
    end = runs[-1].names.index("POST /chat/completions 1: after")
    first, *rest = [*(run.names for run in runs[:-1]), runs[-1].names[:end]]
    window = [set(first[begin:])]
    window += [{point for point in points if point.startswith(("lock", "POST"))} for points in rest]
    return [
        (number, points[0])
        for number, run in enumerate(runs)
        for death in run.deaths
        if (points := [point for point in death if point in window[number] and _is_tried(point)])
    ]


def _is_tried(point: str) -> bool:
    return " write " not in point or point.endswith("and rename")


def _is_look_at_job(point: str) -> bool:
    return re.match(r"GET /(fine_tuning/jobs|fine-tunes)/\* \d+: after", point) is not None


def wrong(home: Home, spec: Path, status: int, again: Applied) -> str | None:
    """What went wrong, if anything did."""
    if status != -signal.SIGKILL:
        return f"ended with {status} instead of dying"
    if again.code != 0:
        return f"exit {again.code}: {again.said}"
    if len(home.mock.jobs) != 1:
        return f"{len(home.mock.jobs)} jobs"
    recorded = [resource["noun"] for resource in home.record(spec)["resources"]]
    if home.name != "zhipu" and sorted(recorded) != home.standing():
        return f"recorded {recorded}, but there are {home.made()}"
    verdict = home.mock.verdict()
    return None if verdict.clean else str(verdict)


@pytest.mark.parametrize("home", ["azure", "nebius", "together"], indirect=True)
def test_an_unrecorded_job_is_recorded_though_the_spec_changed_since(
    home: Home, mortals: Victims
) -> None:
    """Else it would be billed while no record knows of it."""
    created = next(
        point
        for _, point in between_job_and_model(home)
        if point.startswith(("PUT", "POST")) and point.endswith("after")
    )
    spec = home.spec("changed since")
    assert mortals.apply(spec, home.mock, dies_at=created, provider=home.name) == -signal.SIGKILL
    with pytest.raises(StateError, match="unconfirmed"):
        removal(home.lock(spec), lambda verb: verb)
    text = spec.read_text(encoding="utf-8")
    spec.write_text(text.replace('"n_epochs": 10', '"n_epochs": 11'), encoding="utf-8")

    home.apply_to_the_end(spec).expect(0)

    recorded = [resource["noun"] for resource in home.record(spec)["resources"]]
    assert len(home.mock.jobs) == 2
    assert len(recorded) > 1
    assert sorted(recorded) == home.standing()


@pytest.mark.usefixtures("counts_as_lost_answer")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("home", "noun"), CREATIONS, indirect=["home"], ids=[" ".join(pair) for pair in CREATIONS]
)
def test_a_lost_answer_to_a_creation_makes_no_second_one(home: Home, noun: str, way: str) -> None:
    spec = home.spec(f"{noun} {way}")
    method, path = CREATIONS[home.name, noun]
    home.mock.fault(WAYS[way], method=method, path=path, times=1)

    done = home.apply_to_the_end(spec).expect(0)

    assert home.mock.unfired == []
    assert wrong(home, spec, -signal.SIGKILL, done) is None
