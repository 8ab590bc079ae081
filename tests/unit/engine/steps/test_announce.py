"""Sets and gates are announced as events, and recorded without their rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from ftrunner.engine.steps.announce import announce, set_record
from ftrunner.events import GateJudged, SetCompared, SetMeasured
from tests.kit.results import full
from tests.kit.runs import staged

RESULTS = full()


def test_each_set_is_announced_before_the_gates(tmp_path: Path) -> None:
    stage = staged(tmp_path, provider=None)

    announce(stage.run, RESULTS.sets, RESULTS.gates)

    assert [type(event) for event in stage.reported] == [
        SetMeasured,
        SetMeasured,
        SetCompared,
        GateJudged,
        GateJudged,
    ]


def test_a_changed_row_has_a_telling_answer_of_each_model(tmp_path: Path) -> None:
    stage = staged(tmp_path, provider=None)

    announce(stage.run, RESULTS.sets, ())

    compared: Any = stage.reported[2]
    [row] = compared.changed
    assert (row.answer, row.other_answer) == ("account", "delivery")
    assert row.place == "data/heldout.jsonl:1"


def test_the_lock_file_has_figures_and_no_row() -> None:
    [tickets] = map(set_record, RESULTS.sets)

    assert (tickets.n, tickets.passed, tickets.mean, tickets.low) == (20, 15, 0.75, 0.5)
    assert tickets.against["base"].word == "worse"
    assert tickets.against["base"].effect == -0.2
    assert len(msgspec.json.encode(tickets)) < 1_000
