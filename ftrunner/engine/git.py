"""Reading from git, for what a commit holds. Nothing is fetched, locked or asked for."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from shutil import which
from typing import IO

_PATIENCE = 20.0  # seconds for one command
_QUIET = {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}

# What `git` raises where there is no git, no repository, or no such object.
GitErrors = (OSError, subprocess.SubprocessError)


def git(
    folder: Path, *arguments: str, into: IO[bytes] | None = None, given: bytes | None = None
) -> bytes:
    """What git prints in `folder`, unless it is written `into` a file. Raises GitErrors.

    `given` is what git reads.
    """
    program = which("git") if _may_be_tracked(folder) else None
    if program is None:
        raise FileNotFoundError("git")
    done = subprocess.run(  # noqa: S603 - no shell; the arguments are ours, or come behind `--`
        (program, "-C", folder, "-c", "log.showSignature=false", *arguments),
        env={**os.environ, **_QUIET},
        input=given,
        stdin=subprocess.DEVNULL if given is None else None,
        stdout=into or subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=_PATIENCE,
        check=True,
    )
    return done.stdout or b""


def _may_be_tracked(folder: Path) -> bool:
    """Whether `folder` looks like a part of a repository; asking git takes a process."""
    above = (folder.absolute(), *folder.absolute().parents)
    return "GIT_DIR" in os.environ or any((each / ".git").exists() for each in above)
