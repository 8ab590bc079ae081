"""What each operation of a profile is to the runner: how it is named in messages, whether it may
be sent again, and how long its answer may take."""

from __future__ import annotations

from dataclasses import dataclass, field

from ftrunner.api.http.exchange import Timeout
from ftrunner.api.http.retry import MayRetry, creating, repeatable


@dataclass(frozen=True, slots=True)
class Call:
    """One kind of request. `doing` starts a message: "Uploading the file failed: …"."""

    doing: str
    may_retry: MayRetry = repeatable
    timeout: Timeout = field(default_factory=Timeout)


CALLS = {
    "create_file": Call("Uploading the file", creating),
    "finish_file": Call("Finishing the upload"),
    "create_upload": Call("Announcing the file"),
    "add_upload_part": Call("Uploading a part of the file"),
    "complete_upload": Call("Completing the upload", creating),
    "cancel_upload": Call("Cancelling the upload"),
    "list_files": Call("Listing the files"),
    "retrieve_file": Call("Reading the file's record"),
    "delete_file": Call("Deleting the file"),
    "file_content": Call("Downloading the file", timeout=Timeout(body=3_600)),
    "create_job": Call("Creating the fine-tuning job", creating),
    "estimate_price": Call("Estimating the job's price"),
    "list_jobs": Call("Listing the fine-tuning jobs"),
    "retrieve_job": Call("Reading the fine-tuning job"),
    "cancel_job": Call("Cancelling the fine-tuning job"),
    "list_events": Call("Reading the job's events"),
    "list_checkpoints": Call("Reading the job's checkpoints"),
    "list_models": Call("Listing the models"),
    "retrieve_model": Call("Reading the model's record"),
    "retrieve_base_model": Call("Reading the base model's record"),
    "delete_model": Call("Deleting the model"),
    "create_resource": Call("Creating what the model needs", creating),
    "read_resource": Call("Reading what the model needs"),
    "list_resources": Call("Listing what models need"),
    "delete_resource": Call("Deleting what the model needed"),
    "chat": Call("Asking the model", timeout=Timeout(body=600, read=600)),
}
