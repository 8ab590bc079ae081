"""Finds, stores and deletes files."""

from __future__ import annotations

from mockserver.data.records import File
from mockserver.http.errors import WireError, no_such_file
from mockserver.jobs.training import state_at
from mockserver.provider import Provider
from mockserver.store.blobs import Blob


def find_file(provider: Provider, file_id: str, owner: str, *, param: str = "id") -> File:
    """The file, or a 404 with `param` in its error."""
    file = provider.store.files.get(file_id, owner)
    if file is None or expired(file, provider.clock.now()):
        raise no_such_file(file_id, param=param)
    return file


def store_file(
    provider: Provider,
    blob: Blob,
    *,
    owner: str,
    filename: str,
    purpose: str,
    file_id: str | None = None,
    created_at: int | None = None,
    expires_after: int | None = None,
) -> File:
    """Create a file from stored bytes; by default with a new id and the current time."""
    created = int(provider.clock.now()) if created_at is None else created_at
    file = File(
        id=file_id or provider.ids.new("file"),
        owner=owner,
        created_at=created,
        bytes=blob.bytes,
        filename=filename,
        purpose=purpose,
        expires_at=None if expires_after is None else created + expires_after,
        content=blob.key,
        digest=blob.digest,
    )
    provider.store.files.add(file)
    return file


def expired(file: File, now: float) -> bool:
    return file.expires_at is not None and file.expires_at <= now


def delete_file(provider: Provider, file: File) -> None:
    """Delete a file; a 409 while an unfinished job needs it.

    The bytes of a training file stay, because its tuned model still answers from them.
    """
    now = provider.clock.now()
    trained_on = provider.store.jobs.every(training_file=file.id)
    validated_on = provider.store.jobs.every(validation_file=file.id)
    for job in (*trained_on, *validated_on):
        if not state_at(job, now).ended:
            raise WireError(
                409,
                f"File {file.id} is in use by fine-tuning job {job.id} and cannot be deleted.",
                param="file_id",
                code="file_in_use",
            )
    provider.store.files.remove(file)
    if not trained_on:
        provider.store.blobs.remove(file.content)
