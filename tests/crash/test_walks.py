"""Random kills, faults, restarts and lost lock files, one after another: one job in the end."""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from mockserver.client import FtMock
from tests.crash.conftest import WALKS, MakeSpec
from tests.crash.judging import faults
from tests.crash.points import Killed, PointedDisk, Reach, pointed
from tests.kit.driver import FastDisk, apply_here

LIVES = 4
RETRY_AFTER = 2  # seconds
FAULTS: list[dict[str, Any]] = [
    {"drop": "before"},
    {"drop": "after"},
    {"truncate": 30},
    {"malformed": True},
    {"status": 500},
    {"status": 503, "html": True},
    {"status": 429, "retry_after": RETRY_AFTER},
]


def test_any_walk_ends_with_one_job(
    request: pytest.FixtureRequest,
    mock: FtMock,
    spec_in: MakeSpec,
    capsys: pytest.CaptureFixture[str],
) -> None:
    walks = request.config.getoption("walks", WALKS)
    first = request.config.getoption("walk_seed", None) or secrets.randbelow(10**9)
    with capsys.disabled():
        print(f"\n{walks} walks from --walk-seed {first}")

    failures = {
        seed: fault
        for seed in range(first, first + walks)
        if (fault := walk(Random(seed), mock, spec_in(f"walk-{seed}")))
    }

    assert failures == {}


def walk(random: Random, mock: FtMock, spec: Path) -> str | None:
    """What went wrong, if anything did: after some short lives, an undisturbed one."""
    mock.reset()
    for _ in range(random.randint(1, LIVES)):
        live(random, mock, spec)
        # A killed run takes what a 429 asked for to its grave: the next begins after it.
        mock.advance(random.uniform(RETRY_AFTER, 10))
        if random.random() < 0.2:
            spec.with_suffix(".lock.json").unlink(missing_ok=True)
    mock.disarm()
    last = apply_here(spec, mock, seed=random.getrandbits(32))
    if last.code != 0:
        return f"exit {last.code}: {last.said}"
    shutil.rmtree(spec.parent)
    if len(mock.jobs) != 1:
        return f"{len(mock.jobs)} jobs"
    return "; ".join(faults(mock)) or None


def live(random: Random, mock: FtMock, spec: Path) -> None:
    """One run among faults, killed at a moment of chance if it does not end before."""
    mock.disarm()
    for fault in random.sample(FAULTS, k=random.randint(0, 2)):
        mock.fault(fault, probability=0.2)
    reach = dies_after(random.randint(1, 120))
    with suppress(Killed):
        apply_here(
            spec,
            mock,
            disk=PointedDisk(FastDisk(), reach),
            transport=pointed(reach),
            seed=random.getrandbits(32),
        )


def dies_after(steps: int) -> Reach:
    left = iter(range(steps))

    def reach(name: str) -> None:
        if next(left, None) is None:
            raise Killed(name)

    return reach
