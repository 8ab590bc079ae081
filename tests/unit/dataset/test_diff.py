from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.files.reader import DataFile
from ftrunner.dataset.totals import diff
from ftrunner.dataset.totals.diff import ChangedRows, Difference, changed_rows, rows_of
from ftrunner.dataset.totals.row_hashes import Trail, trail
from ftrunner.spec.model import Method
from tests.unit.dataset.samples import example


def difference(before: Trail, after: Trail) -> Difference:
    return changed_rows(before, after).difference


ROWS = st.lists(st.sampled_from([b"a", b"b", b"c", b""]), max_size=8)


def of(folder: Path, name: str, *rows: bytes) -> Trail:
    path = folder / name
    path.write_bytes(b"".join(row + b"\n" for row in rows))
    return rows_of(DataFile(name, path), Method.SUPERVISED)[0]


def test_rows_are_added_removed_or_answered_otherwise(tmp_path: Path) -> None:
    before = of(tmp_path, "a.jsonl", example(1), example(2), example(3))
    after = of(tmp_path, "b.jsonl", example(4), example(3, answer="x"), b"", example(1), example(5))

    found = changed_rows(before, after)

    assert found == ChangedRows(added=[0, 4], removed=[1], changed=[(2, 1)], unchanged=1)
    assert found.difference == Difference(added=2, removed=1, changed=1, unchanged=1)
    assert str(found.difference) == "+2 −1 ~1 rows"


def test_rows_that_are_not_examples_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join([example(1), b"", b"{", b" ", b'{"messages": 5}', b"\r"]))

    found, unread = rows_of(DataFile("a.jsonl", path), Method.SUPERVISED)

    assert (len(found.rows), unread) == (6, 2)


@given(ROWS)
def test_order_and_blank_lines_do_not_count(rows: list[bytes]) -> None:
    found = difference(trail(rows, rows), trail([b"", *reversed(rows)], [b"", *reversed(rows)]))

    assert not found
    assert found.unchanged == len([row for row in rows if row])


@given(ROWS, ROWS)
def test_the_other_way_round_added_and_removed_change_places(
    one: list[bytes], other: list[bytes]
) -> None:
    there = difference(trail(one, one), trail(other, other))
    back = difference(trail(other, other), trail(one, one))

    assert (there.added, there.removed) == (back.removed, back.added)
    assert (there.changed, there.unchanged) == (back.changed, back.unchanged)


def test_trails_survive_being_stored() -> None:
    kept = trail([b"a", b"b"], [b"p", b"q"])

    assert Trail.from_bytes(kept.to_bytes()) == kept


@pytest.mark.parametrize("data", [b"", b"x", b"ftrunner-trail 2\n", b"ftrunner-trail 1\n12345678"])
def test_what_is_not_a_trail_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="not the trail"):
        Trail.from_bytes(data)


def test_many_rows_are_compared_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    old = [str(number).encode() for number in range(200)]
    new = [*old[10:150], *(b"%d other" % number for number in range(150, 160)), b"new", b"new"]
    prompts = [row.removesuffix(b" other") for row in new]
    at_once = difference(trail(old, old), trail(new, prompts))

    monkeypatch.setattr(diff, "_AT_ONCE", 16)

    assert difference(trail(old, old), trail(new, prompts)) == at_once
    assert at_once == Difference(added=2, removed=50, changed=10, unchanged=140)
