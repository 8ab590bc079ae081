"""Step 2: the prepared streams go to the provider, and what arrives is what was checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from ftrunner.api.client import Upload
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import File
from ftrunner.dataset.prepared import PreparedStream
from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.adoption import Observed
from ftrunner.engine.context import Run
from ftrunner.engine.doubt import remove_orphans
from ftrunner.engine.plan import why_upload
from ftrunner.errors import RunFailed
from ftrunner.events import FileUploaded, Noted, UploadProgressed
from ftrunner.state.lock import Creation, FileRecord, Intent

ATTEMPTS = 3


def upload(run: Run, report: DatasetReport, observed: Observed | None) -> None:
    """Send every split that the provider does not have."""
    for split in (report.train, report.validation):
        if split and why_upload(
            split.stream.split, split.stream.sha256, run.journal.record, observed
        ):
            _upload(run, split.stream)


def _upload(run: Run, stream: PreparedStream) -> None:
    """Send `stream` until an answer comes: uploads are free, so a lost answer costs nothing."""
    for attempt in range(1, ATTEMPTS + 1):
        run.journal.intend(_intent(run, stream))
        try:
            file = _send(run, stream)
        except ApiError as error:
            if error.nothing_was_done:
                run.journal.nothing_created()
            if error.nothing_was_done or attempt == ATTEMPTS:
                raise
            run.emit(Noted(f"{error.message}; sending it again", level="warning"))
            remove_orphans(run)
        else:
            _record(run, stream, file)
            return


def _send(run: Run, stream: PreparedStream) -> File:
    sent = _Hashed(stream)
    file = run.client.create_file(
        Upload(stream.filename, stream.size, sent.blocks),
        on_progress=lambda count: run.emit(UploadProgressed(stream.split, count, stream.size)),
    )
    if sent.sha256 != stream.sha256:
        run.client.delete_file(file.id)
        run.journal.nothing_created()
        raise RunFailed(
            f"the {stream.split} data changed while it was being sent; {file.id} was deleted again",
            code="FT353",
            hint="run `ftrunner apply` again once the files are still",
        )
    return file


def _record(run: Run, stream: PreparedStream, file: File) -> None:
    run.journal.file_created(
        stream.split,
        FileRecord(id=file.id, filename=stream.filename, sha256=stream.sha256, bytes=stream.size),
    )
    run.emit(FileUploaded(stream.split, stream.filename, file.id))


def _intent(run: Run, stream: PreparedStream) -> Intent:
    return Intent(
        creates=Creation.FILE,
        run=run.id,
        at=run.clock.now(),
        split=stream.split,
        filename=stream.filename,
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
