"""Reads YAML or JSON documents of a given type: scenarios and fixtures."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
_MOST_BYTES = 512 * 1024**2  # what a provider takes as one file; a document has far less


def load_document(path: Path, kind: type[T]) -> T:
    """The document in a file; raises ValueError, with the file's name, if it is not valid."""
    try:
        content = read_file(path)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}") from None
    return parse_document(content, str(path), kind)


def read_file(path: Path) -> bytes:
    """The bytes of a regular file.

    Raises OSError at once for a pipe, a device, or a file that is larger than the limit.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a regular file", str(path))
        if status.st_size > _MOST_BYTES:
            raise OSError(errno.EFBIG, f"it has more than {_MOST_BYTES:,} bytes", str(path))
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            return file.read()
    finally:
        os.close(descriptor)


def parse_document(text: str | bytes, source: str, kind: type[T]) -> T:
    """The document in a text; raises ValueError, with `source` in front, if it is not valid."""
    try:
        document = yaml.safe_load(text)
        _refuse_unwritable(document, [], set())
        return msgspec.convert({} if document is None else document, kind)
    except RecursionError:
        raise ValueError(f"{source}: its values are nested too deeply") from None
    except (yaml.YAMLError, msgspec.ValidationError, ValueError) as error:
        raise ValueError(f"{source}: {error}") from None


def _refuse_unwritable(value: Any, around: list[int], known: set[int]) -> None:
    """Raise ValueError for YAML values that JSON cannot represent.

    These are values that contain themselves through an alias, unpaired surrogates, and numbers
    that are too large. `around` holds the ids of the values around this one, `known` the ids of
    values that are already checked.
    """
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, int) and not -(2**63) <= value < 2**64:
        raise ValueError("a number is too large")
    if id(value) in around:
        raise ValueError("a value holds itself, through an alias")
    if id(value) in known or not isinstance(value, dict | list):
        return
    for inner in (*value, *value.values()) if isinstance(value, dict) else value:
        _refuse_unwritable(inner, [*around, id(value)], known)
    known.add(id(value))
