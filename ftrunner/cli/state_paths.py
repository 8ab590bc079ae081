"""Where a spec's state and run logs are.

What is known of a spec lives beside it (`stories.lock.json`), or, in a rehearsal, under
`.ftrunner/rehearsal/stories/openai/`: each provider has its own folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ftrunner.engine.target import Target
from ftrunner.fsio import Disk, SystemDisk
from ftrunner.spec.model import Spec
from ftrunner.state.lock import Record
from ftrunner.state.lockfile import SUFFIX, LockFile

STATE_FOLDER = ".ftrunner"
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class StatePaths:
    """Paths of one spec at one target; `rehearsal` is the folder of what a rehearsal keeps,
    `answers` that of stored answers."""

    root: Path
    lock: Path
    mutex: Path
    runs: tuple[str, ...]
    rehearsal: Path
    answers: Path

    @property
    def run_folders(self) -> Path:
        """The folder with a folder for each run."""
        return self.root.joinpath(*self.runs)

    @property
    def database(self) -> Path:
        return self.rehearsal / "provider.sqlite"


def places(spec: Spec, target: Target) -> StatePaths:
    """A rehearsal has its own lock file and database; the real lock file is not touched."""
    root, stem = spec.folder / STATE_FOLDER, spec.path.stem
    stage = _stage(target)
    rehearsal = root / "rehearsal" / stem / stage
    is_rehearsal = target.is_rehearsal
    return StatePaths(
        root=root,
        lock=(rehearsal if is_rehearsal else spec.folder) / f"{stem}{SUFFIX}",
        mutex=root / "mutex" / f"{f'{stem}-{stage}-rehearsal' if is_rehearsal else stem}.lock",
        runs=("rehearsal", stem, stage, "runs") if is_rehearsal else ("runs", spec.name),
        rehearsal=rehearsal,
        answers=rehearsal / "answers" if is_rehearsal else root / "answers",
    )


def lock_file(spec: Spec, target: Target, disk: Disk) -> LockFile:
    """The lock file of `spec` at `target`."""
    path = places(spec, target).lock
    return LockFile(path, name=spec.name, disk=disk, disposable=target.is_rehearsal)


def record(spec: Spec, target: Target) -> Record:
    """What is known of the spec at `target`, for commands that only read. Raises StateError."""
    known = lock_file(spec, target, SystemDisk()).read().endpoints.get(target.endpoint)
    return known or Record(provider=target.profile.name)


def _stage(target: Target) -> str:
    provider = _UNSAFE.sub("-", target.profile.name)
    if target.scenario is None:
        return provider
    return f"{provider}@{_UNSAFE.sub('-', Path(target.scenario).stem)}"
