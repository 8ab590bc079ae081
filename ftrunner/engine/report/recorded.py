"""Results from the lock file's record, where no run kept any that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from ftrunner import __version__
from ftrunner.engine.report.kept import KeptRun
from ftrunner.engine.target import Target
from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.wording import effect_in_words
from ftrunner.spec.model import Spec
from ftrunner.state.lock import JobRecord, OpponentRecord, Record, SetRecord, TestsRecord
from ftrunner.state.results import (
    Figure,
    KeptAnswer,
    KeptCheck,
    KeptComparison,
    KeptGate,
    KeptModel,
    KeptPrompt,
    KeptSet,
    KeptTraining,
    Provenance,
    RunResults,
)


def from_record(spec: Spec, target: Target, record: Record, run: KeptRun | None) -> RunResults:
    """What the record says of the job and its tests, and `run` of the answers."""
    job, tests = record.job, record.tests
    if job is None or tests is None or tests.model != job.answers_as:
        tests = None  # they are of another model
    return RunResults(
        name=spec.name,
        run=run.folder.name if run else "",
        at=(run.last if run else None) or (job.created_at if job else None) or 0.0,
        rehearsal=target.is_rehearsal,
        scenario=target.scenario,
        outcome=_outcome(tests),
        sentence="",
        model=job.answers_as if job else None,
        current=record.current.model if record.current else None,
        prompts=tuple(_prompts(tests, run)),
        sets=tuple(_set(name, of) for name, of in tests.sets.items()) if tests else (),
        gates=tuple(_gate(*pair) for pair in tests.gates.items()) if tests else (),
        training=_training(job) if job else None,
        provenance=Provenance(
            ftrunner=__version__,
            spec=spec.path.name,
            spec_sha256="",
            provider=target.profile.name,
            endpoint=target.endpoint,
            tests=tests.digest if tests else "",
            fingerprint=job.fingerprint if job else None,
        ),
    )


def _outcome(tests: TestsRecord | None) -> str:
    if tests is None or not (tests.results or tests.sets or tests.gates):
        return "no_tests"
    if tests.passed:
        return "passed"
    return "not_enough_evidence" if tests.is_open else "failed"


def _gate(claim: str, result: str) -> KeptGate:
    return KeptGate(claim=claim, result=result, why="the lock file has the result alone")


def _set(name: str, of: SetRecord) -> KeptSet:
    tuned = KeptModel(
        name="tuned",
        model="",
        provider="",
        passed=of.passed,
        answers=of.n,
        metrics={"score": Figure(value=of.mean, low=of.low, high=of.high, n=of.n)},
        digest=of.answers,
    )
    compared = tuple(_comparison(other, found) for other, found in of.against.items())
    return KeptSet(
        name=name, file="", rows=of.n, repeat=1, models=(tuned,), comparisons=compared,
        digest=of.tests,
    )  # fmt: skip


def _comparison(name: str, found: OpponentRecord) -> KeptComparison:
    known = found.low is not None and found.high is not None
    interval = Interval(found.low, found.high) if known else None  # type: ignore[arg-type]
    return KeptComparison(
        name=name,
        model=found.model,
        effect=found.effect,
        low=found.low,
        high=found.high,
        word=found.word,
        sentence=effect_in_words(name, found.word, found.effect, interval),
        better=found.better,
        worse=found.worse,
    )


def _prompts(tests: TestsRecord | None, run: KeptRun | None) -> Iterator[KeptPrompt]:
    """Each prompt with its answers; without a run that has them, how many there were."""
    recorded = tests.results if tests else {}
    answered = run["answer"] if run else []
    for name, group in groupby(answered, key=lambda answer: answer.prompt):
        given = list(group)
        passed = recorded[name].passed if name in recorded else all(a.passed for a in given)
        answers = tuple(
            KeptAnswer(
                text=answer.answer,
                passed=answer.passed,
                score=float(answer.passed),
                checks=tuple(
                    KeptCheck(expected=c.expected, passed=c.passed, why=c.why)
                    for c in answer.checks
                ),
            )
            for answer in given
        )
        yield KeptPrompt(
            name=name,
            question=given[0].question,
            passed=passed,
            pass_at_least=len(given),
            answers=answers,
        )
    for name in recorded if not answered else ():
        yield KeptPrompt(
            name=name,
            question="",
            passed=recorded[name].passed,
            pass_at_least=recorded[name].answers,
            answers=(),
        )


def _training(job: JobRecord) -> KeptTraining:
    return KeptTraining(
        job=job.id,
        base_model=str(job.inputs.get("model", "")),
        status=job.status,
        model=job.model,
        created_at=job.created_at,
        trained_tokens=job.trained_tokens,
        error=job.error,
        inputs=job.inputs,
    )
