"""The run log: events, requests, responses and results files of a run.

The folder is private to the user and ignored by git. Nothing is written before `begin`, which is
called at the first request: a run with nothing to do leaves no folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from ftrunner.errors import StateError, explained, unwritable
from ftrunner.fsio import PRIVATE_FILE, PRIVATE_FOLDER, Disk, SystemDisk, write_atomically

HINT = "free some space, or make the spec's folder writable; a running job keeps running"
EVENTS = "events.jsonl"
_IGNORE_ALL = "*\n"


class RunLog:
    """A folder for one run, below `root`, the `.ftrunner` folder beside the spec.

    `on_begin` is called once there is a folder.
    """

    def __init__(
        self,
        root: Path,
        *parts: str,
        disk: Disk | None = None,
        on_begin: Callable[[RunLog], None] | None = None,
    ) -> None:
        self._root = root
        self._on_begin = on_begin
        self._disk = disk or SystemDisk()
        self._begun = False
        self._early: list[tuple[str, bytes]] = []
        self._open: dict[str, int] = {}
        self.folder = root.joinpath(*parts)

    def begin(self) -> None:
        """Make the folder and write what was appended before; once, however often it is called.

        Raises StateError, as all here do.
        """
        if self._begun:
            return
        ignore_in_git(self._root)
        with explained(self.folder, hint=HINT):
            self.folder.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        self._begun = True
        for name, line in self._early:
            self.append_line(name, line)
        self._early.clear()
        if self._on_begin:
            self._on_begin(self)

    @property
    def has_begun(self) -> bool:
        """Whether there is a folder."""
        return self._begun

    def close(self) -> None:
        """No more is appended."""
        while self._open:
            os.close(self._open.popitem()[1])

    def append(self, name: str, document: Any) -> None:
        """Add `document` as one line of JSON to the file `name`."""
        self.append_line(name, encoded(document))

    def append_line(self, name: str, line: bytes) -> None:
        """Add a line to the file `name`: in one call, for several threads may append."""
        if not self._begun:
            self._early.append((name, line))
            return
        try:
            if name not in self._open:
                flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
                self._open[name] = os.open(self.folder / name, flags, PRIVATE_FILE)
            os.write(self._open[name], line + b"\n")
        except OSError as error:
            raise unwritable(self.folder, error, hint=HINT) from error

    def keep(self, name: str, data: bytes) -> None:
        """Keep `data` as the file `name`, which never comes from a server.

        Losing this file never causes a second payment, so it is not fsynced.
        """
        path = self.folder / name
        with explained(path, hint=HINT):
            write_atomically(path, data, disk=self._disk, mode=PRIVATE_FILE, durable=False)


def encoded(document: Any) -> bytes:
    try:
        return msgspec.json.encode(document, enc_hook=str)
    except UnicodeEncodeError:  # half a character, as in a name that is not UTF-8
        return json.dumps(document, default=str).encode()


def ignore_in_git(root: Path) -> None:
    """Make the `.ftrunner` folder, ignoring itself in git. Raises StateError."""
    if root.exists() and not root.is_dir():
        raise StateError(
            f"{root} is a file; ftrunner keeps its folder by that name",
            code="FT418",
            hint="move the file away",
        )
    ignore = root / ".gitignore"
    with explained(root, hint=HINT):
        root.mkdir(parents=True, exist_ok=True, mode=PRIVATE_FOLDER)
        with suppress(FileExistsError), ignore.open("x", encoding="utf-8") as file:
            file.write(_IGNORE_ALL)
