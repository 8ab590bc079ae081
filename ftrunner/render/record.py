"""A lock file's record, for people."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.printable import one_line, printable
from ftrunner.state.lock import JobRecord, Record, TestsRecord


def as_text(
    record: Record, *, name: str, endpoint: str, apply: str, cost: str | None = None
) -> str:
    """What is known of a spec at one endpoint, one fact a line.

    `apply` is the command that applies the spec there; `cost` is what a deployment costs there
    while it stands.
    """
    lines = [f"{name} · {endpoint}", *_lines(record, apply, cost)]
    return "\n".join(map(printable, lines))


def _lines(record: Record, apply: str, cost: str | None) -> Iterator[str]:
    if record == Record(provider=record.provider):
        yield "nothing applied yet"
        return
    for split, file in sorted(record.files.items()):
        yield f"file     {split}: {file.id} ({file.filename})"
    if record.job:
        yield f"job      {_job(record.job)}"
    told = f"; {cost}" if cost else ""
    yield from (f"stands   {one.noun} {one.id}, for {one.job}{told}" for one in record.resources)
    if record.tests:
        yield f"tests    {_tests(record.tests)}"
    yield from (f"in doubt {doubt}: {apply} resolves it" for doubt in _doubts(record))
    yield f"current  {record.current.model if record.current else 'no model has passed its tests'}"


def _doubts(record: Record) -> Iterator[str]:
    if record.file_intent:
        yield f"the upload of {record.file_intent.filename}"
    if record.job_intent:
        yield "the creation of a job"
    if record.resource_intent:
        yield f"the {record.resource_intent.noun}"


def _job(job: JobRecord) -> str:
    details = one_line(job.error or job.model or "")
    return f"{job.id} {job.status}{f': {details}' if details else ''}"


def _tests(tests: TestsRecord) -> str:
    passed = sum(result.passed for result in tests.results.values())
    return f"{passed} of {len(tests.results)} passed on {tests.model}"
