from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.totals.stats import scripts_of, statistics
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Fraction, Spec
from tests.unit.dataset.samples import example


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("A whale, 1 ton!", {"Latin": 9}),
        ("蓝鲸 café", {"Han": 2, "Latin": 4}),
        ("くじら クジラ", {"Kana": 6}),
        ("고래", {"Hangul": 2}),
        ("кит", {"Cyrillic": 3}),
        ("حوت", {"Arabic": 3}),
        ("φάλαινα", {"Greek": 7}),
        ("ꦏꦺ", {"Other": 1}),
        ("123 _ 🐳", {}),
    ],
)
def test_letters_are_counted_by_script(text: str, scripts: dict[str, int]) -> None:
    assert scripts_of(text) == scripts


def test_figures_of_a_split(tmp_path: Path) -> None:
    rows = [example(1), example(2), b"{", example(3, answer="蓝鲸" * 1000), example(1)]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(rows))
    spec = Spec(tmp_path / "s.yaml", "s", "gpt-4o", Dataset(("a.jsonl",)))
    report = check_dataset(spec, registry.get("generic"), Counting.EXACT)
    assert report.train is not None

    figures = statistics(report.train, report)

    assert figures.examples == 5
    assert figures.roles == {"user": 4, "assistant": 4}
    assert figures.duplicates == 1
    assert sum(count for _, count in figures.histogram) == 5
    assert list(figures.scripts) == ["Han", "Latin"]
    assert sum(figures.scripts.values()) == pytest.approx(1)
    assert figures.tokens is not None
    assert figures.longest is not None
    assert figures.longest < figures.tokens


def test_a_split_that_was_cut_counts_its_own_examples(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(map(example, range(50))))
    spec = Spec(tmp_path / "s.yaml", "s", "", Dataset(("a.jsonl",), Fraction(0.3, 7)))
    report = check_dataset(spec, registry.get("generic"))
    assert report.train is not None
    assert report.validation is not None

    figures = [statistics(split, report) for split in (report.train, report.validation)]

    assert sum(each.examples for each in figures) == 50
