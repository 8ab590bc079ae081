from __future__ import annotations

import pytest

from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.statistics.words import GateResult, Word, above, word


@pytest.mark.parametrize(
    ("low", "high", "margin", "expected"),
    [
        (-0.01, 0.01, 0.02, Word.AS_GOOD),
        (0.001, 0.015, 0.02, Word.A_LITTLE_BETTER),
        (-0.015, -0.001, 0.02, Word.A_LITTLE_WORSE),
        (0.01, 0.2, 0.02, Word.BETTER),
        (0.01, 0.2, None, Word.BETTER),
        (-0.2, -0.01, None, Word.WORSE),
        (-0.2, -0.01, 0.02, Word.WORSE),
        (-0.01, 0.2, 0.02, Word.NOT_WORSE),
        (-0.02, 0.2, 0.02, Word.UNDECIDED),
        (-0.01, 0.2, None, Word.UNDECIDED),
        (0.0, 0.2, None, Word.UNDECIDED),
    ],
)
def test_words(low: float, high: float, margin: float | None, expected: Word) -> None:
    assert word(Interval(low, high), margin) is expected


def test_without_an_interval_there_is_not_enough_evidence() -> None:
    assert word(None, 0.1) is Word.UNDECIDED
    assert above(None, 0.0) is GateResult.UNDECIDED


@pytest.mark.parametrize(
    ("low", "high", "threshold", "inclusive", "expected"),
    [
        (0.03, 0.1, 0.02, False, GateResult.PASSED),
        (0.02, 0.1, 0.02, False, GateResult.UNDECIDED),
        (0.95, 1.0, 0.95, True, GateResult.PASSED),
        (-0.3, 0.01, 0.02, False, GateResult.FAILED),
        (-0.3, 0.02, 0.02, False, GateResult.FAILED),
        (0.5, 0.95, 0.95, True, GateResult.UNDECIDED),
    ],
)
def test_a_gate_passes_fails_or_remains_undecided(
    low: float, high: float, threshold: float, inclusive: bool, expected: GateResult
) -> None:
    assert above(Interval(low, high), threshold, inclusive=inclusive) is expected
