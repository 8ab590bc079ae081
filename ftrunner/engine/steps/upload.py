"""Step 2: the prepared streams go to the provider, and what arrives is what was checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ftrunner.api.client import Upload
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import File
from ftrunner.dataset.prepared import PreparedStream
from ftrunner.dataset.reader import ReadError
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.context import Run
from ftrunner.engine.doubt import resolve_file, stored_file
from ftrunner.engine.outcomes import take_file
from ftrunner.engine.plan import Observed, why_upload
from ftrunner.engine.steps.readiness import await_readable
from ftrunner.errors import RunFailed
from ftrunner.events import Noted, UploadProgressed
from ftrunner.state.lock import FileIntent

ATTEMPTS = 3


def upload(run: Run, report: DatasetReport, observed: Observed | None) -> None:
    """Send every split that the provider does not have."""
    for split in (report.train, report.validation):
        if split and why_upload(
            split.stream.split, split.stream.sha256, run.journal.record, observed
        ):
            _upload(run, split.stream)


def _upload(run: Run, stream: PreparedStream) -> None:
    """Send `stream`, unless the provider has it by this name: an upload whose record was lost.

    Where the answer is lost, the file is looked for before it is sent again.
    """
    intent = _intent(run, stream)
    if file := stored_file(run, intent):
        take_file(run, intent, file)
        await_readable(run, file, stream)
        return
    for attempt in range(1, ATTEMPTS + 1):
        run.journal.intend_file(intent)
        try:
            file = _send(run, stream)
        except ApiError as error:
            if error.nothing_was_done:
                run.journal.no_file_created()
                raise
            run.emit(Noted(f"{error.message}; looking whether the file is there", level="warning"))
            if resolve_file(run, intent):
                return
            if attempt == ATTEMPTS:
                raise
        else:
            take_file(run, intent, file)
            await_readable(run, file, stream)
            return


def _send(run: Run, stream: PreparedStream) -> File:
    sent = _Hashed(stream)
    try:
        file = run.client.create_file(
            Upload(stream.filename, stream.size, sent.blocks),
            on_progress=lambda count: run.emit(UploadProgressed(stream.split, count, stream.size)),
        )
    except ReadError as error:
        run.journal.no_file_created()
        raise _changed(run, stream, "nothing was uploaded") from error
    if sent.sha256 != stream.sha256:
        run.client.delete_file(file.id)
        run.journal.no_file_created()
        raise _changed(run, stream, f"{file.id} was deleted again")
    return file


def _changed(run: Run, stream: PreparedStream, consequence: str) -> RunFailed:
    return RunFailed(
        f"the {stream.split} data changed while it was being sent; {consequence}",
        code="FT353",
        hint=f"run {run.command('apply')} again once the files are still",
    )


def _intent(run: Run, stream: PreparedStream) -> FileIntent:
    return FileIntent(
        run=run.id,
        at=run.clock.now(),
        split=stream.split,
        filename=stream.filename,
        sha256=stream.sha256,
        bytes=stream.size,
    )


@dataclass(slots=True)
class _Hashed:
    """Hashes the blocks of the last pass over a stream while they are being sent."""

    stream: PreparedStream
    _digest: hashlib._Hash = field(default_factory=hashlib.sha256)

    def blocks(self) -> Iterator[bytes]:
        self._digest = hashlib.sha256()
        for block in self.stream.blocks():
            self._digest.update(block)
            yield block

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
