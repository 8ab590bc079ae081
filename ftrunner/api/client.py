"""A provider, as the runner sees it: files, fine-tuning jobs, models and answers.

Every method may raise any ApiError. A method that creates is tried again only where the failure
proves that nothing was created; every other one after each transient failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random
from typing import Any, TypeVar

from ftrunner.api import reference
from ftrunner.api.errors import NotFound
from ftrunner.api.fields import Document, MissingField, encode
from ftrunner.api.http.caller import Caller, Params
from ftrunner.api.http.credential import Credential, checked_base_url, checked_headers
from ftrunner.api.http.exchange import RESPONSE_BYTES, Progress, Sink, Transport, Upload
from ftrunner.api.http.retry import OnRetry, Retrier, RetryPolicy
from ftrunner.api.http.throttle import Throttle
from ftrunner.api.http.upload import send_file
from ftrunner.api.paging import items
from ftrunner.api.redaction import Redactor
from ftrunner.api.reference import JobRequest, job_body
from ftrunner.api.resources import Resources
from ftrunner.api.wire import (
    ChatCompletion,
    Checkpoint,
    File,
    Job,
    JobError,
    JobEvent,
    Model,
    Quote,
)
from ftrunner.clock import Clock
from ftrunner.providers.profile import Profile

__all__ = ["Client", "Connection", "JobRequest", "Upload"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Connection:
    """How a provider is reached. `key` None sends none; `token` is the one apart from the key that
    some providers want for deployments.
    """

    base_url: str
    transport: Transport
    key: str | None = field(repr=False)
    clock: Clock
    random: Random
    on_retry: OnRetry
    extra_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    allow_insecure: bool = False
    token: str | None = field(default=None, repr=False)


class Client:
    """Talks to one provider at one address with one key.

    Raises RefusedAddress for a base URL that no key may be sent to, UnusableKey and UnusableHeader
    for what no HTTP header can carry. `redactor` hides the run's secrets where the provider repeats
    them.
    """

    def __init__(
        self, profile: Profile, connection: Connection, redactor: Redactor | None = None
    ) -> None:
        at = connection
        self.profile = profile
        self.redactor = redactor or Redactor([at.key])
        self._caller = Caller(
            profile=profile,
            base_url=checked_base_url(at.base_url, allow_insecure=at.allow_insecure),
            transport=at.transport,
            credential=None if at.key is None else Credential.of(profile.auth, at.key),
            retrier=Retrier(at.policy, at.clock, at.random, at.on_retry),
            throttle=Throttle(at.clock),
            extra_headers=checked_headers(at.extra_headers),
            redactor=self.redactor,
        )
        self._connection = at

    @cached_property
    def resources(self) -> Resources:
        """What models need before they answer, where the provider has such a thing."""
        at = self._connection
        return Resources(self._caller, at.token, allow_insecure=at.allow_insecure)

    def create_file(self, upload: Upload, *, on_progress: Progress | None = None) -> File:
        """Upload a file for fine-tuning, block by block; `on_progress` gets the bytes sent so far.

        Raises SourceChanged, and whatever `upload.blocks` raises, with nothing uploaded.
        """
        document = send_file(self._caller, upload, on_progress)
        return self._read("create_file", self._file, document)

    def retrieve_file(self, file_id: str) -> File:
        """The file's record. Raises NotFound where there is none."""
        document = self._caller.document("retrieve_file", file_id)
        return self._read("retrieve_file", self._file, document)

    def list_files(self) -> Iterator[File]:
        """All files uploaded for fine-tuning, and whatever else the server lists beside them."""
        return self._list("list_files", self._file, params=(("purpose", self.profile.purpose),))

    def delete_file(self, file_id: str) -> bool:
        """Delete the file. False where there was none (any more)."""
        return self._delete("delete_file", file_id)

    def file_content(self, file_id: str, max_bytes: int = RESPONSE_BYTES) -> bytes:
        """The file's bytes as the server sends them. Raises BadResponse beyond `max_bytes`."""
        return self._caller.send("file_content", file_id, max_bytes=max_bytes).body

    def download(self, file_id: str, sink: Sink, *, max_bytes: int) -> None:
        """The same into `sink`, block by block, from the start at each try, for files that do not
        fit into memory. Raises what `sink` raises, too.
        """
        self._caller.send("file_content", file_id, max_bytes=max_bytes, sink=sink)

    def create_job(self, request: JobRequest) -> Job:
        """Start a fine-tuning job. This is the request that costs money.

        After an error without `nothing_was_done` the job may exist.
        """
        body = encode(job_body(request, self.profile))
        return self._read("create_job", self._job, self._caller.document("create_job", body=body))

    def estimate_price(self, request: JobRequest) -> Quote:
        """What the provider says the job will cost. Raises NotFound where it says nothing."""
        asked = job_body(request, self.profile)
        body = encode({name: asked[name] for name in self.profile.quote.takes if name in asked})
        return Quote.read(self._caller.document("estimate_price", body=body), self.profile.quote)

    def retrieve_job(self, job_id: str) -> Job:
        """The job as it is now. Raises NotFound where there is none."""
        return self._read("retrieve_job", self._job, self._caller.document("retrieve_job", job_id))

    def list_jobs(self, metadata: Mapping[str, str] | None = None) -> Iterator[Job]:
        """All jobs, newest first as far as the server keeps an order.

        `metadata` asks for the jobs that have all these pairs; many servers ignore it, so the
        caller must look at each job's metadata. Raises NotFound where the server lists no jobs.
        """
        params = tuple((f"metadata[{key}]", value) for key, value in (metadata or {}).items())
        return self._list("list_jobs", self._job, params=params)

    def cancel_job(self, job_id: str) -> Job:
        """Ask for the job's end; the answer may still show it as running."""
        return self._read("cancel_job", self._job, self._caller.document("cancel_job", job_id))

    def job_events(self, job_id: str) -> Iterator[JobEvent]:
        """The job's events, newest first; a page is asked for when it is reached."""
        return self._newest_first("list_events", self._event, job_id)

    def checkpoints(self, job_id: str) -> Iterator[Checkpoint]:
        """The job's checkpoints, newest first."""
        return self._newest_first("list_checkpoints", self._checkpoint, job_id)

    def retrieve_model(self, model: str) -> Model:
        """The model's record. Raises NotFound where it does not exist, or not for this key."""
        return self._model("retrieve_model", model)

    def retrieve_base_model(self, model: str) -> Model:
        """A base model's record at the provider. Raises NotFound if it has none."""
        own = "retrieve_base_model"
        return self._model(own if own in self.profile.operations else "retrieve_model", model)

    def list_models(self) -> Iterator[Model]:
        """All models that the key may use."""
        return self._list("list_models", self._as_model)

    def delete_model(self, model: str) -> bool:
        """Delete a tuned model. False where there was none (any more)."""
        return self._delete("delete_model", model)

    def chat(
        self,
        model: str,
        messages: Sequence[Mapping[str, Any]],
        request: Mapping[str, Any] | None = None,
    ) -> ChatCompletion:
        """Ask the model. `request` is passed on as it is: temperature, tools, response_format…"""
        body = encode({"model": model, "messages": list(messages), **(request or {})})
        return self._read("chat", ChatCompletion.read, self._caller.document("chat", body=body))

    def _model(self, operation: str, model: str) -> Model:
        return self._read(operation, self._as_model, self._caller.document(operation, model))

    def _as_model(self, raw: Document) -> Model:
        return Model.read(reference.shaped(raw, self.profile.model))

    def _file(self, raw: Document) -> File:
        return File.read(raw, self.profile)

    def _job(self, raw: Document) -> Job:
        job = Job.read(raw, self.profile)
        return job if job.error is None else replace(job, error=self._discreet(job.error))

    def _discreet(self, error: JobError) -> JobError:
        redactor = self._caller.redactor
        code, message = (text and redactor.text(text) for text in (error.code, error.message))
        return replace(error, code=code, message=message)

    def _event(self, raw: Document) -> JobEvent:
        return JobEvent.read(reference.event(raw, self.profile))

    def _checkpoint(self, raw: Document) -> Checkpoint:
        return Checkpoint.read(reference.checkpoint(raw, self.profile))

    def _delete(self, operation: str, target: str) -> bool:
        try:
            self._caller.send(operation, target)
        except NotFound as error:
            if error.status != 404:  # the server cannot delete at all
                raise
            return False
        return True

    def _list(
        self,
        operation: str,
        read: Callable[[Document], T],
        target: str | None = None,
        params: Params = (),
    ) -> Iterator[T]:
        for item in items(self._caller, operation, target, params):
            yield self._read(operation, read, item)

    def _newest_first(
        self, operation: str, read: Callable[[Document], T], target: str
    ) -> Iterator[T]:
        """A list that starts with the oldest item is read to its end and turned."""
        found = self._list(operation, read, target)
        if operation in self.profile.paging.oldest_first:
            return iter(list(found)[::-1])
        return found

    def _read(self, operation: str, read: Callable[[Document], T], document: Document) -> T:
        try:
            return read(document)
        except MissingField as missing:
            raise self._caller.bad_response(operation, f"the answer has no {missing}") from None
