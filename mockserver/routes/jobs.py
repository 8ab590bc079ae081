"""`/fine_tuning/jobs`: create, list, retrieve, cancel, pause, resume, events, checkpoints."""

from __future__ import annotations

import math
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response

from mockserver.data.records import WITHOUT_METADATA, Job
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.body import read_as
from mockserver.jobs.documents import checkpoint_document, event_document, job_document
from mockserver.jobs.events import checkpoints_at, events_at
from mockserver.jobs.jobs import change_job, create_job, find_job, is_listed
from mockserver.jobs.settling import settle
from mockserver.jobs.training import TERMINAL
from mockserver.provider import Provider
from mockserver.rules.job_request import CreateJob
from mockserver.verdict.exchange import exchange_of

JOBS = respond.Paging(default=20, maximum=100, orders={})
EVENTS = respond.Paging(default=20, maximum=1000, orders={})
CHECKPOINTS = respond.Paging(default=10, maximum=100, orders={})


class Jobs:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        asked = await read_as(request, CreateJob)
        settle(self._provider)
        return self._document(request, await create_job(self._provider, asked, owner_of(request)))

    async def list(self, request: Request) -> Response:
        page = respond.page_of(
            self._provider.store.jobs,
            request,
            owner_of(request),
            JOBS,
            labels=_filter(request),
        )
        now = self._provider.clock.now()
        items = [job_document(job, now) for job in page.items if is_listed(job, now)]
        return respond.document(respond.listing(items, has_more=page.has_more, ends=False))

    async def retrieve(self, request: Request) -> Response:
        return self._document(request, self._find(request))

    async def cancel(self, request: Request) -> Response:
        return self._change(request, "cancel")

    async def pause(self, request: Request) -> Response:
        return self._change(request, "pause")

    async def resume(self, request: Request) -> Response:
        return self._change(request, "resume")

    async def events(self, request: Request) -> Response:
        found = events_at(self._find(request), self._provider.clock.now())[::-1]
        items, has_more = respond.slice_of(found, request, EVENTS, lambda event: event.id)
        documents = [event_document(event) for event in items]
        return respond.document(respond.listing(documents, has_more=has_more, ends=False))

    async def checkpoints(self, request: Request) -> Response:
        job = self._find(request)
        found = checkpoints_at(job, self._provider.clock.now())[::-1]
        items, has_more = respond.slice_of(found, request, CHECKPOINTS, lambda point: point.id)
        documents = [checkpoint_document(point, job) for point in items]
        return respond.document(respond.listing(documents, has_more=has_more))

    def _change(self, request: Request, kind: Literal["cancel", "pause", "resume"]) -> Response:
        return self._document(request, change_job(self._provider, self._find(request), kind))

    def _find(self, request: Request) -> Job:
        job_id = request.path_params["fine_tuning_job_id"]
        return find_job(self._provider, job_id, owner_of(request))

    def _document(self, request: Request, job: Job) -> Response:
        document = job_document(job, self._provider.clock.now())
        exchange_of(request).job_status = document["status"]
        headers = {}
        if document["status"] not in TERMINAL:
            headers["openai-poll-after-ms"] = str(math.ceil(self._provider.poll_interval * 1000))
        return respond.document(document, headers=headers)


def _filter(request: Request) -> dict[str, str]:
    """The labels in the query; in the contract `metadata=null` means no metadata."""
    if request.query_params.get("metadata") == "null":
        return {WITHOUT_METADATA: "yes"}
    return respond.metadata_filter(request)
