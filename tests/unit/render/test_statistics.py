from __future__ import annotations

from ftrunner.dataset.stats import Statistics
from ftrunner.render.statistics import as_text


def test_figures_and_bars() -> None:
    figures = Statistics(
        examples=1_200,
        size=3 * 1024 * 1024,
        roles={"user": 1_200, "assistant": 1_199},
        histogram=((512, 1), (1024, 400), (4096, 800)),
        scripts={"Latin": 0.75, "Han": 0.25},
        duplicates=2,
        tokens=99_000,
        longest=700,
    )

    assert as_text("train", figures).splitlines() == [
        "train: 1,200 examples, 3.0 MiB",
        "  messages    1,200 user, 1,199 assistant",
        "  scripts     Latin 75%, Han 25%",
        "  duplicates  2",
        "  tokens      99,000, at most 700 in one example",
        "  bytes a line",
        "       < 512 B          1  █",
        f"     < 1.0 KiB        400  {'█' * 20}",
        f"     < 4.0 KiB        800  {'█' * 40}",
    ]


def test_nothing_is_figures_too() -> None:
    shown = as_text("train", Statistics(0, 0, {}, (), {}, 0, None, None))

    assert "0 examples, 0 B" in shown
    assert "tokens" not in shown
