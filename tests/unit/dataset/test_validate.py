from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.files.reader import DataFile, ReadError
from ftrunner.dataset.lines.faults import KEPT_PER_CODE
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.totals import dataset_rules
from ftrunner.dataset.validate import check_dataset
from ftrunner.document.source import Source
from ftrunner.findings import Severity
from ftrunner.providers import registry
from ftrunner.providers.profile import Limits, Profile
from ftrunner.spec.model import Dataset, Fraction, Method, Spec
from ftrunner.spec.testing import Prompt, Tests
from tests.kit.examples import examples
from tests.unit.dataset.samples import example

OPENAI = registry.get("openai")
GENERIC = registry.get("generic")
ONE_FILE = Dataset(("a.jsonl",))
STORIES = Path(__file__).parents[3] / "specs" / "data" / "turbo35.jsonl"


def check(
    folder: Path,
    dataset: Dataset = ONE_FILE,
    profile: Profile = GENERIC,
    counting: Counting = Counting.OFF,
    **more: Any,
) -> DatasetReport:
    """`more` is what the spec says besides."""
    spec = Spec(folder / "s.yaml", "s", more.pop("model", ""), dataset, **more)
    return check_dataset(spec, profile, counting)


def codes(report: DatasetReport) -> list[str]:
    return [finding.code for finding in report.findings]


def write(path: Path, *rows: bytes) -> None:
    path.write_bytes(b"".join(row + b"\n" for row in rows))


def test_the_walkthroughs_file_is_in_order() -> None:
    report = check(STORIES.parent, Dataset((STORIES.name,)), profile=OPENAI)

    assert report.findings == ()
    assert report.ok
    assert report.validation is None
    assert report.train is not None
    assert report.train.examples == 10
    assert report.train.roles == {"system": 1, "user": 10, "assistant": 10}
    assert report.train.tokens is None


def test_tokens_are_counted_only_when_asked_for(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1), example(2))
    report = check(tmp_path, model="gpt-4o-mini-2024-07-18", counting=Counting.EXACT)

    assert report.train is not None
    assert report.train.tokens is not None
    assert report.train.tokens > 20
    assert report.tokens_unknown is None


def test_no_vocabulary_is_loaded_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bpe_openai._bindings", None)
    write(tmp_path / "a.jsonl", example(1))

    assert check(tmp_path, model="gpt-4o-mini-2024-07-18").ok


def test_an_answer_beyond_the_limit_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1), example(2, answer="whale " * 5000))
    report = check(tmp_path, model="gpt-3.5-turbo-0613", counting=Counting.EXACT)

    [finding] = [finding for finding in report.findings if finding.is_error]
    assert finding.code == "FT242"
    assert finding.location.line == 2
    assert report.train is not None
    assert report.train.tokens is not None
    assert report.train.billed_tokens is not None
    assert report.train.billed_tokens < report.train.tokens


def test_a_missing_file_points_into_the_spec(tmp_path: Path) -> None:
    text = "dataset:\n  train: none.jsonl\n"
    source = Source("specs/a.yaml", text, is_parsed=True)
    report = check(tmp_path, Dataset(("none.jsonl",)), source=source)

    [finding] = report.findings
    assert str(finding.location) == "specs/a.yaml:2:10"
    assert report.train is None


def test_findings_name_files_as_they_are_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "specs").mkdir()
    write(tmp_path / "specs" / "a.jsonl", b"{")
    monkeypatch.chdir(tmp_path)

    assert [f.location.file for f in check(Path("specs")).findings] == ["specs/a.jsonl"]


@pytest.mark.parametrize(("examples", "found"), [(9, ["FT230"]), (10, []), (13, ["FT231"])])
def test_the_profile_says_how_many_examples(
    tmp_path: Path, examples: int, found: list[str]
) -> None:
    write(tmp_path / "a.jsonl", *map(example, range(examples)))
    profile = replace(GENERIC, limits=Limits(min_examples=10, max_examples=12))

    assert codes(check(tmp_path, profile=profile)) == found


def test_the_profile_says_how_many_bytes(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *map(example, range(10)))
    profile = replace(GENERIC, limits=Limits(file_bytes=100))

    assert codes(check(tmp_path, profile=profile)) == ["FT209"]


def test_an_empty_file_is_not_said_to_have_too_few_examples(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl")

    assert codes(check(tmp_path, profile=OPENAI)) == ["FT205"]


def test_the_same_file_in_both_splits_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1))
    report = check(tmp_path, Dataset(("a.jsonl",), ("a.jsonl",)))

    assert codes(report) == ["FT208"]


@pytest.mark.posix
def test_a_link_to_the_training_file_is_the_same_file(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1))
    (tmp_path / "b.jsonl").symlink_to("a.jsonl")

    assert codes(check(tmp_path, Dataset(("a.jsonl",), ("b.jsonl",)))) == ["FT208"]


@pytest.mark.posix
def test_a_loop_of_links_makes_no_more_data(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1))
    (tmp_path / "l").symlink_to(tmp_path, target_is_directory=True)

    report = check(tmp_path, Dataset(("**/*.jsonl",)))

    assert report.train is not None
    assert report.train.examples == 1
    assert codes(report) == []


def test_a_leak_between_splits_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1), example(2))
    write(tmp_path / "b.jsonl", example(2))

    assert codes(check(tmp_path, Dataset(("a.jsonl",), ("b.jsonl",)))) == ["FT252"]


def test_a_fraction_that_picks_nothing_is_an_error(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1), example(2))
    report = check(tmp_path, Dataset(("a.jsonl",), Fraction(0.0001, 7)))

    assert codes(report) == ["FT230"]
    assert "validation" in report.findings[0].message


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_a_test_prompt_that_is_trained_on_is_a_warning(tmp_path: Path, ensure_ascii: bool) -> None:
    prompt = "What is 1 plus one?" if ensure_ascii else "蓝鲸"
    weighted = example(1, answer="x").replace(b'"x"', b'"x", "weight": 1')
    rows = [example(1), weighted.replace(b"What is 1 plus one?", "蓝鲸".encode())]
    write(tmp_path / "a.jsonl", *rows)
    report = check(
        tmp_path, tests=Tests((Prompt("whale", ({"role": "user", "content": prompt},), ()),))
    )

    [finding] = report.findings
    assert finding.code == "FT253"
    assert finding.severity is Severity.WARNING
    assert "'whale'" in finding.message


def test_severities_can_be_changed(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1, answer="a\u200bb"))

    assert check(tmp_path).ok
    assert not check(tmp_path, profile=replace(GENERIC, severities={"FT260": Severity.ERROR})).ok


@pytest.mark.parametrize("code", ["FT250", "FT253", "FT260"])
def test_what_a_profile_gives_no_severity_is_not_a_fault(tmp_path: Path, code: str) -> None:
    write(tmp_path / "a.jsonl", *[example(1, answer="a\u200bb")] * 2)
    asked = json.loads(example(1))["messages"][0]["content"]
    tests = Tests((Prompt("whale", ({"role": "user", "content": asked},), ()),))
    reported = {finding.code for finding in check(tmp_path, tests=tests).findings}
    silent = replace(GENERIC, severities={code: None})
    report = check(tmp_path, profile=silent, tests=tests)

    assert reported == {"FT250", "FT253", "FT260"}
    assert {finding.code for finding in report.findings} == reported - {code}
    assert set(report.counts) == reported - {code}


def test_one_cause_is_one_finding_that_counts_all_its_rows(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *[b"%d" % number for number in range(KEPT_PER_CODE + 50)])
    report = check(tmp_path)

    [finding] = report.findings
    assert report.counts == {"FT212": 1}
    assert finding.location.line == 1
    assert finding.message.startswith("all 1,050 rows: ")
    assert finding.rows is not None
    assert (finding.rows.count, finding.rows.of) == (KEPT_PER_CODE + 50, KEPT_PER_CODE + 50)
    assert finding.rows.lines == tuple(range(1, KEPT_PER_CODE + 1))


def test_a_cause_of_few_rows_names_them_all(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", b"1", example(1), b"2", example(2), b"3")

    [finding] = check(tmp_path).findings
    assert finding.message.startswith("3 of 5 rows (lines 1, 3, 5): ")


def test_a_cause_of_some_rows_names_the_first_ones(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", b"", *[b"7"] * 6, example(1))
    blank, finding = check(tmp_path).findings

    assert blank.location.line == 1
    assert finding.message.startswith("6 of 7 rows (lines 2, 3, 4, 5, 6, …): ")


def test_causes_stay_apart(tmp_path: Path) -> None:
    roles = [b"robot"] * 5 + [b"User"] * 5
    rows = [example(n).replace(b'"user"', b'"%b"' % role) for n, role in enumerate(roles)]
    write(tmp_path / "a.jsonl", *rows, *[b"{"] * 5)

    assert [finding.code for finding in check(tmp_path).findings] == ["FT224", "FT211"]


def test_more_causes_than_are_kept_are_counted(tmp_path: Path) -> None:
    keys = (b'{"messages": [], "k%b": 1}' % (b"x" * n) for n in range(1, KEPT_PER_CODE + 50))
    write(tmp_path / "a.jsonl", *keys)
    report = check(tmp_path)

    assert len([each for each in report.findings if each.code == "FT222"]) == KEPT_PER_CODE
    assert report.counts["FT222"] == KEPT_PER_CODE + 49


def test_a_line_of_20_mb_is_a_finding_in_bounded_memory(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", example(1), example(2, answer="x" * 20_000_000), example(3))
    tracemalloc.start()
    try:
        report = check(tmp_path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert "FT213" in codes(report)
    assert next(f for f in report.findings if f.code == "FT213").location.line == 2
    assert peak < 100_000_000


@examples(150)
@given(
    st.lists(st.binary(max_size=40) | st.just(example(1)), max_size=6).map(b"\n".join),
    st.booleans(),
)
def test_no_bytes_are_an_exception(
    tmp_path_factory: pytest.TempPathFactory,
    data: bytes,
    packed: bool,
) -> None:
    folder = tmp_path_factory.mktemp("data")
    (folder / "a.jsonl").write_bytes(data)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(data) if packed else data)
    for method in Method:
        for name in ("a.jsonl", "a.jsonl.gz"):
            check(folder, Dataset((name,), Fraction(0.5, 1)), method=method)


@pytest.mark.parametrize("before", [b"", b"\n\n", b" \n"])
@pytest.mark.parametrize("words", [1, 30_000])
def test_the_first_line_that_says_anything_decides_the_format(
    tmp_path: Path, before: bytes, words: int
) -> None:
    row = b'{"prompt": "Say it %d times.", "completion": "' + b"word " * words + b'"}'
    rows = [row % number for number in range(10)]
    (tmp_path / "a.jsonl").write_bytes(before + b"\n".join(rows) + b"\n")

    assert set(codes(check(tmp_path))) <= {"FT217"}


def test_a_file_that_vanishes_between_two_readings_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.jsonl", *[example(1)] * 12)

    def vanishing(file: DataFile) -> Iterator[bytes]:
        yield from ()
        raise ReadError("no such file or directory")

    monkeypatch.setattr(dataset_rules, "read_blocks", vanishing)

    assert codes(check(tmp_path)) == ["FT207"]


def test_too_few_examples_say_how_many_went_to_validation(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *[example(n) for n in range(11)])
    cut = Dataset(("a.jsonl",), Fraction(0.5, 7))

    report = check(tmp_path, cut, profile=OPENAI)

    train = report.train
    assert train is not None
    assert f"as {11 - train.examples} went to validation; " in str(
        [finding.message for finding in report.findings]
    )


def test_many_blank_lines_first_do_not_end_the_check(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"\n" * 6000 + example(1) + b"\n")

    [finding] = check(tmp_path).findings
    assert finding.message.startswith("6,000 of 6,001 rows (lines 1, 2, 3, 4, 5, …): ")
