"""`/fine_tuning/checkpoints/…/permissions`: create, list, delete."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mockserver.answers.models import find_tuned
from mockserver.data.records import Permission
from mockserver.http import respond
from mockserver.http.access import owner_of
from mockserver.http.body import read_as
from mockserver.http.errors import no_such
from mockserver.provider import Provider

PAGING = respond.Paging(default=10, maximum=100, orders={"ascending": "asc", "descending": "desc"})


class CreatePermissions(msgspec.Struct, forbid_unknown_fields=True):
    project_ids: list[str]


class Permissions:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def create(self, request: Request) -> Response:
        checkpoint, owner = self._checkpoint(request), owner_of(request)
        asked = await read_as(request, CreatePermissions)
        made = [
            Permission(
                id=self._provider.ids.new("permission"),
                owner=owner,
                created_at=int(self._provider.clock.now()),
                checkpoint=checkpoint,
                project_id=project_id,
            )
            for project_id in asked.project_ids
        ]
        for permission in made:
            self._provider.store.permissions.add(permission)
        documents = [_document(permission) for permission in made]
        return respond.document(respond.listing(documents, has_more=False))

    async def list(self, request: Request) -> Response:
        labels = {"checkpoint": self._checkpoint(request)}
        project = request.query_params.get("project_id")
        page = respond.page_of(
            self._provider.store.permissions,
            request,
            owner_of(request),
            PAGING,
            labels={**labels, "project": project} if project else labels,
        )
        documents = [_document(permission) for permission in page.items]
        return respond.document(respond.listing(documents, has_more=page.has_more))

    async def delete(self, request: Request) -> Response:
        checkpoint = self._checkpoint(request)
        permission_id = request.path_params["permission_id"]
        found = self._provider.store.permissions.get(permission_id, owner_of(request))
        if found is None or found.checkpoint != checkpoint:
            raise no_such("checkpoint permission", permission_id)
        self._provider.store.permissions.remove(found)
        return respond.document(
            {"id": found.id, "object": "checkpoint.permission", "deleted": True}
        )

    def _checkpoint(self, request: Request) -> str:
        """The checkpoint's name; a 404 if it does not exist."""
        checkpoint: str = request.path_params["fine_tuned_model_checkpoint"]
        find_tuned(self._provider, checkpoint, owner_of(request))
        return checkpoint


def _document(permission: Permission) -> dict[str, Any]:
    return {
        "id": permission.id,
        "object": "checkpoint.permission",
        "created_at": permission.created_at,
        "project_id": permission.project_id,
    }
