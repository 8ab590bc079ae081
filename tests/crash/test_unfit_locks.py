"""A lock file that is torn, foreign or stale is reported, never overwritten, never acted on."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from ftrunner.cli.applying import ApplyRequest
from ftrunner.engine.plan import Options
from ftrunner.events import StepStarted
from mockserver.client import FtMock
from tests.crash.conftest import MakeSpec
from tests.crash.test_at_once import delete_model
from tests.kit.driver import FastDisk, apply_here


@pytest.fixture
def applied(mock: FtMock, spec_in: MakeSpec) -> Path:
    """A spec that has been applied."""
    spec = spec_in()
    apply_here(spec, mock).expect(0)
    return spec


def lock_of(spec: Path) -> Path:
    return spec.with_suffix(".lock.json")


def test_a_lock_cut_anywhere_is_left_alone_and_nothing_is_sent(mock: FtMock, applied: Path) -> None:
    lock = lock_of(applied)
    whole = lock.read_bytes()
    asked = len(mock.requests)

    for length in range(0, len(whole) - 2, 50):
        lock.write_bytes(whole[:length])
        apply_here(applied, mock).expect(4)
        assert lock.read_bytes() == whole[:length]

    assert len(mock.requests) == asked


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("{", "<<<<<<< ours\n{", 1), "FT403"),
        (lambda text: text.replace('"version": 2', '"version": 9'), "FT404"),
        (lambda text: text.replace('"state": "succeeded"', '"state": "fine"'), "FT405"),
        (lambda text: text.replace('"name": "stories"', '"name": "other"'), "FT406"),
    ],
    ids=["merge conflict", "newer", "edited by hand", "of another spec"],
)
def test_an_unfit_lock_has_its_own_way_out(
    mock: FtMock, applied: Path, change: Any, code: str
) -> None:
    lock = lock_of(applied)
    lock.write_text(change(lock.read_text()))
    before = lock.read_bytes()

    refused = apply_here(applied, mock).expect(4)

    assert [(error.code, bool(error.hint)) for error in refused.errors] == [(code, True)]
    assert lock.read_bytes() == before


def test_a_lock_from_before_the_last_training_pays_nothing(mock: FtMock, applied: Path) -> None:
    """A branch is checked out whose lock file does not know the latest job."""
    old = lock_of(applied).read_bytes()
    edit(applied, n_epochs=9)
    apply_here(applied, mock).expect(0)
    lock_of(applied).write_bytes(old)

    done = apply_here(applied, mock).expect(0)

    assert len(mock.jobs) == 2
    assert "job_adopted" in [event.kind for event in done.events]


def test_going_back_to_former_inputs_finds_their_model(mock: FtMock, applied: Path) -> None:
    edit(applied, n_epochs=9)
    apply_here(applied, mock).expect(0)
    edit(applied, n_epochs=10)

    apply_here(applied, mock).expect(0)

    assert len(mock.jobs) == 2


def test_a_lost_lock_is_rebuilt_and_says_the_same(mock: FtMock, applied: Path) -> None:
    before = job_in(applied)
    lock_of(applied).unlink()

    apply_here(applied, mock).expect(0)

    assert job_in(applied) == before


def test_a_lost_lock_and_fresh_pays_again_on_purpose(mock: FtMock, applied: Path) -> None:
    lock_of(applied).unlink()

    apply_here(applied, mock, wish=ApplyRequest(options=Options(fresh=True))).expect(0)

    assert len(mock.jobs) == 2


def test_a_succeeded_job_whose_model_is_gone_is_not_adopted(mock: FtMock, applied: Path) -> None:
    delete_model(mock, job_in(applied)["model"])
    lock_of(applied).unlink()

    done = apply_here(applied, mock).expect(0)

    assert "its model is gone" in done.said
    assert len(mock.jobs) == 2


def test_recorded_files_are_checked_before_money_is_spent(mock: FtMock, applied: Path) -> None:
    mock.reset()
    edit(applied, n_epochs=9)

    done = apply_here(applied, mock).expect(0)

    reasons = [event.reason for event in done.events if isinstance(event, StepStarted)]
    assert any(reason.endswith("is gone") for reason in reasons)


def test_a_recorded_job_that_is_not_there_is_a_question_of_state(
    mock: FtMock, applied: Path
) -> None:
    lock = lock_of(applied)
    lock.write_text(lock.read_text().replace('"state": "succeeded"', '"state": "running"'))
    mock.reset()

    refused = apply_here(applied, mock).expect(4)

    assert [error.code for error in refused.errors] == ["FT409"]
    assert f"ftrunner forget {applied}" in refused.said


def test_a_disk_that_is_full_is_explained_and_come_back_from(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    spec = spec_in()

    refused = apply_here(spec, mock, disk=FullAfter(3)).expect(4)
    apply_here(spec, mock).expect(0)

    assert [error.code for error in refused.errors] == ["FT417"]
    assert len(mock.jobs) == 1


class FullAfter(FastDisk):
    """A disk with room for so many writes."""

    def __init__(self, writes: int) -> None:
        self._left = writes

    def write(self, path: Path, data: bytes, mode: int) -> None:
        if not self._left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        self._left -= 1
        super().write(path, data, mode)


def edit(spec: Path, *, n_epochs: int) -> None:
    document = json.loads(spec.read_text())
    spec.write_text(json.dumps({**document, "hyperparameters": {"n_epochs": n_epochs}}))


def job_in(spec: Path) -> dict[str, Any]:
    [record] = json.loads(lock_of(spec).read_text())["endpoints"].values()
    found: dict[str, Any] = record["job"]
    return found
