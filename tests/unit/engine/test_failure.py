"""A failed job says all it can: cause, last words, and the lines of data that it names."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.api.redaction import Redactor
from ftrunner.api.wire import Job, JobError
from ftrunner.dataset.files.prepared import PreparedStream, Selection, StreamHasher
from ftrunner.dataset.files.reader import DataFile, read_blocks
from ftrunner.engine.jobs.failure import failure, locate_rows, unknown_end
from ftrunner.engine.steps.keep_results import results_csv
from ftrunner.events import JobMessage
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState


def command(verb: str, *more: str) -> str:
    return f"`ftrunner {' '.join([verb, 'stories.yaml', *more])} --mock`"


def failed(error: JobError | None) -> Job:
    return Job(id="ftjob-1", status="failed", state=JobState.FAILED, error=error)


def test_the_providers_words_and_code_are_shown() -> None:
    error = failure(failed(JobError("bad_file", "line 3 is bad")), [], command)

    assert (error.code, error.message) == ("FT350", "ftjob-1 failed: line 3 is bad (bad_file)")
    assert "`ftrunner apply stories.yaml --retry --mock`" in (error.hint or "")


def test_last_events_are_shown_with_their_details() -> None:
    checks = JobMessage(1.0, "info", "Moderation checks failed", {"harms": ["violence"]})

    error = failure(failed(None), [checks], command)

    assert "the provider gives no cause" in error.message
    assert 'Moderation checks failed {"harms": ["violence"]}' in error.message


def test_an_event_that_repeats_the_cause_is_left_out() -> None:
    said = [JobMessage(1.0, "info", "Started", {}), JobMessage(2.0, "error", "line 3 is bad", {})]

    error = failure(failed(JobError("bad_file", "line 3 is bad")), said, command)

    assert error.message.count("line 3 is bad") == 1
    assert error.message.endswith("its last events:\n  Started")


def test_no_retry_is_advised_where_a_scenario_fails_each_time() -> None:
    error = failure(failed(None), [], command, "fails-mid-training")

    assert "'fails-mid-training' plays the same each time" in (error.hint or "")
    assert "--retry" not in (error.hint or "")


@pytest.mark.parametrize(
    ("state", "code"), [(JobState.CANCELLED, "FT351"), (JobState.SUCCEEDED, "FT354")]
)
def test_other_ends_have_their_own_codes(state: JobState, code: str) -> None:
    error = failure(Job(id="ftjob-1", status=str(state), state=state), [], command)

    assert error.code == code
    assert error.hint


def test_rows_are_found_in_the_second_file(tmp_path: Path) -> None:
    files = [write(tmp_path / "a.jsonl", 3), write(tmp_path / "b.jsonl", 4)]
    stream = prepared(files)

    places = [(row, place.file, place.line) for row, place in locate_rows(stream, {2, 5, 99})]

    assert places == [(2, files[0].display, 2), (5, files[1].display, 2)]


def test_rows_of_a_share_of_the_file_are_counted_among_themselves(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", 50)
    selection = Selection(fraction=0.5, seed=1, picked=False)
    stream = prepared([file], selection)
    lines = [n for n in range(1, 51) if selection.holds(b'{"row": %d}' % n)]

    [(_, place)] = locate_rows(stream, {4})

    assert place.line == lines[3]


def test_a_file_that_is_gone_names_no_lines(tmp_path: Path) -> None:
    file = write(tmp_path / "a.jsonl", 3)
    stream = prepared([file])
    file.path.unlink()

    assert list(locate_rows(stream, {1})) == []


def write(path: Path, rows: int) -> DataFile:
    path.write_text("".join(f'{{"row": {n}}}\n' for n in range(1, rows + 1)))
    return DataFile(path.name, path)


def prepared(files: list[DataFile], selection: Selection | None = None) -> PreparedStream:
    hasher = StreamHasher("train", selection)
    for file in files:
        for block in read_blocks(file):
            hasher.add(block)
    stream = hasher.finish(files, 0)
    assert stream is not None
    return stream


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (b"step,loss\n1,2\n", b"step,loss\n1,2\n"),
        (b"c3RlcCxsb3NzCjEsMgo=", b"step,loss\n1,2\n"),
        (b"c3RlcCxs\r\nb3NzCjEs\nMgo=\n", b"step,loss\n1,2\n"),
        (b"c3RlcA==", b"c3RlcA=="),
        (b"", b""),
    ],
    ids=["csv", "base64", "base64 in lines", "base64 of no table", "nothing"],
)
def test_results_come_plain_or_in_base64(sent: bytes, kept: bytes) -> None:
    assert results_csv(sent, Redactor()) == kept


@pytest.mark.parametrize(
    ("ended_by", "line"),
    [
        (("fine_tuned_model",), 'statuses: {"all done": succeeded}'),
        (("finished_at", "fine_tuned_model"), 'statuses: {"all done": succeeded}'),
        (("error",), 'statuses: {"all done": failed}'),
        (("finished_at",), 'statuses: {"all done": succeeded}` (or `failed`'),
    ],
)
def test_an_unknown_end_names_the_word_the_profile_and_the_line(
    ended_by: tuple[str, ...], line: str
) -> None:
    job = Job(id="ftjob-1", status="All Done", state=JobState.UNKNOWN, ended_by=ended_by)

    error = unknown_end(job, registry.get("nebius"), command)

    assert error.code == "FT356"
    assert "the status \"all done\", which the profile 'nebius' does not know" in error.message
    assert ".ftrunner/providers/nebius.yaml: `extends: nebius`" in (error.hint or "")
    assert line in (error.hint or "")
