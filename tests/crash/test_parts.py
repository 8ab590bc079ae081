"""Killed while a large file goes in parts, a run starts the upload again and ends with one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.test_kills import die_and_come_back, record
from tests.crash.test_lost_responses import WAYS
from tests.crash.victims import Victims
from tests.kit.driver import apply_here

# The provider as it is, but for files that it takes in one request.
SMALL_FILES = {"extends": "openai", "limits": {"file_bytes": 500, "part_bytes": 400}}


@pytest.fixture
def in_parts(spec_in: MakeSpec) -> MakeSpec:
    """Makes a project whose training file is larger than the provider takes at once."""

    def make(folder: str = "project", **changes: Any) -> Path:
        spec = spec_in(folder, **changes)
        with_profile(spec, SMALL_FILES)
        return spec

    return make


def with_profile(spec: Path, profile: dict[str, Any]) -> None:
    """Give the project its own profile in OpenAI's place."""
    path = spec.parent / ".ftrunner" / "providers" / "openai.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(profile), encoding="utf-8")


def sent_in_parts(mock: FtMock) -> list[str]:
    return [made["path"] for made in mock.requests if made["path"].endswith("/parts")]


def uploaded(mock: FtMock) -> list[str]:
    """The files that came from here: those of results are the provider's own."""
    return [file["id"] for file in mock.files if file["purpose"] == "fine-tune"]


def test_killed_at_every_point_of_an_upload_in_parts(
    mock: FtMock, in_parts: MakeSpec, mortals: Victims, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = record(in_parts("recorded"), mock)
    # All of them: parts go side by side, and what a death leaves is not always the same.
    points = [point for point in recorded.names if "upload" in point]
    assert len(sent_in_parts(mock)) >= 3
    failures = {}
    for number, point in enumerate(points):
        mock.reset()
        if fault := die_and_come_back(point, mock, in_parts(f"at-{number}"), mortals):
            failures[point] = fault
        elif len(uploaded(mock)) != 1:
            failures[point] = f"{uploaded(mock)}"

    assert failures == {}
    with capsys.disabled():
        print(f"\nkilled at {len(points)} points of an upload in parts: one file each time")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", ["/v1/uploads", "/v1/uploads/*/parts", "/v1/uploads/*/complete"])
def test_a_lost_answer_in_an_upload_leaves_one_file(
    mock: FtMock, in_parts: MakeSpec, path: str, way: str
) -> None:
    mock.fault(WAYS[way], method="POST", path=path, times=1)

    apply_here(in_parts(), mock).expect(0)

    assert mock.unfired == []
    assert len(uploaded(mock)) == 1
    assert mock.verdict().clean
