"""A lock file's record, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from ftrunner.evaluation.statistics.interval import Interval
from ftrunner.evaluation.wording import changes, effect_in_words
from ftrunner.state.lock import JobRecord, OpponentRecord, Record, TestsRecord
from ftrunner.state.mutex import Holder
from ftrunner.text import one_line

_LONGEST = 4_000  # characters of a fact


def as_text(
    record: Record,
    *,
    name: str,
    endpoint: str,
    apply: str,
    cost: str | None = None,
    of_job: Sequence[tuple[str, str]] = (),
    run: str | None = None,
) -> str:
    """What is known of a spec at one endpoint, one fact a line.

    `apply` is the command that applies the spec there; `cost` is the price of a deployment;
    `of_job` are more facts of the job, with their labels; `run` says of a run that it has not
    ended.
    """
    if record == Record(provider=record.provider):
        facts = ["nothing applied yet"]
    else:
        facts = [
            f"{label:<11} {_fact(text)}" for label, text in _facts(record, apply, cost, of_job)
        ]
    if run:
        facts.append(f"{'run':<11} {_fact(run)}")
    return "\n".join([_fact(f"{name} · {endpoint}"), *facts])


def unfinished(process: tuple[Holder, bool] | None) -> str | None:
    """That a process is at work, or ended too early, if either is so."""
    if process is None:
        return None
    holder, is_at_work = process
    return f"{holder}, {'is at work' if is_at_work else 'ended before it was done'}"


def effects(record: Record) -> list[dict[str, Any]]:
    """Every comparison on a test set, as a document."""
    sets = record.tests.sets if record.tests else {}
    return [
        {
            "set": name,
            "against": other,
            "model": found.model,
            "rows": one.n,
            "effect": found.effect,
            "low": found.low,
            "high": found.high,
            "better": found.better,
            "worse": found.worse,
            "word": found.word,
        }
        for name, one in sets.items()
        for other, found in one.against.items()
    ]


def _fact(text: str) -> str:
    """`text` on its line: a lock file may hold whatever somebody else wrote into it."""
    return one_line(text, bound=_LONGEST)


def _facts(
    record: Record, apply: str, cost: str | None, of_job: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, str]]:
    for split, file in sorted(record.files.items()):
        yield "file", f"{split}: {file.id} ({file.filename})"
    if record.job:
        yield "job", _job(record.job)
        yield from of_job
    price = f"; {cost}" if cost else ""
    yield from (
        ("created", f"{one.noun} {one.id}, for {one.job}{price}") for one in record.resources
    )
    if record.tests:
        yield from _tests(record.tests)
    yield from (("unconfirmed", f"{what}: {apply} resolves it") for what in record.unconfirmed)
    if record.unconfirmed_jobs:
        yield (
            "open",
            f"an unconfirmed job may still appear: {apply} looks for it",
        )
    yield "current", _current(record)


def _current(record: Record) -> str:
    if record.current is None:
        return "no model has passed its tests"
    failing = "; it did not pass its last tests" if record.has_failing_current else ""
    return f"{record.current.model}{failing}"


def _job(job: JobRecord) -> str:
    details = one_line(job.error or job.model or "")
    return f"{job.id} {job.status}{f': {details}' if details else ''}"


def _tests(tests: TestsRecord) -> Iterator[tuple[str, str]]:
    passed = sum(result.passed for result in tests.results.values())
    if tests.results or not tests.sets:
        yield "tests", f"{passed} of {len(tests.results)} passed on {tests.model}"
    for name, one in tests.sets.items():
        yield "set", f"{name}: {one.passed:,} of {one.n:,} rows passed on {tests.model}"
        yield from (("effect", f"{name}: {_effect(*pair, one.n)}") for pair in one.against.items())
    if tests.gates:
        counts = Counter(tests.gates.values())
        yield "gates", ", ".join(f"{count} {result}" for result, count in counts.items())


def _effect(other: str, found: OpponentRecord, rows: int) -> str:
    interval = None
    if found.low is not None and found.high is not None:
        interval = Interval(found.low, found.high)
    said = effect_in_words(other, found.word, found.effect, interval)
    return f"{said}: {changes(found.better, found.worse, rows)}"
