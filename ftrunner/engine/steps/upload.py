"""Step 2: upload the prepared splits, exactly as they were checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

from ftrunner.api.client import Upload
from ftrunner.api.wire import File
from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.dataset.files.reader import ReadError
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.creation import create
from ftrunner.engine.jobs.observe import stored_file
from ftrunner.engine.jobs.records import record_uploaded_file
from ftrunner.engine.plan import Observed, why_upload
from ftrunner.engine.steps.readiness import await_readable
from ftrunner.engine.steps.recovery import recover_file
from ftrunner.errors import RunFailed
from ftrunner.events import UploadProgressed
from ftrunner.providers.wire_mapping import Readiness
from ftrunner.state.lock import FileIntent


def upload(run: Run, report: DatasetReport, observed: Observed | None) -> None:
    """Upload every split that the provider does not have, and wait until it can be trained on.

    A file may be there from another spec, or its record was lost.
    """
    for stream in _lacking(run, report, observed):
        intent = _intent(run, stream)
        file = stored_file(run, intent)
        if file is not None:
            record_uploaded_file(run, intent, file, was_there=True)
        else:
            file = create(
                run,
                "file",
                announce=partial(run.journal.intend_file, intent),
                act=partial(_sent, run, stream, intent),
                look=partial(recover_file, run, intent),
                withdraw=run.journal.no_file_created,
            )
        if file.readiness is not Readiness.READY:
            await_readable(run, file, stream)


def _lacking(
    run: Run, report: DatasetReport, observed: Observed | None
) -> Iterator[PreparedStream]:
    for split in report.splits.values():
        stream = split.stream
        if why_upload(stream.split, stream.sha256, run.journal.record, observed):
            yield stream


def _sent(run: Run, stream: PreparedStream, intent: FileIntent) -> File:
    """Upload `stream` and record the file."""
    try:
        file = run.client.create_file(
            Upload(stream.filename, stream.size, lambda: _as_checked(stream)),
            on_progress=lambda count: run.emit(UploadProgressed(stream.split, count, stream.size)),
        )
    except ReadError as error:
        run.journal.no_file_created()
        raise RunFailed(
            f"the {stream.split} data changed during the upload; nothing was uploaded",
            code="FT353",
            hint=f"run {run.command('apply')} again when the files no longer change",
        ) from error
    record_uploaded_file(run, intent, file)
    return file


def _as_checked(stream: PreparedStream) -> Iterator[bytes]:
    """The stream's blocks. Raises ReadError at the end if they are not what was checked.

    The sender holds back the last block until then, so unchecked bytes never become a file.
    """
    digest = hashlib.sha256()
    for block in stream.blocks():
        digest.update(block)
        yield block
    if digest.hexdigest() != stream.sha256:
        raise ReadError("it is not what was checked")


def _intent(run: Run, stream: PreparedStream) -> FileIntent:
    return FileIntent(
        run=run.id,
        at=run.clock.now(),
        split=stream.split,
        filename=stream.filename,
        sha256=stream.sha256,
        bytes=stream.size,
    )
