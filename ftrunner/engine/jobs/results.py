"""Keep the results files of a finished job in the run log."""

from __future__ import annotations

import base64
import binascii

from ftrunner.api.errors import ApiError
from ftrunner.api.redaction import Redactor
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.events import ResultsMissing

MOST_BYTES = 64 * 1024 * 1024


def keep_results(run: Run, job: Job) -> None:
    """Fetch the job's results files; a failure is reported, not raised.

    The server's own name for a file never becomes a path here.
    """
    for number, file_id in enumerate(job.result_files[:9], start=1):
        try:
            content = run.client.file_content(file_id, MOST_BYTES)
        except ApiError as error:
            run.emit(ResultsMissing(job.id, file_id, error.message))
        else:
            run.evidence.keep(f"results-{number}.csv", results(content, run.client.redactor))


def results(content: bytes, redactor: Redactor) -> bytes:
    """CSV as it is, or taken out of base64, in which OpenAI sends it and Azure does not; without
    secrets, which may be in anything that is sent in base64.
    """
    try:
        decoded = base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        return redactor.bytes(content)
    shown = redactor.bytes(decoded)
    is_csv = b"," in decoded.partition(b"\n")[0]
    return shown if is_csv or shown != decoded else redactor.bytes(content)
