from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.check import Settings
from ftrunner.dataset.files.reader import DataFile
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.faults import KEPT_PER_CODE
from ftrunner.dataset.scan import Scanned, scan_file
from ftrunner.dataset.totals import dataset_rules
from ftrunner.dataset.totals.row_hashes import trail
from ftrunner.findings import Finding, Severity
from tests.unit.dataset.samples import example

HASHES = st.lists(st.integers(0, 9).map(lambda number: b"%d" % number), max_size=30)


def scanned(folder: Path, name: str, *rows: bytes) -> Scanned:
    path = folder / name
    path.write_bytes(b"".join(row + b"\n" for row in rows))
    return scan_file(DataFile(name, path), Settings(Format.CHAT), [])


def places(findings: list[Finding]) -> list[str]:
    return [f"{f.code} {f.location.file}:{f.location.line}" for f in findings]


def test_repeats_are_found_across_files_and_name_the_first(tmp_path: Path) -> None:
    one = scanned(tmp_path, "a.jsonl", example(1), b"", example(2))
    two = scanned(tmp_path, "b.jsonl", b"", example(3), example(2), example(1))
    found = list(dataset_rules.repeated(dataset_rules.Lines([one, two]), {}))

    assert places(found) == ["FT250 b.jsonl:3", "FT250 b.jsonl:4"]
    assert "a.jsonl:3" in found[0].message
    assert "a.jsonl:1" in found[1].message


def test_a_repeat_with_another_line_end_is_a_repeat(tmp_path: Path) -> None:
    one = scanned(tmp_path, "a.jsonl", example(1) + b"\r", example(2), example(1))

    assert places(list(dataset_rules.repeated(dataset_rules.Lines([one]), {}))) == [
        "FT250 a.jsonl:3"
    ]


def test_equal_hashes_are_confirmed_by_the_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ftrunner.dataset.totals.row_hashes.xxh3_64_intdigest", len)
    one = scanned(tmp_path, "a.jsonl", example(1), example(2), example(1))

    assert places(list(dataset_rules.repeated(dataset_rules.Lines([one]), {}))) == [
        "FT250 a.jsonl:3"
    ]


def test_no_more_repeats_are_kept_than_the_bound(tmp_path: Path) -> None:
    one = scanned(tmp_path, "a.jsonl", *[example(1)] * (KEPT_PER_CODE + 9))

    assert len(list(dataset_rules.repeated(dataset_rules.Lines([one]), {}))) == KEPT_PER_CODE


def test_one_prompt_with_two_answers_is_noted(tmp_path: Path) -> None:
    rows = [example(1), example(2), example(1, answer="three"), example(1)]
    found = list(
        dataset_rules.contradictory(dataset_rules.Lines([scanned(tmp_path, "a.jsonl", *rows)]), {})
    )

    assert places(found) == ["FT251 a.jsonl:3"]


def test_validation_examples_that_are_trained_on_are_errors(tmp_path: Path) -> None:
    train = dataset_rules.Lines([scanned(tmp_path, "t.jsonl", example(1), b"", example(2))])
    validation = dataset_rules.Lines([scanned(tmp_path, "v.jsonl", b"", example(2), example(3))])
    found = list(dataset_rules.leaked(train, validation, {}))

    assert places(found) == ["FT252 v.jsonl:2"]
    assert "t.jsonl:3" in found[0].message
    assert found[0].is_error


def test_a_profile_may_weigh_a_rule_otherwise(tmp_path: Path) -> None:
    lines = dataset_rules.Lines([scanned(tmp_path, "a.jsonl", example(1), example(1))])
    [finding] = dataset_rules.repeated(lines, {"FT250": Severity.ERROR})

    assert finding.severity is Severity.ERROR


@given(HASHES, st.integers(1, 7))
def test_repeats_do_not_depend_on_portions(texts: list[bytes], at_once: int) -> None:
    rows = trail(texts, texts).rows
    expected = {value for value in rows if rows.count(value) > 1}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dataset_rules, "_AT_ONCE", at_once)
        assert dataset_rules.repeated_hashes(rows) == expected
        assert dataset_rules.common_hashes(rows, rows) == set(rows)


@given(HASHES, HASHES)
def test_common_rows_are_those_of_both(these: list[bytes], those: list[bytes]) -> None:
    one, other = trail(these, these).rows, trail(those, those).rows

    assert dataset_rules.common_hashes(one, other) == set(one) & set(other)


def test_no_dataset_has_no_lines() -> None:
    assert list(dataset_rules.repeated(dataset_rules.Lines([]), {})) == []
