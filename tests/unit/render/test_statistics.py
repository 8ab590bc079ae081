from __future__ import annotations

from ftrunner.dataset.report import Sample
from ftrunner.dataset.totals.stats import Statistics
from ftrunner.render.documents.statistics import as_text


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


def test_a_sample_states_its_error() -> None:
    sample = Sample(examples=20_000, of=4_100_000, error=0.0081)
    figures = Statistics(4_100_000, 1, {}, (), {}, 0, 12_300_000, 900, sample)

    assert (
        "  tokens      12,300,000 ± 0.81%, from a sample of 20,000 of 4,100,000 examples;"
        " at most 900 in one example of it"
    ) in as_text("train", figures).splitlines()
