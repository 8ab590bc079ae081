"""Where a run's inputs came from: kept when the run begins, read when it is reported."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import Literal

import msgspec

from ftrunner import __version__
from ftrunner.engine.git import GitErrors, git
from ftrunner.engine.run_log import RunLog
from ftrunner.fsio import read_regular
from ftrunner.spec.model import Spec
from ftrunner.text import escaped

FILE = "run.json"
_MOST_BYTES = 100_000
_HEAD = "# branch.oid "


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """`started_at` in Unix seconds; `spec` is its path in the repository, or its name.

    `commit` is git's, where there is one; `modified` says that the spec or its data differ from it.
    """

    version: Literal[1] = 1
    started_at: float
    spec: str
    ftrunner: str = __version__
    python: str = platform.python_version()
    commit: str | None = None
    modified: bool | None = None


_DECODER = msgspec.json.Decoder(Origin)


def keep_origin(log: RunLog, spec: Spec, now: float) -> None:
    """Keep where the inputs of a run come from in its log. Raises StateError."""
    log.keep(FILE, msgspec.json.encode(origin(spec, now)))


def origin(spec: Spec, now: float) -> Origin:
    """What is known of where `spec` comes from, at the time `now`."""
    plain = Origin(started_at=now, spec=escaped(spec.path.name))
    try:
        prefix = os.fsdecode(git(spec.folder, "rev-parse", "--show-prefix")).strip()
        inputs = _inputs(spec, prefix)
        state = git(spec.folder, "status", "--porcelain=v2", "--branch", "--", *inputs)
    except (*GitErrors, ValueError):
        return plain
    lines = state.decode(errors="replace").splitlines()
    commit = next((line.removeprefix(_HEAD) for line in lines if line.startswith(_HEAD)), "(none)")
    return msgspec.structs.replace(
        plain,
        spec=escaped(f"{prefix}{spec.path.name}"),
        commit=None if commit.startswith("(") else commit,
        modified=any(not line.startswith("#") for line in lines),
    )


def _inputs(spec: Spec, prefix: str) -> list[str]:
    """The spec and those of its data files that are in the repository, for git to match."""
    validation = spec.dataset.validation
    patterns = (*spec.dataset.train, *(validation if isinstance(validation, tuple) else ()))
    inside = [
        pattern
        for pattern in patterns
        if not os.path.isabs(pattern)  # noqa: PTH117 - as git reads it
        and not os.path.normpath(os.path.join(prefix, pattern)).startswith("..")  # noqa: PTH118
    ]
    return [f":(literal){spec.path.name}", *(f":(glob){pattern}" for pattern in inside)]


def read_origin(folder: Path) -> Origin | None:
    """What the run in `folder` kept; None for one of an older version, or a file cut short."""
    try:
        return _DECODER.decode(read_regular(folder / FILE, most=_MOST_BYTES))
    except (OSError, ValueError):
        return None
