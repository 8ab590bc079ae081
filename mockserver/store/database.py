"""The store: a SQLite database, and a folder with the contents of files."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
import weakref
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from mockserver.answers.catalog import BaseModel
from mockserver.data.records import Completion, File, Job, Part, Permission, Resource, Upload
from mockserver.store.blobs import Blobs
from mockserver.store.collection import Collection

VERSION = 1
PATIENCE = 1.0
"""Seconds to wait for a lock of another process; no request is served meanwhile."""

_SCHEMA = """
CREATE TABLE records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    noun TEXT NOT NULL,
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (noun, id)
);
CREATE INDEX records_by_owner ON records (noun, owner, seq);
CREATE TABLE labels (
    noun TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    seq INTEGER NOT NULL
);
CREATE INDEX labels_by_value ON labels (noun, key, value, seq);
CREATE INDEX labels_by_record ON labels (seq);
CREATE TABLE facts (name TEXT PRIMARY KEY, value REAL NOT NULL);
"""


class StoreError(ValueError):
    """The file cannot be used as a database; the message says why and what to do."""


class Connection(sqlite3.Connection):
    """A connection with nested transactions: the outermost `with` block commits or rolls back."""

    _depth = 0

    def __enter__(self) -> Self:
        self._depth += 1
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> Literal[False]:
        self._depth -= 1
        return False if self._depth else super().__exit__(kind, error, trace)


class TemporaryFolder:
    """Exists until `remove` or the end of the process that made it; a fork does not remove it."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="mockserver-"))
        self._removed = weakref.finalize(self, _remove, self.path, os.getpid())

    def remove(self) -> None:
        """Remove it with its contents; does nothing if it is already removed."""
        self._removed()


def _remove(path: Path, maker: int) -> None:
    if os.getpid() == maker:
        shutil.rmtree(path, ignore_errors=True)


class Store:
    """All state. Created in one thread, then used only by the serving thread."""

    def __init__(self, path: Path | None) -> None:
        self._temporary = None if path else TemporaryFolder()
        folder = self._temporary.path if self._temporary else _folder_of(path)
        self._db = _connect(path)
        self.blobs = Blobs(folder)
        self.files = Collection(self._db, "file", File)
        self.jobs = Collection(self._db, "job", Job)
        self.uploads = Collection(self._db, "upload", Upload)
        self.parts = Collection(self._db, "part", Part)
        self.permissions = Collection(self._db, "permission", Permission)
        self.completions = Collection(self._db, "completion", Completion)
        self.models = Collection(self._db, "model", BaseModel)
        self.resources = Collection(self._db, "resource", Resource)

    def fact(self, name: str) -> float | None:
        """A stored number, such as the time of a manual clock."""
        row = self._db.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone()
        return None if row is None else float(row[0])

    def remember(self, name: str, value: float) -> None:
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))

    def transaction(self) -> Connection:
        """A context manager for atomic writes.

        No request may be served meanwhile, because there is only one connection.
        """
        return self._db

    def is_empty(self) -> bool:
        return self._db.execute("SELECT 1 FROM records LIMIT 1").fetchone() is None

    def clear(self) -> None:
        """Delete all records and files; facts such as the clock's time stay."""
        with self._db:
            self._db.execute("DELETE FROM records")
            self._db.execute("DELETE FROM labels")
        self.blobs.clear()

    def close(self) -> None:
        self._db.close()
        if self._temporary:
            self._temporary.remove()


def _folder_of(path: Path | None) -> Path:
    assert path is not None, "a store in memory has a temporary folder"
    return path.with_name(f"{path.name}.files")


def _connect(path: Path | None) -> Connection:
    try:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as failing:
            # Created in the starting thread, then used only in the serving one.
            db = sqlite3.connect(
                path or ":memory:", PATIENCE, check_same_thread=False, factory=Connection
            )
            failing.callback(db.close)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            _migrate(db, path)
            failing.pop_all()
    except (sqlite3.DatabaseError, OSError) as error:
        raise StoreError(f"{path} cannot be used as a database: {error}") from None
    return db


def _migrate(db: sqlite3.Connection, path: Path | None) -> None:
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    if found not in (0, VERSION):
        raise StoreError(
            f"{path} has version {found}, this mock server reads version {VERSION}: "
            "use another --db, or delete it"
        )
    if found == 0:
        with db:
            db.executescript(f"{_SCHEMA}PRAGMA user_version = {VERSION};")
