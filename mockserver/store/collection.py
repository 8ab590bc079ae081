"""One table of records: added, found by id or label, replaced, removed, paged.

A record is kept as JSON beside the columns that queries need: its id, its owner and its
place in the order of creation. Labels are pairs in a table of their own, so that a filter
uses an index however many records there are.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, Protocol, TypeVar

import msgspec


class Record(Protocol):
    """What every stored value has."""

    @property
    def id(self) -> str: ...

    @property
    def owner(self) -> str: ...

    def labels(self) -> dict[str, str]: ...


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """A stretch of a list, and whether more follows."""

    items: tuple[R, ...]
    has_more: bool


class UnknownCursorError(LookupError):
    """The `after` of a page names no record of the list."""


class Collection(Generic[R]):
    """The records of one noun, in a table named after it."""

    def __init__(self, db: sqlite3.Connection, noun: str, kind: type[R]) -> None:
        self._db = db
        self._noun = noun
        self._decoder = msgspec.json.Decoder(kind)

    def add(self, record: R) -> None:
        """Store a new record; raises `sqlite3.IntegrityError` when its id is taken."""
        with self._db:
            self._db.execute(
                "INSERT INTO records (noun, id, owner, body) VALUES (?, ?, ?, ?)",
                (self._noun, record.id, record.owner, msgspec.json.encode(record)),
            )
            self._write_labels(record)

    def replace(self, record: R) -> None:
        """Put a new value in place of the one with the same id."""
        with self._db:
            self._db.execute(
                "UPDATE records SET body = ? WHERE noun = ? AND id = ?",
                (msgspec.json.encode(record), self._noun, record.id),
            )
            self._drop_labels(record.id)
            self._write_labels(record)

    def remove(self, record: R) -> None:
        with self._db:
            self._drop_labels(record.id)
            self._db.execute(
                "DELETE FROM records WHERE noun = ? AND id = ?", (self._noun, record.id)
            )

    def get(self, record_id: str, owner: str) -> R | None:
        """The record with this id, if this owner may see it."""
        row = self._db.execute(
            "SELECT body FROM records WHERE noun = ? AND id = ? AND owner = ?",
            (self._noun, record_id, owner),
        ).fetchone()
        return None if row is None else self._decoder.decode(row[0])

    def find(self, owner: str, **labels: str) -> R | None:
        """The newest record with all of these labels."""
        items = self.page(owner, limit=1, labels=labels).items
        return items[0] if items else None

    def every(self, **labels: str) -> tuple[R, ...]:
        """All records with these labels, whoever owns them, oldest first."""
        where, values = self._matching(labels)
        return self._select(f"{where} ORDER BY seq", values)

    def page(
        self,
        owner: str,
        *,
        limit: int,
        after: str | None = None,
        order: Literal["asc", "desc"] = "desc",
        labels: Mapping[str, str] | None = None,
    ) -> Page[R]:
        """At most `limit` records that follow the one named by `after`.

        Raises:
            UnknownCursorError: when `after` is no record of this owner.
        """
        where, values = self._matching(labels or {})
        where += " AND owner = ?"
        values.append(owner)
        if after is not None:
            where += " AND seq > ?" if order == "asc" else " AND seq < ?"
            values.append(self._position(after, owner))
        direction = "ASC" if order == "asc" else "DESC"
        found = self._select(f"{where} ORDER BY seq {direction} LIMIT ?", [*values, limit + 1])
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

    def _matching(self, labels: Mapping[str, str]) -> tuple[str, list[Any]]:
        where, values = "noun = ?", [self._noun]
        for key, value in labels.items():
            where += " AND id IN (SELECT id FROM labels WHERE noun = ? AND key = ? AND value = ?)"
            values += [self._noun, key, value]
        return where, values

    def _select(self, where: str, values: Sequence[Any]) -> tuple[R, ...]:
        rows = self._db.execute(
            f"SELECT body FROM records WHERE {where}",  # noqa: S608 - made of constants above
            values,
        )
        return tuple(self._decoder.decode(row[0]) for row in rows)

    def _write_labels(self, record: R) -> None:
        self._db.executemany(
            "INSERT INTO labels (noun, id, key, value) VALUES (?, ?, ?, ?)",
            [(self._noun, record.id, key, value) for key, value in record.labels().items()],
        )

    def _drop_labels(self, record_id: str) -> None:
        self._db.execute("DELETE FROM labels WHERE noun = ? AND id = ?", (self._noun, record_id))
