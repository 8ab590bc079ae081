"""What the lock file says, as values: one record per endpoint, made to be committed.

Nothing here holds a secret or an absolute path. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

VERSION = 1


class Creation(StrEnum):
    """The requests that create something at the provider."""

    FILE = "file"
    JOB = "job"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Written before a request that creates something and removed with its outcome.

    One that is found later is in doubt: the request may or may not have been carried out.
    """

    creates: Creation
    run: str
    at: float
    split: str | None = None
    filename: str | None = None
    fingerprint: str | None = None
    training_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A prepared stream that the provider has."""

    id: str
    filename: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """The fine-tuning job of the latest inputs. `status` is the provider's word, `state` ours."""

    id: str
    run: str
    fingerprint: str
    inputs: Mapping[str, Any]
    status: str
    state: str
    created_at: float | None = None
    model: str | None = None
    trained_tokens: int | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptResult:
    """How one test prompt fared: how many of its answers passed, of how many."""

    passed: bool
    passes: int
    answers: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsRecord:
    """The verdict on `model`; `digest` is the hash of the tests it was asked."""

    model: str
    digest: str
    passed: bool
    results: Mapping[str, PromptResult] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The tuned model that passed its tests last: what `ftrunner output` prints."""

    model: str
    job: str
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything known about one endpoint."""

    provider: str
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    job: JobRecord | None = None
    tests: TestsRecord | None = None
    current: Current | None = None
    intent: Intent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One spec's lock file."""

    name: str
    version: int = VERSION
    endpoints: Mapping[str, Record] = field(default_factory=dict)

    def with_record(self, endpoint: str, record: Record) -> Lock:
        """This lock with `record` at `endpoint`; every other endpoint is left alone."""
        return replace(self, endpoints={**self.endpoints, endpoint: record})
