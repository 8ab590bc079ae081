"""Sets and gates for people: what is measured, the effect as a picture, the worst rows first."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from msgspec.structs import replace

from ftrunner import events as e
from ftrunner.clock import SystemClock
from ftrunner.render.run.live import console_of
from ftrunner.render.run.sets import Line, compared, judged, measured, picture
from ftrunner.render.run.terminal import Terminal

TUNED = e.SetMeasured(
    set="tickets",
    who="tuned",
    model="ft:x",
    rows=200,
    passed=186,
    mean=0.93,
    low=0.885,
    high=0.961,
    reason=None,
    leaked=3,
    unmeasured=0,
    metrics={"score": 0.93, "macro_f1": 0.9, "recall.billing": 0.8},
)
BASE = replace(TUNED, who="base", passed=150, mean=0.75, low=0.684, high=0.808, metrics={})
COMPARED = e.SetCompared(
    set="tickets",
    against="base",
    model="gpt",
    rows=200,
    effect=0.18,
    low=0.121,
    high=0.234,
    confidence=0.95,
    reason=None,
    word="better",
    better=40,
    worse=4,
    p_value=0.0004,
    enough=None,
    sentence="better than the base model by 18 points (12.1 to 23.4 at 95 %)",
)


def row(number: int, difference: float) -> e.RowChanged:
    return e.RowChanged(f"held.jsonl:{number}", "Where is it?", "lost", difference, "late", "lost")


def text(lines: Iterable[Line]) -> list[str]:
    return ["".join(p if isinstance(p, str) else p[0] for p in line) for line in lines]


def test_the_tuned_model_heads_the_table_of_its_set() -> None:
    assert text([*measured(TUNED), *measured(BASE)]) == [
        "tickets  200 rows, 3 rows left out: the training data has them",
        "  tuned    186 of 200 passed   93.0 %  (88.5 to 96.1)",
        "           macro f1 90.0 %",
        "  base     150 of 200 passed   75.0 %  (68.4 to 80.8)",
    ]


def test_rows_that_are_asked_again_pass_every_time() -> None:
    again = replace(TUNED, repeat=3, mean=0.96, metrics={})

    assert text(measured(again))[1] == (
        "  tuned    186 of 200 passed every time   96.0 %  (88.5 to 96.1)"
    )


def test_what_could_not_be_measured_is_said() -> None:
    nothing = replace(BASE, mean=None, low=None, high=None, reason="no answer", unmeasured=200)

    assert text(measured(nothing)) == ["  base     no answer  200 unmeasured"]


def test_a_comparison_is_a_sentence_a_picture_and_the_rows_that_got_worse() -> None:
    changed = (*(row(n, -1.0) for n in (4, 9)), row(2, 1.0))

    assert text(compared(replace(COMPARED, worse=2, changed=changed))) == [
        "  better than the base model by 18 points (12.1 to 23.4 at 95 %)",
        "    40 better, 2 worse of 200 rows (p < 0.001)",
        "    −50 ····················│····├─●─┤··········· +50",
        "    worse held.jsonl:4  Where is it?  (right: lost)",
        "      tuned    late",
        "      base     lost",
        "    worse held.jsonl:9  Where is it?  (right: lost)",
        "      tuned    late",
        "      base     lost",
    ]


def test_slices_are_shown_below_the_effect() -> None:
    mail = e.SliceCompared("channel", "mail", 27, 0.85, 0.601, 0.952, "better")
    phone = e.SliceCompared("channel", "phone\x1b[2J", 1, -1.0, None, None, "not enough evidence")

    lines = text(compared(replace(COMPARED, worse=0, slices=(mail, phone))))

    assert lines[3:] == [
        "    channel = mail: +85 points (+60.1 to +95.2), 27 rows",
        "    channel = phone\ufffd[2J: −100 points, 1 row",
    ]


def test_few_of_many_rows_are_shown_and_the_rest_is_counted() -> None:
    changed = tuple(row(n, -1.0) for n in range(200))

    lines = text(compared(replace(COMPARED, worse=300, changed=changed)))

    assert sum("worse held" in line for line in lines) == 5
    assert lines[-1] == "    and 295 more that got worse"


def test_without_an_interval_nothing_is_drawn() -> None:
    few = replace(COMPARED, low=None, high=None, p_value=None, rows=2, better=1, worse=0)

    assert text(compared(few))[1:] == ["    1 better, 0 worse of 2 rows"]


@pytest.mark.parametrize(
    ("effect", "low", "high", "drawn"),
    [
        (0.0, -1.0, 1.0, "−100 ├───────────────────●───────────────────┤ +100"),
        (0.0, -0.005, 0.008, "−1 ··········├─────────●───────────────┤···· +1"),
        (-0.04, -0.05, -0.03, "−5 ├───●───┤···········│···················· +5"),
        (1.0, 0.9, 1.0, "−100 ····················│·················├─● +100"),
    ],
)
def test_the_picture_has_zero_in_the_middle(
    effect: float, low: float, high: float, drawn: str
) -> None:
    assert picture(effect, low, high) == drawn


@pytest.mark.parametrize(
    ("result", "excused", "shown"),
    [
        ("passed", False, "  ✓ tickets: better than base  passed: +2 is above 0"),
        ("failed", False, "  ✗ tickets: better than base  failed: +2 is above 0"),
        ("undecided", True, "  ? tickets: better than base  undecided (may stay open): +2 is abov"),
        ("skipped", False, "  - tickets: better than base  skipped: +2 is above 0"),
    ],
)
def test_a_gate_has_its_reason(result: str, excused: bool, shown: str) -> None:
    gate = e.GateJudged("tickets: better than base", "t", result, "+2 is above 0", excused, 2, 0)

    assert text([judged(gate)])[0].startswith(shown)


def test_models_and_data_cannot_drive_the_terminal() -> None:
    evil = "\x1b[2Jx\u202e\nDone: evil"
    changed = (e.RowChanged(evil, evil, evil, -1.0, evil, evil),)
    stream = io.StringIO()
    show = Terminal(console_of(stream), SystemClock())

    show(replace(TUNED, set=evil, who="tuned", metrics={evil: 0.5}))
    show(replace(COMPARED, sentence=evil, against=evil, changed=changed))
    show(e.GateJudged(evil, evil, evil, evil, False, None, None))
    show(e.VerdictReached("failed", evil, None))

    shown = stream.getvalue()
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert not any(line.startswith("Done") for line in shown.splitlines())
