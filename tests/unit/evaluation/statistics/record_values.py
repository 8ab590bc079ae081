"""Records scipy's values, for the tests that run without the extra `stats`. Run by `python -m`."""

from __future__ import annotations

import json

from scipy import stats

from tests.unit.evaluation.statistics.lists import EVERY, RECORDED, seeded_lists


def main() -> None:
    """Write the intervals of every tenth list, and rates and p values of a few counts."""
    lists = list(seeded_lists())[::EVERY]
    counts = [(k, n) for n in (1, 5, 20, 72, 500) for k in sorted({0, 1, n // 3, n - 1, n})]
    values = {
        "plus_two": [bounds(d, [1, -1]) for d in lists],
        "gate_low": [bounds(d, [1, -1, -1])[0] for d in lists],
        "gate_high": [bounds(d, [1, -1, 1])[1] for d in lists],
        "rates": [[k, n, *_rate(k, n)] for k, n in counts],
        "p_values": [[k, n, float(stats.binomtest(k, n).pvalue)] for k, n in counts],
        "t": [
            [p, df, float(stats.t.ppf(p, df))] for p in (0.9, 0.975, 0.9995) for df in (1, 9, 999)
        ],
    }
    RECORDED.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")


def bounds(differences: list[float], added: list[int]) -> list[float]:
    """scipy's t interval of the list with imaginary prompts, within -1 to 1."""
    found = stats.ttest_1samp([*differences, *added], 0).confidence_interval()
    return [max(float(found.low), -1.0), min(float(found.high), 1.0)]


def _rate(k: int, n: int) -> list[float]:
    found = stats.binomtest(k, n).proportion_ci(0.95, "exact")
    return [float(found.low), float(found.high)]


if __name__ == "__main__":
    main()
