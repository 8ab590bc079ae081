"""A database connection whose transactions can lie inside one another."""

from __future__ import annotations

import sqlite3
from types import TracebackType
from typing import Literal, Self


class Connection(sqlite3.Connection):
    """`with connection:` commits, or rolls back, at the end of the outermost block."""

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
