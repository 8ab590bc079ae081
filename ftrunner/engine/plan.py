"""The plan: for each of the four steps, what will be done and why.

A pure function of the spec's inputs, the lock's record and what was observed at the provider.
`apply` carries out a plan as it is; `plan` takes the same path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from ftrunner.engine.fingerprint import differences
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobRecord, Record, TestsRecord

if TYPE_CHECKING:
    from ftrunner.api.wire import Job


class Step(StrEnum):
    """The four steps, in their order."""

    PREPARE = "prepare"
    UPLOAD = "upload"
    TRAIN = "train"
    TEST = "test"


class Action(StrEnum):
    """What is done with a step."""

    CHECK = "check"  # reads and changes nothing
    RUN = "run"
    SKIP = "skip"
    RESUME = "resume"
    ADOPT = "adopt"
    REPLACE = "replace"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class StepPlan:
    """One step's action, with the reason as a person would say it."""

    step: Step
    action: Action
    reason: str


@dataclass(frozen=True, slots=True)
class DesiredState:
    """What the spec asks for, as far as the plan needs it: hashes and inputs, no data.

    `streams` has the sha256 of the bytes that must be at the provider, by split. `tests` is the
    hash of all tests, `sets` has that of each test set, and `rows_asked` counts their rows.
    `is_served` says that a tuned model answers only after something was made for it; `model_name`
    is the name that the user gave it.
    """

    inputs: Mapping[str, Any]
    fingerprint: str
    streams: Mapping[str, str]
    tests: str
    prompts: int
    examples: int
    is_served: bool = False
    model_name: str | None = None
    sets: Mapping[str, str] = field(default_factory=dict)
    rows_asked: int = 0

    @property
    def has_tests(self) -> bool:
        return bool(self.prompts or self.sets)

    @property
    def rows(self) -> dict[str, str]:
        """The hash of the rows of every split."""
        return rows_of(self.inputs)


def rows_of(inputs: Mapping[str, Any]) -> dict[str, str]:
    """The hash of the rows of every split among the inputs of a job."""
    return {s: inputs[s] for s in ("train", "validation") if inputs.get(s)}


@dataclass(frozen=True, slots=True)
class Observed:
    """What was read from the provider: a job to adopt, missing files, and the listed jobs."""

    job: Job | None = None
    missing_files: frozenset[str] = field(default_factory=frozenset)
    listed: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What the user asked for beyond the spec."""

    retry: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The four steps' plans."""

    prepare: StepPlan
    upload: StepPlan
    train: StepPlan
    test: StepPlan
    wanted: DesiredState
    options: Options = field(default_factory=Options)

    @property
    def steps(self) -> tuple[StepPlan, ...]:
        return (self.prepare, self.upload, self.train, self.test)

    @property
    def has_changes(self) -> bool:
        """Whether applying it would send anything."""
        return any(step.action is not Action.SKIP for step in self.steps[1:])

    @property
    def unfinished(self) -> StepPlan | None:
        """The first step that is left to do; those after it follow from it."""
        return next((one for one in (self.train, self.test) if one.action is not Action.SKIP), None)

    @property
    def creates_job(self) -> bool:
        return self.train.action in (Action.RUN, Action.REPLACE)

    @property
    def obtains_job(self) -> bool:
        """Whether another job than before will be recorded."""
        return self.creates_job or self.train.action is Action.ADOPT


def plan(
    wanted: DesiredState, record: Record | None, observed: Observed | None, options: Options
) -> Plan:
    """Decide. `observed=None` means that the provider has not been asked."""
    record = record or Record(provider="")
    train = _train(wanted, record, observed, options)
    return Plan(
        prepare=StepPlan(Step.PREPARE, Action.CHECK, _examples(wanted)),
        upload=_upload(wanted, record, observed, train),
        train=train,
        test=_test(wanted, record, train),
        wanted=wanted,
        options=options,
    )


def _train(
    wanted: DesiredState, record: Record, observed: Observed | None, options: Options
) -> StepPlan:
    job = record.job
    if record.job_intent:
        reason = "a job's creation is unconfirmed; checking at the provider"
        return StepPlan(Step.TRAIN, Action.RESUME, reason)
    if job and job.fingerprint == wanted.fingerprint and not options.fresh:
        return _same_inputs(job, wanted, observed, options)
    if observed and observed.job and not options.fresh:
        return _adopt(observed.job, _cancels(job, wanted))
    if job is None:
        return StepPlan(Step.TRAIN, Action.RUN, "no job yet")
    if job.fingerprint == wanted.fingerprint:
        return StepPlan(Step.TRAIN, Action.REPLACE, "a new job was asked for")
    changes = "; ".join(differences(job.inputs, wanted.inputs)) or "the fingerprint changed"
    return StepPlan(Step.TRAIN, Action.REPLACE, f"{changes}{_cancels(job, wanted)}")


def _cancels(job: JobRecord | None, wanted: DesiredState) -> str:
    """Says that a running job of former inputs will be cancelled."""
    if job is None or not is_superseded(job, wanted):
        return ""
    return f"; {job.id}, which is {job.status}, is cancelled"


def is_superseded(job: JobRecord, wanted: DesiredState) -> bool:
    """Whether the recorded job still runs for inputs that are no longer wanted."""
    return not job.state.is_final and job.fingerprint != wanted.fingerprint


def _succeeded(job: JobRecord, wanted: DesiredState) -> StepPlan:
    """Nothing is left to do once the model answers by the name in the spec."""
    if job.answers_as is None or (wanted.is_served and job.asked_as is None):
        reason = f"{job.id} succeeded; its model does not answer yet"
        return StepPlan(Step.TRAIN, Action.RESUME, reason)
    if wanted.model_name not in (None, job.answers_as):
        reason = f"{job.id} succeeded; its model is asked as {wanted.model_name}"
        return StepPlan(Step.TRAIN, Action.RESUME, reason)
    return StepPlan(Step.TRAIN, Action.SKIP, f"{job.id} succeeded: {job.answers_as}")


def _same_inputs(
    job: JobRecord, wanted: DesiredState, observed: Observed | None, options: Options
) -> StepPlan:
    if job.state is JobState.SUCCEEDED:
        return _succeeded(job, wanted)
    if not job.state.is_final:
        return StepPlan(Step.TRAIN, Action.RESUME, f"{job.id} is {job.status}")
    if not options.retry:
        cause = f": {job.error}" if job.error else ""
        return StepPlan(Step.TRAIN, Action.STOP, f"{job.id} {job.status}{cause}")
    if observed and observed.job:
        return _adopt(observed.job)
    return StepPlan(Step.TRAIN, Action.REPLACE, f"try again: {job.id} {job.status}")


def _adopt(job: Job, besides: str = "") -> StepPlan:
    return StepPlan(Step.TRAIN, Action.ADOPT, f"{job.id} has the same inputs{besides}")


def _upload(
    wanted: DesiredState, record: Record, observed: Observed | None, train: StepPlan
) -> StepPlan:
    if train.action not in (Action.RUN, Action.REPLACE):
        return StepPlan(Step.UPLOAD, Action.SKIP, "the job has its files")
    reasons = [
        reason
        for split, sha256 in wanted.streams.items()
        if (reason := why_upload(split, sha256, record, observed))
    ]
    if not reasons:
        return StepPlan(Step.UPLOAD, Action.SKIP, "unchanged")
    return StepPlan(Step.UPLOAD, Action.RUN, "; ".join(reasons))


def why_upload(split: str, sha256: str, record: Record, observed: Observed | None) -> str | None:
    """Why the split's stream must be sent, or None when the provider has it."""
    known = record.files.get(split)
    if known is None:
        return f"{split} data is new"
    if known.sha256 != sha256:
        return f"{split} data changed"
    if observed and known.id in observed.missing_files:
        return f"{known.id} is gone"
    return None


def _test(wanted: DesiredState, record: Record, train: StepPlan) -> StepPlan:
    if train.action is Action.STOP:
        return StepPlan(Step.TEST, Action.SKIP, "there is no tuned model")
    if not wanted.has_tests:
        return StepPlan(Step.TEST, Action.SKIP, "no test prompts")
    if train.action is not Action.SKIP:
        return StepPlan(Step.TEST, Action.RUN, f"{_asked(wanted)} after training")
    model = record.job.answers_as if record.job else None
    tests = record.tests
    if tests is None or tests.model != model:
        reason = f"the model was not tested yet: {_asked(wanted)}"
        return StepPlan(Step.TEST, Action.RUN, reason)
    if tests.digest != wanted.tests:
        return StepPlan(Step.TEST, Action.RUN, _changed(wanted, tests))
    if not tests.passed:
        found = "found not enough evidence" if tests.is_open else "failed"
        reason = f"the model's last tests {found}"
        return StepPlan(Step.TEST, Action.RUN, reason)
    return StepPlan(Step.TEST, Action.SKIP, f"{_asked(wanted)} passed")


def _changed(wanted: DesiredState, tests: TestsRecord) -> str:
    """Which test sets changed; all other changes are changes of the tests."""
    known = {name: one.tests for name, one in tests.sets.items()}
    changes = [
        f"the test set {name} {_change(known.get(name), wanted.sets.get(name))}"
        for name in dict.fromkeys((*wanted.sets, *known))
        if known.get(name) != wanted.sets.get(name)
    ]
    return "; ".join(changes) or "the tests changed"


def _change(known: str | None, wanted: str | None) -> str:
    if known is None:
        return "is new"
    return "was removed" if wanted is None else "changed"


def _examples(wanted: DesiredState) -> str:
    return _counted(wanted.examples, "example")


def _asked(wanted: DesiredState) -> str:
    """`3 prompts`, `1 prompt and 2 test sets (240 rows)`"""
    parts = [_counted(wanted.prompts, "prompt")] if wanted.prompts else []
    if wanted.sets:
        rows = _counted(wanted.rows_asked, "row")
        parts.append(f"{_counted(len(wanted.sets), 'test set')} ({rows})")
    return " and ".join(parts)


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
