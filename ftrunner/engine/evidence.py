"""What a run leaves behind to be read later: events, requests, answers, the results file.

The folder is private to the user and ignores itself in git. Nothing is written before `begin`, so a
run with nothing to do leaves nothing.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from ftrunner.fsio import PRIVATE_FILE, PRIVATE_FOLDER

_IGNORE_ALL = "*\n"


class Evidence:
    """A folder for one run, below `root`, the `.ftrunner` folder beside the spec."""

    def __init__(self, root: Path, *parts: str) -> None:
        self._root = root
        self._begun = False
        self._early: list[tuple[str, bytes]] = []
        self.folder = root.joinpath(*parts)

    def begin(self) -> None:
        """Make the folder and write what was appended before."""
        ignore_in_git(self._root)
        self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        self._begun = True
        for name, line in self._early:
            self._write(name, line, os.O_APPEND)
        self._early.clear()

    def append(self, name: str, document: Any) -> None:
        """Add `document` as one line of JSON to the file `name`."""
        line = f"{json.dumps(document, ensure_ascii=False, default=str)}\n".encode()
        if self._begun:
            self._write(name, line, os.O_APPEND)
        else:
            self._early.append((name, line))

    def keep(self, name: str, data: bytes) -> None:
        """Keep `data` as the file `name`."""
        self._write(name, data, os.O_TRUNC)

    def _write(self, name: str, data: bytes, flag: int) -> None:
        path = self.folder / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | flag, PRIVATE_FILE)
        with open(descriptor, "ab") as file:  # noqa: PTH123 - a descriptor has no Path
            file.write(data)


def ignore_in_git(root: Path) -> None:
    """Make the `.ftrunner` folder, ignoring itself in git."""
    root.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
    ignore = root / ".gitignore"
    if not ignore.exists():
        ignore.write_text(_IGNORE_ALL, encoding="utf-8")
