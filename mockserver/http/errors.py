"""Error responses of a provider: `{"error": {message, type, param, code}}` and a status.

The shape is the contract's `ErrorResponse`; texts follow known responses of the
OpenAI service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class WireError(Exception):
    """Raised by a handler to refuse a request; the only exception of handlers."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        param: str | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.param = param
        self.code = code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        return error_body(self.message, type=self.type, param=self.param, code=self.code)


def error_body(
    message: str,
    *,
    type: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> dict[str, Any]:
    return {"error": {"message": message, "type": type, "param": param, "code": code}}


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> WireError:
    return WireError(400, message, param=param, code=code)


def storage_failed(error: Exception) -> WireError:
    """For a locked database, a full disk and similar errors."""
    reason = error.strerror if isinstance(error, OSError) else error  # without local paths
    return WireError(
        503,
        f"The server could not read or store its data: {reason}. Please try again.",
        type="server_error",
        code="storage_unavailable",
        headers={"retry-after": "1"},
    )


def no_such_file(file_id: str, *, param: str = "id") -> WireError:
    return WireError(404, f"No such File object: {file_id}", param=param)


def no_such_job(job_id: str) -> WireError:
    return WireError(
        404,
        f"Could not find fine tune: {job_id}",
        param="fine_tune_id",
        code="fine_tune_not_found",
    )


def no_such_model(model: str) -> WireError:
    return WireError(
        404,
        f"The model '{model}' does not exist or you do not have access to it.",
        param="model",
        code="model_not_found",
    )


def no_such(noun: str, object_id: str) -> WireError:
    """For uploads, parts, permissions and stored completions."""
    return WireError(404, f"No {noun} found with id '{object_id}'.", param="id", code="not_found")
