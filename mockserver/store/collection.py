"""Collections of records: add, find by id or label, replace, remove, list by page.

A record is stored as JSON, with columns for its id, its owner and its position in the order of
creation. Labels are in a separate table, so that every filter uses an index.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec


class Record(Protocol):
    """The attributes of every record."""

    @property
    def id(self) -> str: ...

    @property
    def owner(self) -> str: ...

    def labels(self) -> dict[str, str]: ...


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A page of a list, and whether more follow."""

    items: tuple[R, ...]
    has_more: bool


class UnknownCursorError(LookupError):
    """The list does not contain the record in `after`."""


class Collection(Generic[R]):
    """The records of one noun."""

    def __init__(self, db: sqlite3.Connection, noun: str, kind: type[R]) -> None:
        self._db = db
        self._noun = noun
        self._decoder = msgspec.json.Decoder(kind)

    def add(self, record: R) -> None:
        """Store a new record; raises `sqlite3.IntegrityError` if its id exists."""
        with self._db:
            added = self._db.execute(
                "INSERT INTO records (noun, id, owner, body) VALUES (?, ?, ?, ?)",
                (self._noun, record.id, record.owner, msgspec.json.encode(record)),
            )
            self._write_labels(added.lastrowid, record)

    def replace(self, record: R) -> None:
        """Replace the record with the same id."""
        with self._db:
            place = self._place(record.id)
            self._db.execute(
                "UPDATE records SET body = ? WHERE seq = ?", (msgspec.json.encode(record), place)
            )
            self._db.execute("DELETE FROM labels WHERE seq = ?", (place,))
            self._write_labels(place, record)

    def remove(self, record: R) -> None:
        with self._db:
            place = self._place(record.id)
            self._db.execute("DELETE FROM labels WHERE seq = ?", (place,))
            self._db.execute("DELETE FROM records WHERE seq = ?", (place,))

    def get(self, record_id: str, owner: str) -> R | None:
        """The record with this id, if it belongs to this owner."""
        row = self._db.execute(
            "SELECT body FROM records WHERE noun = ? AND id = ? AND owner = ?",
            (self._noun, record_id, owner),
        ).fetchone()
        return None if row is None else self._decoder.decode(row[0])

    def get_any(self, record_id: str) -> R | None:
        """The record with this id, of any owner."""
        row = self._db.execute(
            "SELECT body FROM records WHERE noun = ? AND id = ?", (self._noun, record_id)
        ).fetchone()
        return None if row is None else self._decoder.decode(row[0])

    def find(self, owner: str, **labels: str) -> R | None:
        """The newest record with all of these labels."""
        items = self.page(owner, limit=1, labels=labels).items
        return items[0] if items else None

    def every(self, **labels: str) -> tuple[R, ...]:
        """All records with these labels, of all owners, oldest first."""
        return self._select(labels, ["noun = ?"], [self._noun], "asc", limit=-1)

    def newest(self, limit: int) -> tuple[R, ...]:
        """The latest records of all owners, newest first."""
        return self._select({}, ["noun = ?"], [self._noun], "desc", limit)

    def page(
        self,
        owner: str,
        *,
        limit: int,
        after: str | None = None,
        order: Literal["asc", "desc"] = "desc",
        labels: Mapping[str, str] | None = None,
    ) -> Page[R]:
        """At most `limit` records after the one with the id `after`.

        Raises:
            UnknownCursorError: this owner has no record with the id `after`.
        """
        where = ["noun = ?", "owner = ?"]
        values: list[Any] = [self._noun, owner]
        if after is not None:
            where.append("seq > ?" if order == "asc" else "seq < ?")
            values.append(self._position(after, owner))
        found = self._select(labels or {}, where, values, order, limit + 1)
        return Page(found[:limit], len(found) > limit)

    def count(self) -> int:
        query = "SELECT COUNT(*) FROM records WHERE noun = ?"
        return int(self._db.execute(query, (self._noun,)).fetchone()[0])

    def _position(self, record_id: str, owner: str) -> int:
        row = self._db.execute(
            "SELECT seq FROM records WHERE noun = ? AND id = ? AND owner = ?",
            (self._noun, record_id, owner),
        ).fetchone()
        if row is None:
            raise UnknownCursorError(record_id)
        return int(row[0])

    def _select(
        self,
        labels: Mapping[str, str],
        where: Sequence[str],
        values: Sequence[Any],
        order: Literal["asc", "desc"],
        limit: int,
    ) -> tuple[R, ...]:
        """The records with these labels and conditions.

        The index of labels is in the order of creation, so that the time for a page does not
        depend on the number of records.
        """
        label = "(SELECT seq FROM labels WHERE noun = ? AND key = ? AND value = ?)"
        sources = [*[label] * len(labels), "records"]
        tables = sources[0] + "".join(f" JOIN {source} USING (seq)" for source in sources[1:])
        labelled = [part for pair in labels.items() for part in (self._noun, *pair)]
        rows = self._db.execute(
            f"SELECT body FROM {tables} WHERE {' AND '.join(where)}"  # noqa: S608 - constants
            f" ORDER BY seq {order} LIMIT ?",
            [*labelled, *values, limit],
        )
        return tuple(self._decoder.decode(row[0]) for row in rows)

    def _place(self, record_id: str) -> int | None:
        row = self._db.execute(
            "SELECT seq FROM records WHERE noun = ? AND id = ?", (self._noun, record_id)
        ).fetchone()
        return None if row is None else int(row[0])

    def _write_labels(self, place: int | None, record: R) -> None:
        self._db.executemany(
            "INSERT INTO labels (noun, key, value, seq) VALUES (?, ?, ?, ?)",
            [(self._noun, key, value, place) for key, value in record.labels().items()],
        )
