"""Together AI's files: announced, uploaded to the URL in the response, then processed.

Source: the official package, together 3.1.1: lib/resources/files.py and types/file_response.py.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from python_multipart.exceptions import FormParserError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mockserver.adapter.adapted import FILE_SECONDS, digest
from mockserver.adapter.dialect import Refusal, text
from mockserver.data.dataset import read_examples
from mockserver.data.files import find_file
from mockserver.data.records import Resource
from mockserver.dialects.together.endpoints import TogetherEndpoints
from mockserver.http.respond import document
from mockserver.rules.examples import InvalidFileError

_FORMATS = {"messages", "prompt", "text", "input"}


class TogetherFiles(TogetherEndpoints):
    """The part of the dialect for files."""

    def file_routes(self) -> list[Route]:
        return [
            Route("/v1/files", self.announce, methods=["POST"]),
            Route("/v1/files", self.files, methods=["GET"]),
            Route("/_storage/{id}", self.store, methods=["PUT"]),
            Route("/v1/files/{id}/preprocess", self.finish, methods=["POST"]),
            Route("/v1/files/{id}/content", self.content, methods=["GET"]),
            Route("/v1/files/{id}", self.file, methods=["GET"]),
            Route("/v1/files/{id}", self.delete_file, methods=["DELETE"]),
        ]

    async def announce(self, request: Request) -> Response:
        owner = self.owner(request)
        form = await self._form(request)
        announced = {name: text(form, name) for name in ("purpose", "file_name", "file_type")}
        file_id = f"file-{digest(f'{announced}{self.provider.ids.chance()}')[:24]}"
        self.made(owner, "file", file_id, **announced, sent=False)
        place = f"{request.url.scheme}://{request.url.netloc}/_storage/{file_id}?X-Signature=mock"
        headers = {"Location": place, "X-Together-File-Id": file_id}
        return Response(status_code=302, headers=headers)

    async def _form(self, request: Request) -> dict[str, Any]:
        try:
            async with request.form() as form:
                return dict(form)
        except (HTTPException, FormParserError):
            raise Refusal(400, "The body is not a form.") from None

    async def store(self, request: Request) -> Response:
        """Receive the bytes; no key is sent, because the URL is signed."""
        kept = self.find_any("file", request.path_params["id"])
        answer = await self.inner.upload(request, kept.data["file_name"], owner=kept.owner)
        inner = answer.result()["id"]
        stored = find_file(self.provider, inner, kept.owner)
        fault = await asyncio.to_thread(_fault, self.provider.store.blobs.path(stored.content))
        self.keep(_with(kept, inner=inner, bytes=stored.bytes, fault=fault))
        return Response(status_code=200)

    async def finish(self, request: Request) -> Response:
        kept = self.found(request, "file", request.path_params["id"])
        if "inner" not in kept.data:
            raise Refusal(400, "The file was not uploaded.")
        now = self.provider.clock.now()
        return document(self._file(self.keep(_with(kept, sent=True, finished_at=now))))

    async def file(self, request: Request) -> Response:
        return document(self._file(self.found(request, "file", request.path_params["id"])))

    async def files(self, request: Request) -> Response:
        sent = [file for file in self.all(request, "file") if file.data["sent"]]
        return document({"data": [self._file(file) for file in sent]})

    async def content(self, request: Request) -> Response:
        kept = self.found(request, "file", request.path_params["id"])
        if "inner" not in kept.data:
            raise Refusal(404, "The file was not uploaded.", "not_found")
        path = f"/v1/files/{kept.data['inner']}/content"
        answer = await self.inner.ask(request, "GET", path, owner=kept.owner)
        return Response(answer.content, answer.status)

    async def delete_file(self, request: Request) -> Response:
        kept = self.delete(self.found(request, "file", request.path_params["id"]))
        return document({"id": kept.id.partition(":")[2], "object": "file", "deleted": True})

    def _file(self, kept: Resource) -> dict[str, Any]:
        data = kept.data
        read_at = data.get("finished_at", kept.created_at)
        done = self.provider.clock.now() >= read_at + FILE_SECONDS / self.provider.settings.speed
        fault = data.get("fault")
        found = {
            "id": kept.id.partition(":")[2],
            "object": "file",
            "bytes": data.get("bytes", 0),
            "created_at": int(kept.created_at),
            "filename": data["file_name"],
            "FileType": data["file_type"],
            "purpose": data["purpose"],
            "processing_status": ("INVALID_FORMAT" if fault else "COMPLETED")
            if done
            else "PENDING",
        }
        if not done:
            return found
        report: dict[str, Any] = {"valid": not fault, "file_id": found["id"]}
        if fault:
            report |= {"error": fault, "error_type": "INVALID_FORMAT"}
        return {**found, "validation_report": report}


def _with(kept: Resource, **data: Any) -> Resource:
    return replace(kept, data={**kept.data, **data})


def _fault(path: Path) -> str | None:
    """The reason why the file is not JSONL of conversations or pairs; None if it is."""
    try:
        for number, example in enumerate(read_examples(path), start=1):
            if not isinstance(example, dict) or not _FORMATS & example.keys():
                return f"Example {number} has no known format."
    except InvalidFileError as error:
        return str(error)
    return None
