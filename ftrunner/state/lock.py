"""The content of a lock file as values: one record per endpoint, made to be committed.

Nothing here holds a secret or an absolute path. Times are Unix seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ftrunner.providers.profile import JobState

VERSION = 2
"""Version 1 had no test sets; it is read, and becomes version 2 with the next write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileIntent:
    """Written before an upload and removed with its outcome; `run` is the run that wrote it.

    An intent without an outcome is unconfirmed: the request may or may not have been carried out.
    """

    run: str
    at: float
    split: str
    filename: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JobIntent:
    """The same for a job, with all that its record will need.

    `known` are the jobs that were listed before and have the same fields as this one.

    The intent may stay open after the response: until `until` its job, or another one with the same
    inputs, may still appear. `job` is the id in the response, if there was one.
    """

    run: str
    at: float
    fingerprint: str
    inputs: Mapping[str, Any]
    training_file: str
    known: tuple[str, ...] = ()
    until: float | None = None
    job: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceIntent:
    """The same for what a model needs before it answers, such as a deployment of `job`'s model."""

    run: str
    at: float
    noun: str
    name: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceRecord:
    """What was created so that the model of `job` answers; `id` is the provider's."""

    noun: str
    id: str
    job: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """A prepared stream that the provider has.

    `run` is the run that uploaded it; None where that is not known to be one of ftrunner's: a file
    that was uploaded by hand, or one in a lock file from before runs were recorded here.
    """

    id: str
    filename: str
    sha256: str
    bytes: int
    run: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """The fine-tuning job of the latest inputs; `status` in the provider's words, `state` in ours.

    `run` is the run that created it; None for an adopted job that ftrunner did not create.
    `model` is the tuned model's name; `asked_as` is what chat takes, once the model answers, where
    that is another.
    """

    id: str
    run: str | None
    fingerprint: str
    inputs: Mapping[str, Any]
    status: str
    state: JobState
    created_at: float | None = None
    model: str | None = None
    trained_tokens: int | None = None
    error: str | None = None
    asked_as: str | None = None

    @property
    def answers_as(self) -> str | None:
        """The name to ask the model by."""
        return self.asked_as or self.model


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptResult:
    """The result of one test prompt: how many of its answers passed, of how many."""

    passed: bool
    passes: int
    answers: int
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpponentRecord:
    """The tuned model against another one on a set: the mean difference, its interval, the word.

    `better` and `worse` count rows; `answers` is the hash of the opponent's answers.
    """

    model: str
    effect: float
    better: int
    worse: int
    word: str
    answers: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecord:
    """The tuned model on a set: of `n` rows `passed` passed, all answers to each of them.

    `mean` is the share of answers that passed, with its interval. `tests` is the hash of the rows
    and of what is expected of them, `answers` that of the answers.
    """

    n: int
    passed: int
    mean: float
    tests: str
    answers: str
    low: float | None = None
    high: float | None = None
    against: Mapping[str, OpponentRecord] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsRecord:
    """The verdict on `model`; `digest` is the hash of the tests it was asked.

    It `passed` if every prompt did and every gate held, or was allowed to stay open. `gates` has
    each gate's claim and result.
    """

    model: str
    digest: str
    passed: bool
    results: Mapping[str, PromptResult] = field(default_factory=dict)
    sets: Mapping[str, SetRecord] = field(default_factory=dict)
    gates: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether nothing failed, and there was not enough evidence for a pass."""
        gates = set(self.gates.values())
        prompts = all(result.passed for result in self.results.values())
        return not self.passed and prompts and "undecided" in gates and "failed" not in gates


@dataclass(frozen=True, slots=True, kw_only=True)
class Current:
    """The last tuned model that passed its tests: what `ftrunner output` prints.

    `run` is as in the record of its job.
    """

    model: str
    job: str
    fingerprint: str
    run: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything known about one endpoint."""

    provider: str
    files: Mapping[str, FileRecord] = field(default_factory=dict)
    job: JobRecord | None = None
    tests: TestsRecord | None = None
    current: Current | None = None
    file_intent: FileIntent | None = None
    job_intent: JobIntent | None = None
    resources: tuple[ResourceRecord, ...] = ()
    resource_intent: ResourceIntent | None = None
    open_intents: tuple[JobIntent, ...] = ()
    acknowledged: tuple[str, ...] = ()
    """What `drift` found and somebody acknowledged."""

    @property
    def has_failing_current(self) -> bool:
        """Whether the current model did not pass the tests that it was asked last."""
        current, tests = self.current, self.tests
        is_tested = current is not None and tests is not None and tests.model == current.model
        return is_tested and tests is not None and not tests.passed

    @property
    def unconfirmed_jobs(self) -> tuple[JobIntent, ...]:
        """The intents of unconfirmed jobs, which may still appear."""
        return tuple(intent for intent in self.open_intents if intent.job is None)

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """The requests whose outcome is unknown, in words."""
        file, job, resource = self.file_intent, self.job_intent, self.resource_intent
        return (
            *((f"the upload of {file.filename}",) if file else ()),
            *(("the creation of a job",) if job else ()),
            *((f"the creation of the {resource.noun} {resource.name}",) if resource else ()),
        )

    @property
    def has_unconfirmed(self) -> bool:
        """Whether the outcome of a request is unknown."""
        return bool(self.unconfirmed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """One spec's lock file."""

    name: str
    version: int = VERSION
    endpoints: Mapping[str, Record] = field(default_factory=dict)

    def with_record(self, endpoint: str, record: Record) -> Lock:
        """This lock with `record` at `endpoint`; every other endpoint is left alone."""
        return replace(self, endpoints={**self.endpoints, endpoint: record})
