"""A job that ended without a model: the cause, the last messages, the data lines they name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from ftrunner.api.wire import Job
from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.dataset.files.reader import DataFile, ReadError, read_blocks
from ftrunner.dataset.report import DatasetReport
from ftrunner.errors import RunFailed
from ftrunner.events import JobMessage
from ftrunner.findings import Finding, Location, Severity
from ftrunner.providers.profile import JobState, Profile

_MOST_LINES = 20
# "Example 100, message 2 Discriminator 'role' is missing"; "Example 1273 cannot be parsed"
_NAMED = re.compile(r"\b(?:examples?|lines?|rows?) #?(\d{1,9})\b", re.IGNORECASE)


def failure(
    job: Job,
    last_messages: Iterable[JobMessage],
    command: Callable[..., str],
    scenario: str | None = None,
) -> RunFailed:
    """The error for a job that ended without a tuned model.

    `command` spells a command for the job's spec, as `Run.command` does. A rehearsed `scenario`
    fails the same way each time.
    """
    if job.state is JobState.CANCELLED:
        return RunFailed(
            f"{job.id} was cancelled",
            code="FT351",
            hint=f"{command('apply', '--retry')} trains again, and is billed again",
        )
    if job.state is JobState.SUCCEEDED:
        return RunFailed(
            f"{job.id} succeeded but names no tuned model",
            code="FT354",
            hint=f"look at the job at the provider; {command('status', '--refresh')} asks again",
        )
    cause = _cause(job)
    events = "".join(f"\n  {_as_line(one)}" for one in last_messages if not _repeats(one, cause))
    return RunFailed(
        f"{job.id} failed: {cause}" + (f"\n  its last events:{events}" if events else ""),
        code="FT350",
        hint="change the data or the settings, or run the same again with "
        f"{command('apply', '--retry')}"
        if scenario is None
        else f"the scenario {scenario!r} plays the same each time; leave `--scenario` out to "
        "rehearse without it",
    )


def unknown_end(job: Job, profile: Profile, command: Callable[..., str]) -> RunFailed:
    """The error for a job that ended with a status that the profile does not know."""
    has = ", ".join(name.replace("_", " ") for name in job.ended_by)
    return RunFailed(
        f"{job.id} ended ({has}) with the status {_quoted(job)}, which the profile "
        f"{profile.name!r} does not know",
        code="FT356",
        hint=f"{status_line(job, profile)}; then {command('apply')} continues with this job",
    )


def status_line(job: Job, profile: Profile) -> str:
    """The line of a profile that defines the job's status, and where it belongs."""
    meaning = "failed" if "error" in job.ended_by else "succeeded"
    is_sure = "error" in job.ended_by or "fine_tuned_model" in job.ended_by
    unsure = "" if is_sure else " (or `failed`, or `cancelled`)"
    return (
        f"say what it means in .ftrunner/providers/{profile.name}.yaml: `extends: {profile.name}` "
        f"and `statuses: {{{_quoted(job)}: {meaning}}}`{unsure}"
    )


def _quoted(job: Job) -> str:
    return json.dumps(job.status.lower(), ensure_ascii=False)


def findings_from_provider(
    job: Job, last_messages: Iterable[JobMessage], report: DatasetReport
) -> list[Finding]:
    """The lines of source data that the provider mentions by their number in the sent file."""
    texts = [job.error.message or "" if job.error else "", *(m.message for m in last_messages)]
    is_validation = job.error is not None and job.error.param == "validation_file"
    split = report.validation if is_validation else report.train
    return [] if split is None else rows_mentioned(texts, split.stream)


def rows_mentioned(texts: Iterable[str], stream: PreparedStream) -> list[Finding]:
    """The lines of source data behind the rows of `stream` that the texts mention."""
    numbers = sorted({int(number) for text in texts for number in _NAMED.findall(text)})
    if not numbers:
        return []
    located = locate_rows(stream, set(numbers[:_MOST_LINES]))
    return [_finding(place, number) for number, place in located]


def _cause(job: Job) -> str:
    if job.error is None:
        return "the provider gives no cause"
    code = f" ({job.error.code})" if job.error.code else ""
    return f"{job.error.message or 'the provider gives no cause'}{code}"


def _repeats(message: JobMessage, cause: str) -> bool:
    return not message.data and message.message in cause


def _as_line(message: JobMessage) -> str:
    data = f" {json.dumps(message.data, ensure_ascii=False)}" if message.data else ""
    return f"{message.message}{data}"


def _finding(place: Location, number: int) -> Finding:
    return Finding(
        code="FT355",
        message=f"the provider mentions this line (line {number} of the sent file)",
        location=place,
        severity=Severity.NOTE,
    )


def locate_rows(stream: PreparedStream, numbers: set[int]) -> Iterator[tuple[int, Location]]:
    """The source lines of the numbered rows of the stream, counted from 1."""
    last, row = max(numbers), 0
    for file in stream.sources:
        for line, text in enumerate(_lines(file), start=1):
            if stream.selection is not None and not stream.selection.holds(text):
                continue
            row += 1
            if row in numbers:
                yield row, Location(file.display, line)
            if row == last:
                return


def _lines(file: DataFile) -> Iterator[bytes]:
    """The file's lines, as far as it can still be read."""
    with suppress(ReadError):
        for block in read_blocks(file):
            yield from block.split(b"\n")[:-1]
