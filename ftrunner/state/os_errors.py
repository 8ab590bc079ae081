"""Failures to write, as errors that say what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftrunner.errors import StateError


@contextmanager
def explained(path: Path, *, hint: str) -> Iterator[None]:
    """Raise an OSError of the block, which writes `path`, as a StateError with `hint`."""
    try:
        yield
    except OSError as error:
        raise StateError(
            f"cannot write {path}: {error.strerror}", code="FT418", hint=hint
        ) from error
