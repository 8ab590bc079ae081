from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.files.prepared import PreparedStream, Selection
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Dataset, Fraction, Spec
from tests.unit.dataset.samples import example

PROFILE = registry.get("generic")


def prepare(
    dataset: Dataset, folder: Path, profile: Profile = PROFILE
) -> tuple[PreparedStream, PreparedStream | None]:
    report = check_dataset(Spec(folder / "s.yaml", "s", "", dataset), profile)
    assert report.train is not None
    return report.train.stream, report.validation.stream if report.validation else None


def write(path: Path, *numbers: int) -> bytes:
    data = b"".join(example(number) + b"\n" for number in numbers)
    path.write_bytes(data)
    return data


def sent(stream: PreparedStream) -> bytes:
    data = b"".join(stream.blocks())
    assert hashlib.sha256(data).hexdigest() == stream.sha256
    assert len(data) == stream.size
    assert len(data.splitlines()) == stream.examples
    return data


def test_one_file_is_sent_as_it_is(tmp_path: Path) -> None:
    data = write(tmp_path / "stories.jsonl", *range(10))
    stream, _ = prepare(Dataset(("stories.jsonl",)), tmp_path)

    assert sent(stream) == data
    assert stream.split == "train"
    assert stream.filename == f"stories-{stream.sha256[:12]}.jsonl"


def test_the_hash_is_of_the_bytes_and_of_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(
        b'{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}\n'
    )
    stream, _ = prepare(Dataset(("a.jsonl",)), tmp_path)

    assert stream.sha256 == "d9a20761836bc3cb9d53a8ecb9ff05b6be7edd0ba15c7eb5adf975a98bfb6e9f"


def test_files_are_joined_in_path_order_and_lines_never_run_together(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(example(2) + b"\n")
    (tmp_path / "a.json").write_bytes(b"\xef\xbb\xbf" + example(1))
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(example(3)))
    stream, _ = prepare(Dataset(("*.jsonl.gz", "b.jsonl", "a.json")), tmp_path)

    assert sent(stream) == example(1) + b"\n" + example(2) + b"\n" + example(3) + b"\n"


def test_a_byte_order_mark_is_written_where_the_provider_wants_one(tmp_path: Path) -> None:
    data = write(tmp_path / "a.jsonl", 1)
    marked = replace(PROFILE, byte_order_mark=True)
    stream, _ = prepare(Dataset(("a.jsonl",)), tmp_path, marked)

    assert b"".join(stream.blocks()) == b"\xef\xbb\xbf" + data
    assert stream.size == len(data) + 3


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("stories.jsonl", "stories-"),
        ("my stories (2).json", "my-stories-2-"),
        ("故事.jsonl", "train-"),
        ("x.y.jsonl.gz", "x.y-"),
        ("a" * 200 + ".jsonl", "a" * 80 + "-"),
    ],
)
def test_the_name_is_one_that_every_server_takes(tmp_path: Path, name: str, stem: str) -> None:
    data = example(1) + b"\n"
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    stream, _ = prepare(Dataset((name,)), tmp_path)

    assert stream.filename == f"{stem}{stream.sha256[:12]}.jsonl"


def test_a_fraction_cuts_one_reading_into_two_parts(tmp_path: Path) -> None:
    data = write(tmp_path / "a.jsonl", *range(200))
    train, validation = prepare(Dataset(("a.jsonl",), Fraction(0.2, 7)), tmp_path)

    assert validation is not None
    assert sorted(sent(train) + sent(validation)) == sorted(data)
    assert 20 <= validation.examples <= 60
    assert train.filename != validation.filename


def test_appended_rows_leave_the_others_on_their_side(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *range(50))
    write(tmp_path / "b.jsonl", *range(80))
    before = prepare(Dataset(("a.jsonl",), Fraction(0.3, 7)), tmp_path)
    after = prepare(Dataset(("b.jsonl",), Fraction(0.3, 7)), tmp_path)

    for one, other in zip(before, after, strict=True):
        assert one is not None
        assert other is not None
        assert sent(other).startswith(sent(one))


def test_another_seed_cuts_otherwise(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", *range(50))
    seven, _ = prepare(Dataset(("a.jsonl",), Fraction(0.3, 7)), tmp_path)
    eight, _ = prepare(Dataset(("a.jsonl",), Fraction(0.3, 8)), tmp_path)

    assert seven.sha256 != eight.sha256


@given(st.lists(st.binary(max_size=5).map(lambda row: row.replace(b"\n", b"")), max_size=9))
def test_every_row_is_on_one_side(rows: list[bytes]) -> None:
    block = b"".join(row + b"\n" for row in rows)
    picked = Selection(0.5, 7, picked=True)
    others = replace(picked, picked=False)

    assert sorted(picked.of(block) + others.of(block)) == sorted(block)
    assert all(picked.holds(row) != others.holds(row) for row in rows)


def test_a_carriage_return_does_not_change_the_side() -> None:
    picked = Selection(0.5, 7, picked=True)

    assert all(picked.holds(b"%d" % n) == picked.holds(b"%d\r" % n) for n in range(50))


def test_the_cut_is_the_same_for_ever() -> None:
    picked = Selection(0.25, 7, picked=True)

    assert [n for n in range(20) if picked.holds(b"row %d" % n)] == [7, 10, 12, 17]


@given(
    st.lists(st.integers(0, 10**9), max_size=6, unique=True),
    st.floats(0, 1, exclude_min=True, exclude_max=True),
)
def test_few_rows_are_on_both_sides(numbers: list[int], fraction: float) -> None:
    rows = [b"%d" % number for number in numbers]
    asked = Selection(fraction, 7, picked=True)
    picked = asked.with_both_parts(rows)

    if len(rows) < 2:
        assert picked is None
        return
    assert picked is not None
    sides = [picked.holds(row) for row in rows]
    assert {True, False} == set(sides)
    before = [asked.holds(row) for row in rows]
    moved = sum(one != other for one, other in zip(sides, before, strict=True))
    assert moved == (0 if len(set(before)) == 2 else 1)


def test_rows_that_are_all_the_same_are_on_one_side() -> None:
    picked = Selection(0.5, 7, picked=True)

    assert picked.with_both_parts([b'{"a":1}', b'{"a": 1.0}']) is None
