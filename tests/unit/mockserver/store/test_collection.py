from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.data.records import Permission
from mockserver.store.collection import Collection, UnknownCursorError
from mockserver.store.database import Store, StoreError


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store(None)
    yield made
    made.close()


def permission(name: str, *, owner: str = "me", project: str = "p") -> Permission:
    return Permission(id=name, owner=owner, created_at=1, checkpoint="c", project_id=project)


def fill(store: Store, count: int) -> Collection[Permission]:
    for number in range(count):
        store.permissions.add(permission(str(number), project=f"p{number % 2}"))
    return store.permissions


def test_records_come_back_as_they_went_in(store: Store) -> None:
    store.permissions.add(permission("a"))

    assert store.permissions.get("a", "me") == permission("a")


def test_no_one_sees_what_another_owns(store: Store) -> None:
    store.permissions.add(permission("a", owner="you"))

    assert store.permissions.get("a", "me") is None
    assert store.permissions.page("me", limit=9).items == ()
    with pytest.raises(UnknownCursorError):
        store.permissions.page("me", limit=9, after="a")


def test_an_id_is_taken_once(store: Store) -> None:
    store.permissions.add(permission("a"))

    with pytest.raises(sqlite3.IntegrityError):
        store.permissions.add(permission("a"))


def test_labels_follow_a_replaced_record(store: Store) -> None:
    store.permissions.add(permission("a", project="old"))
    store.permissions.replace(permission("a", project="new"))

    assert store.permissions.find("me", project="old") is None
    assert store.permissions.find("me", project="new") == permission("a", project="new")


def test_removed_records_are_gone_with_their_labels(store: Store) -> None:
    store.permissions.add(permission("a"))
    store.permissions.remove(permission("a"))

    assert store.permissions.get("a", "me") is None
    assert store.permissions.every(project="p") == ()


@given(
    count=st.integers(0, 12),
    limit=st.integers(1, 5),
    order=st.sampled_from(["asc", "desc"]),
    label=st.sampled_from([None, "p0", "p1"]),
)
def test_pages_hold_everything_once_and_in_order(
    count: int, limit: int, order: str, label: str | None
) -> None:
    store = Store(None)
    records = fill(store, count)
    labels = {"project": label} if label else {}
    found: list[str] = []
    after, more = None, True
    while more:
        page = records.page(
            "me",
            limit=limit,
            after=after,
            order=order,  # type: ignore[arg-type] # one of the two words above
            labels=labels,
        )
        found += [item.id for item in page.items]
        after, more = (page.items[-1].id if page.items else None), page.has_more
    store.close()

    wanted = [str(n) for n in range(count) if label in (None, f"p{n % 2}")]
    assert found == (wanted if order == "asc" else wanted[::-1])


def test_everything_is_kept_across_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "mock.db"
    first = Store(path)
    first.permissions.add(permission("a"))
    first.remember("clock", 7.5)
    first.close()

    second = Store(path)

    assert second.permissions.get("a", "me") == permission("a")
    assert second.fact("clock") == 7.5
    second.close()


def test_a_database_of_another_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mock.db"
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    with pytest.raises(StoreError, match="has version 99"):
        Store(path)


def test_what_is_not_a_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("dear diary", encoding="utf-8")

    with pytest.raises(StoreError, match="file is not a database"):
        Store(tmp_path / "text.db")
    with pytest.raises(StoreError, match="unable to open"):
        Store(tmp_path)
