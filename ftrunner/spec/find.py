"""Find the specs in a folder."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

_SUFFIXES = {".yaml", ".yml"}
_KEY = re.compile(rb"""^["']?(\w+)["']?\s*:""", re.MULTILINE)
_KEY_IN_BRACES = re.compile(rb"""["']?(\w+)["']?\s*:""")
_KEYS = {b"version", b"name", b"model", b"dataset", b"provider", b"hyperparameters", b"tests"}
_READ = 1_000_000  # bytes; a spec is not longer
_ENOUGH = 3  # so that a spec with a misspelt key is found, too


def find_specs(folder: Path) -> Iterator[Path]:
    """The specs in `folder` and below, sorted by path; hidden folders are left out.

    A spec is a YAML file with at least three of a spec's keys, right or wrong otherwise.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            if path.suffix.lower() in _SUFFIXES and not name.startswith(".") and _is_spec(path):
                yield path


def _is_spec(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            text = file.read(_READ)
    except OSError:
        return False
    pattern = _KEY_IN_BRACES if text.lstrip().startswith(b"{") else _KEY
    return len(_KEYS.intersection(pattern.findall(text))) >= _ENOUGH
