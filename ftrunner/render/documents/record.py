"""A lock file's record, for people."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.state.lock import JobRecord, Record, TestsRecord
from ftrunner.text import one_line

_LONGEST = 4_000  # characters of a fact


def as_text(
    record: Record, *, name: str, endpoint: str, apply: str, cost: str | None = None
) -> str:
    """What is known of a spec at one endpoint, one fact a line.

    `apply` is the command that applies the spec there; `cost` is the price of a deployment.
    """
    if record == Record(provider=record.provider):
        facts = ["nothing applied yet"]
    else:
        facts = [f"{label:<11} {_fact(text)}" for label, text in _facts(record, apply, cost)]
    return "\n".join([_fact(f"{name} · {endpoint}"), *facts])


def _fact(text: str) -> str:
    """`text` on its line: a lock file may hold whatever somebody else wrote into it."""
    return one_line(text, bound=_LONGEST)


def _facts(record: Record, apply: str, cost: str | None) -> Iterator[tuple[str, str]]:
    for split, file in sorted(record.files.items()):
        yield "file", f"{split}: {file.id} ({file.filename})"
    if record.job:
        yield "job", _job(record.job)
    price = f"; {cost}" if cost else ""
    yield from (
        ("created", f"{one.noun} {one.id}, for {one.job}{price}") for one in record.resources
    )
    if record.tests:
        yield "tests", _tests(record.tests)
    yield from (("unconfirmed", f"{what}: {apply} resolves it") for what in record.unconfirmed)
    if record.unconfirmed_jobs:
        yield (
            "open",
            f"an unconfirmed job may still appear: {apply} looks for it",
        )
    yield "current", record.current.model if record.current else "no model has passed its tests"


def _job(job: JobRecord) -> str:
    details = one_line(job.error or job.model or "")
    return f"{job.id} {job.status}{f': {details}' if details else ''}"


def _tests(tests: TestsRecord) -> str:
    passed = sum(result.passed for result in tests.results.values())
    return f"{passed} of {len(tests.results)} passed on {tests.model}"
