"""The data of a recorded job as git has it, where the run that asked for the job was elsewhere.

The commit is one in which the job came into the lock file. What it has is the job's data only if
the rows have the hash that the lock file records, so a wrong guess is never reported.
"""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory, TemporaryFile

from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.git import GitErrors, git
from ftrunner.engine.plan import rows_of
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec
from ftrunner.state.lock import JobRecord
from ftrunner.state.lockfile import SUFFIX

_MOST_COMMITS = 3


def committed_data(spec: Spec, profile: Profile, job: JobRecord) -> DatasetReport | None:
    """The report of the data that `job` was made from; None where git does not have it.

    Files are named `COMMIT:PATH`, as `git show` takes them. Never raises.
    """
    try:
        top = Path(git(spec.folder, "rev-parse", "--show-toplevel").decode().strip())
        folder = spec.folder.resolve().relative_to(top.resolve())
        for commit in _commits(spec, job):
            with TemporaryDirectory(prefix="ftrunner-") as below:
                _extract(top, commit, _pathspecs(spec, folder), Path(below))
                then = Path(below, folder)
                then.mkdir(parents=True, exist_ok=True)
                report = check_dataset(replace(spec, path=then / spec.path.name), profile)
                if _hashes(report) == rows_of(job.inputs):
                    return _renamed(report, Path(below), commit)
    except (*GitErrors, ValueError, tarfile.TarError):
        return None
    return None


def _commits(spec: Spec, job: JobRecord) -> list[str]:
    """The first commits in which the lock file names the job."""
    lock = spec.path.with_suffix(SUFFIX).name
    found = git(spec.folder, "log", "--format=%H", f"-S{job.id}", "--", lock).decode().split()
    return found[: -_MOST_COMMITS - 1 : -1]


def _pathspecs(spec: Spec, folder: Path) -> Iterator[str]:
    """The data files of the spec for git. Raises ValueError for one outside the repository."""
    validation = spec.dataset.validation
    for pattern in (*spec.dataset.train, *(validation if isinstance(validation, tuple) else ())):
        path = os.path.normpath(folder / pattern)
        if path.startswith("..") or PurePosixPath(pattern).is_absolute():
            raise ValueError(f"{pattern} is outside the repository")
        yield f":(glob){Path(path).as_posix()}"


def _extract(top: Path, commit: str, pathspecs: Iterator[str], below: Path) -> None:
    """Write the files of a commit `below`; links are left out."""
    with TemporaryFile() as archive:
        git(top, "archive", "--format=tar", commit, "--", *pathspecs, into=archive)
        archive.seek(0)
        with tarfile.open(fileobj=archive) as tar:
            for member in tar:
                content = tar.extractfile(member) if member.isfile() else None
                if content is not None and ".." not in Path(member.name).parts:
                    path = below / member.name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    with path.open("wb") as file:
                        copyfileobj(content, file)


def _hashes(report: DatasetReport) -> dict[str, str]:
    return {name: split.stream.rows for name, split in report.splits.items()}


def _renamed(report: DatasetReport, below: Path, commit: str) -> DatasetReport:
    """The report with names of files that mean something without the folder they were read in."""
    files = {
        name: [
            (f"{commit[:8]}:{Path(path).resolve().relative_to(below.resolve()).as_posix()}", lines)
            for path, lines in each
        ]
        for name, each in report.files.items()
    }
    return replace(report, files=files)
