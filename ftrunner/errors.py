"""Every failure a user can meet, and the exit code it ends the process with.

    FtrunnerError
    ├── InvalidInput          a spec, a dataset or a profile with findings     2
    ├── ConsentRequired       the user did not agree to pay for the job        2
    ├── RunFailed             the job failed or was cancelled                  1
    │   └── ApiError          the provider refused (tree in api/errors.py)     1
    ├── StateError            locked, unconfirmed, in conflict                 4
    ├── OverBudget            the estimate exceeds the spec's budget           6
    ├── GaveUpWaiting         wait.timeout passed; the job goes on             7
    └── Interrupted           ^C, SIGTERM, a closed pipe; the job goes on 130/143/141

Anything else that reaches the command line is a bug in ftrunner (3).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from ftrunner.findings import Finding


class ExitCode(IntEnum):
    """The process's exit codes; once published a number keeps its meaning."""

    DONE = 0
    RUN_FAILED = 1
    INVALID = 2
    BUG = 3
    STATE = 4
    TESTS_FAILED = 5
    OVER_BUDGET = 6
    GAVE_UP_WAITING = 7
    NOT_ENOUGH_EVIDENCE = 8
    CHANGES = 10
    INTERRUPTED = 130
    READER_LEFT = 141
    TERMINATED = 143


# What several specs end with together: the gravest of theirs comes first here.
GRAVITY = (
    ExitCode.INTERRUPTED,
    ExitCode.TERMINATED,
    ExitCode.READER_LEFT,
    ExitCode.BUG,
    ExitCode.STATE,
    ExitCode.INVALID,
    ExitCode.OVER_BUDGET,
    ExitCode.RUN_FAILED,
    ExitCode.GAVE_UP_WAITING,
    ExitCode.TESTS_FAILED,
    ExitCode.NOT_ENOUGH_EVIDENCE,
    ExitCode.CHANGES,
    ExitCode.DONE,
)


def gravest(codes: Iterable[ExitCode]) -> ExitCode:
    """The exit code that stands for all of `codes`; DONE for none."""
    return min(codes, key=GRAVITY.index, default=ExitCode.DONE)


class FtrunnerError(Exception):
    """A failure that is explained, not traced: a code, a sentence, and what to do next."""

    exit_code = ExitCode.RUN_FAILED

    def __init__(self, message: str, *, code: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.hint = hint


class InvalidInput(FtrunnerError):
    """The input has findings of error severity; nothing was sent.

    `counts` has how many there are of a code, where not all were kept.
    """

    exit_code = ExitCode.INVALID

    def __init__(
        self, findings: Sequence[Finding], counts: Mapping[str, int] | None = None
    ) -> None:
        first = next((f for f in findings if f.is_error), findings[0])
        super().__init__(first.message, code=first.code, hint=first.hint)
        self.findings = tuple(findings)
        self.counts = dict(counts or {})


class ConsentRequired(FtrunnerError):
    """A new job would cost money and the user did not agree to it."""

    exit_code = ExitCode.INVALID


class RunFailed(FtrunnerError):
    """The run ended without a tuned model."""


class StateError(FtrunnerError):
    """The lock file is held, unconfirmed, in conflict or unreadable; nothing was overwritten."""

    exit_code = ExitCode.STATE


@contextmanager
def explained(path: Path, *, hint: str) -> Iterator[None]:
    """Raise an OSError of the block, which writes `path`, as a StateError with `hint`."""
    try:
        yield
    except OSError as error:
        raise unwritable(path, error, hint=hint) from error


def unwritable(path: Path, error: OSError, *, hint: str) -> StateError:
    """Where `path` cannot be written."""
    return StateError(f"cannot write {path}: {error.strerror}", code="FT418", hint=hint)


class OverBudget(FtrunnerError):
    """The estimate exceeds what the spec's `budget` allows."""

    exit_code = ExitCode.OVER_BUDGET


class GaveUpWaiting(FtrunnerError):
    """`wait.timeout` passed. The job goes on at the provider."""

    exit_code = ExitCode.GAVE_UP_WAITING


class Terminated(KeyboardInterrupt):
    """SIGTERM, raised where ^C would be."""


class Interrupted(FtrunnerError):
    """The user or the system ended the process. The job goes on at the provider."""

    def __init__(
        self, message: str, *, exit_code: ExitCode = ExitCode.INTERRUPTED, hint: str | None = None
    ) -> None:
        super().__init__(message, code="FT360", hint=hint)
        self.exit_code = exit_code
