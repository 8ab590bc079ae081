from __future__ import annotations

import re

import pytest

from mockserver.clock import MANUAL_START, ManualClock
from mockserver.ids import Ids, Kind, derived


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("file", r"file-[A-Za-z0-9]{24}"),
        ("job", r"ftjob-[A-Za-z0-9]{24}"),
        ("model", r"[a-z0-9]{8}"),
        ("completion", r"chatcmpl-[A-Za-z0-9]{29}"),
        ("request", r"req_[0-9a-f]{32}"),
    ],
)
def test_ids_look_as_a_provider_makes_them(kind: Kind, pattern: str) -> None:
    assert re.fullmatch(pattern, Ids(1).new(kind))


def test_the_same_seed_gives_the_same_ids() -> None:
    assert Ids(5).new("file") == Ids(5).new("file")
    assert Ids(5).new("file") != Ids(6).new("file")


def test_a_restart_with_the_same_seed_repeats_no_id() -> None:
    assert Ids(5, generation=1).new("file") != Ids(5, generation=2).new("file")


def test_ids_start_over_when_asked() -> None:
    ids = Ids(5)
    first = [ids.new("file"), ids.new("job")]
    ids.restart()

    assert [ids.new("file"), ids.new("job")] == first


def test_derived_ids_follow_from_their_parts() -> None:
    assert derived("x-", "a", 1) == derived("x-", "a", 1)
    assert derived("x-", "a", 1) != derived("x-", "a", 2)
    assert derived("x-", "ab", "c") != derived("x-", "a", "bc")


def test_a_manual_clock_moves_forward_only_when_asked() -> None:
    clock = ManualClock()
    clock.advance(2.5)

    assert clock.now() == MANUAL_START + 2.5
    with pytest.raises(ValueError, match="0 seconds or more"):
        clock.advance(-1)
    with pytest.raises(ValueError, match="0 seconds or more"):
        clock.advance(float("nan"))
