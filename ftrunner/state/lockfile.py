"""The lock file on disk: checked when read, replaced atomically, never repaired silently."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import msgspec

from ftrunner.errors import InvalidInput, StateError
from ftrunner.findings import Finding, Location
from ftrunner.fsio import Disk, NotRegular, read_regular, write_atomically
from ftrunner.state.lock import VERSION, Lock
from ftrunner.text import texts_in

SUFFIX = ".lock.json"
_MOST_BYTES = 16_000_000  # tens of thousands of test prompts take less
_READ = range(1, VERSION + 1)
_CONFLICT = re.compile(rb"^(<{7}|={7}|>{7})( |$)", re.MULTILINE)
# Control characters in a committed lock file could drive the terminal of a reader.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Made here, while one thread imports: msgspec 0.21 crashes where two threads learn a type at once.
_DECODER = msgspec.json.Decoder(Lock)
_SET_ASIDE = (
    "restore it from version control, or move it away: `ftrunner apply` finds the job again"
)
_UPGRADE = "upgrade ftrunner; leave the file where it is: it records what was paid for"


class ForeignLock(StateError):
    """The lock file belongs to another spec."""


class LockFile:
    """`stories.lock.json` beside `stories.yaml`.

    A `disposable` one, a rehearsal's, starts empty if the spec was renamed.
    """

    def __init__(self, path: Path, *, name: str, disk: Disk, disposable: bool = False) -> None:
        self.path = path
        self._name = name
        self._disk = disk
        self._disposable = disposable

    def read(self) -> Lock:
        """The lock as it is now; an empty one where there is no file.

        Raises StateError, each with its way out, for a file that is unreadable, torn, in a merge
        conflict, of a newer version, of another spec, or edited out of shape; InvalidInput for
        what is not a file, or a link to one.
        """
        try:
            data = read_regular(self.path, most=_MOST_BYTES)
        except FileNotFoundError:
            return Lock(name=self._name)
        except (NotRegular, IsADirectoryError) as error:
            raise InvalidInput([_not_a_file(self.path, error)]) from error
        except OSError as error:
            raise StateError(
                f"cannot read {self.path}: {error.strerror}", code="FT401", hint=_SET_ASIDE
            ) from error
        try:
            return decode(data, name=self._name, display=str(self.path))
        except ForeignLock:
            if not self._disposable:
                raise
            return Lock(name=self._name)
        except StateError as error:
            if self._disposable:
                error.hint = "delete it: it records only what was rehearsed"
            raise

    def write(self, lock: Lock) -> None:
        """Replace the file by `lock`. Raises StateError if the disk refuses."""
        try:
            write_atomically(self.path, encode(lock), disk=self._disk)
        except OSError as error:
            raise StateError(
                f"cannot write {self.path}: {error.strerror}",
                code="FT417",
                hint="nothing is lost: once it can be written, `ftrunner apply` recovers the last "
                "request",
            ) from error


def _not_a_file(path: Path, error: OSError) -> Finding:
    message = f"cannot read {path}: {error.strerror}"
    return Finding("FT401", message, Location(str(path)), _SET_ASIDE)


def encode(lock: Lock) -> bytes:
    """The file's bytes: sorted keys, one value a line, so that git merges them line by line."""
    return msgspec.json.format(msgspec.json.encode(lock, order="sorted"), indent=2) + b"\n"


def decode(data: bytes, *, name: str, display: str) -> Lock:
    """The lock that `data` holds. Raises StateError as `LockFile.read` says."""
    if _CONFLICT.search(data):
        raise StateError(
            f"{display} holds a merge conflict",
            code="FT403",
            hint="take one side whole: each endpoint's record belongs together; "
            "`ftrunner apply` then finds what the other side did",
        )
    document = _document(data, display)
    version = document.get("version")
    if type(version) is int and version > VERSION:
        raise StateError(
            f"{display} was written by a newer ftrunner: it has version {version}, and this one "
            f"reads up to {VERSION}",
            code="FT404",
            hint=_UPGRADE,
        )
    return _typed(data, document, name, display)


def _document(data: bytes, display: str) -> dict[str, object]:
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        message = f"{display} {_why_not_json(data)}"
        raise StateError(message, code="FT402", hint=_SET_ASIDE) from error
    if not isinstance(document, dict):
        raise StateError(f"{display} does not hold an object", code="FT402", hint=_SET_ASIDE)
    if any(map(_CONTROL.search, texts_in(document))):
        raise _misshapen(display, "a text in it holds control characters")
    return document


def _why_not_json(data: bytes) -> str:
    if not data.strip():
        return "is empty"
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return f"is not JSON from line {error.lineno} on: it was cut off, or edited"
    except (ValueError, RecursionError):
        pass
    return "is not JSON: it was cut off, or edited"


def _typed(data: bytes, document: dict[str, object], name: str, display: str) -> Lock:
    try:
        lock = _DECODER.decode(data)
    except msgspec.ValidationError as error:
        raise _misshapen(display, str(error)) from error
    if lock.version not in _READ or "version" not in document:
        raise _misshapen(display, f"its version is not one of 1 to {VERSION}")
    if strange := _unknown_keys(document, msgspec.to_builtins(lock)):
        raise StateError(
            f"{display} has the unknown key {strange[0]!r}: a newer ftrunner wrote it, or somebody "
            "edited the file",
            code="FT405",
            hint=f"{_UPGRADE}; if it was edited, restore it from version control",
        )
    if lock.name != name:
        raise ForeignLock(
            f"{display} belongs to the spec named {lock.name!r}, not {name!r}",
            code="FT406",
            hint=f'if the spec was renamed, write {name!r} as the lock file\'s "name", too; '
            "if the lock file was copied from another spec, delete it",
        )
    return replace(lock, version=VERSION)


def _unknown_keys(document: object, known: object) -> list[str]:
    """The keys of `document` that a `Lock` does not have, so that a write would lose them."""
    if not isinstance(document, dict) or not isinstance(known, dict):
        return []
    strange = [key for key in document if key not in known]
    return strange + [s for key in known for s in _unknown_keys(document.get(key), known[key])]


def _misshapen(display: str, why: str) -> StateError:
    return StateError(
        f"{display} is not a lock file of this version: {why}", code="FT405", hint=_SET_ASIDE
    )
