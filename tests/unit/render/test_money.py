from __future__ import annotations

import pytest

from ftrunner.dataset.cost.cost import Estimate, Span
from ftrunner.dataset.cost.prices import Price
from ftrunner.dataset.report import Sample
from ftrunner.render.documents.money import describe

PRICE = Price(3, 3, "2025-12", "openai.com")
SAMPLED = Estimate(
    4_100_000,
    Span(3, 3),
    12_300_000,
    Span(36_600_000, 37_200_000),
    Span(109.8, 111.6),
    PRICE,
    sample=Sample(20_000, 4_100_000, 0.008),
)


@pytest.mark.parametrize(
    ("estimate", "reported"),
    [
        (
            Estimate(10, Span(10, 10), 373, Span(3730, 3730), Span(0.011, 0.011), PRICE),
            "3,730 tokens = 373 × 10 epochs, about $0.01 at $3.00 per million (2025-12)",
        ),
        (
            Estimate(
                *(10, Span(1, 1), 373, Span(373, 373), Span(1, 2)),
                Price(1, 2.6, None, "our contract"),
            ),
            "373 tokens = 373 × 1 epoch, $1.00 to $2.00 at $1.00 to $2.60 per million"
            " (our contract)",
        ),
        (
            Estimate(
                *(10, Span(1, 1), 990, Span(990, 990), Span(0.99, 0.99)),
                Price(1000, 1000, "2025-12", "openai.com"),
                coarse=3,
            ),
            "at least 990 tokens = 990 × 1 epoch, about $0.99 at $1,000.00 per million (2025-12);"
            " images may make it more",
        ),
        (
            SAMPLED,
            "36,600,000 to 37,200,000 tokens = (12,300,000 ± 0.8%) × 3 epochs, from a sample of"
            " 20,000 of 4,100,000 examples, $109.80 to $111.60 at $3.00 per million (2025-12)",
        ),
        (
            Estimate(10, Span(2, 10), unknown="tokens were not counted"),
            "10 examples × 2 to 10 epochs; tokens were not counted",
        ),
    ],
)
def test_an_estimate_says_where_its_figures_are_from(estimate: Estimate, reported: str) -> None:
    assert describe(estimate) == reported
