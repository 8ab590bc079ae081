"""Stores the results of jobs that have ended by the clock.

Nothing runs in the background: code that reads files, models or the number of active jobs calls
`settle` first.
"""

from __future__ import annotations

import io
from dataclasses import replace

from mockserver.data.files import store_file
from mockserver.data.records import Job
from mockserver.jobs.results import FILENAME, results_csv
from mockserver.jobs.training import state_at
from mockserver.provider import Provider
from mockserver.store.blobs import Blob


def settle(provider: Provider) -> None:
    """Store the results of every job that has ended since the last call."""
    now = provider.clock.now()
    for job in provider.store.jobs.every(open="yes"):
        state = state_at(job, now)
        if not state.ended:
            continue
        succeeded = state.status == "succeeded"
        results = _results(provider, job) if succeeded else None
        with provider.store.transaction():
            if results is not None:
                _store_results(provider, job, results, int(state.finished_at or now))
            provider.store.jobs.replace(replace(job, settled=True, serves=succeeded))


def _results(provider: Provider, job: Job) -> Blob:
    content = results_csv(job, plain=provider.settings.plain_results)
    return provider.store.blobs.put(io.BytesIO(content))


def _store_results(provider: Provider, job: Job, results: Blob, finished_at: int) -> None:
    store_file(
        provider,
        results,
        owner=job.owner,
        filename=FILENAME,
        purpose="fine-tune-results",
        file_id=job.result_file,
        created_at=finished_at,
    )
