"""Builds responses: JSON documents and lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from mockserver.http.errors import WireError, bad_request
from mockserver.rules.creation import MAX_PAIRS
from mockserver.store.collection import Collection, Page, Record, UnknownCursorError

R = TypeVar("R", bound=Record)
T = TypeVar("T")

JSON = "application/json"
_LIMIT = re.compile(r"[0-9]{1,18}")


def document(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), status, headers, media_type=JSON)


def failure(error: WireError) -> Response:
    return document(error.body(), error.status, error.headers)


def listing(
    items: Sequence[dict[str, Any]], *, has_more: bool, ends: bool = True
) -> dict[str, Any]:
    """The envelope of every list; `ends` adds the ids of its first and last item."""
    found: dict[str, Any] = {"object": "list", "data": items}
    if ends:
        # An empty list has no ids; the contract requires text, not null.
        found["first_id"] = items[0]["id"] if items else ""
        found["last_id"] = items[-1]["id"] if items else ""
    found["has_more"] = has_more
    return found


ORDERS = {"asc": "asc", "desc": "desc"}


@dataclass(frozen=True, slots=True)
class Paging:
    """The paging of a list: page size, default order, and the names of orders."""

    default: int
    maximum: int
    order: str = "desc"
    orders: Mapping[str, str] = field(default_factory=lambda: ORDERS)
    """Empty where the contract gives the list no `order`."""

    def limit(self, request: Request) -> int:
        """The requested number of items, at most a full page; the contract has no bounds."""
        text = request.query_params.get("limit")
        if text is None:
            return self.default
        if not _LIMIT.fullmatch(text):
            raise bad_request(
                f"Invalid 'limit': expected an integer of 0 or more, but got {text[:40]!r}.",
                param="limit",
                code="invalid_value",
            )
        return min(int(text), self.maximum)

    def is_ascending(self, request: Request) -> bool:
        word = request.query_params.get("order")
        if not word or not self.orders:
            return self.order == "asc"
        if word not in self.orders:
            names = " and ".join(f"'{name}'" for name in self.orders)
            raise bad_request(
                f"Invalid value: {word[:40]!r}. Supported values are: {names}.",
                param="order",
                code="invalid_value",
            )
        return self.orders[word] == "asc"


def page_of(
    collection: Collection[R],
    request: Request,
    owner: str,
    paging: Paging,
    labels: Mapping[str, str] | None = None,
) -> Page[R]:
    """The page for the query's `limit`, `after` and `order`.

    It is empty if the list does not contain `after`.
    """
    limit, is_ascending = paging.limit(request), paging.is_ascending(request)
    try:
        return collection.page(
            owner,
            limit=limit,
            after=request.query_params.get("after") or None,
            order="asc" if is_ascending else "desc",
            labels=labels,
        )
    except UnknownCursorError:
        return Page((), has_more=False)


def slice_of(
    items: Sequence[T], request: Request, paging: Paging, id_of: Callable[[T], str]
) -> tuple[Sequence[T], bool]:
    """The page of a computed list, given in its default order."""
    limit, is_ascending = paging.limit(request), paging.is_ascending(request)
    ordered = items if is_ascending == (paging.order == "asc") else items[::-1]
    after = request.query_params.get("after")
    if after:
        ids = [id_of(item) for item in ordered]
        ordered = ordered[ids.index(after) + 1 :] if after in ids else []
    return ordered[:limit], len(ordered) > limit


def metadata_filter(request: Request) -> dict[str, str]:
    """The labels in the query's `metadata[key]=value` pairs; a 400 for too many."""
    labels = {
        f"metadata.{name[len('metadata[') : -1]}": value
        for name, value in request.query_params.multi_items()
        if name.startswith("metadata[") and name.endswith("]")
    }
    if len(labels) > MAX_PAIRS:
        raise bad_request(
            f"Invalid 'metadata': a filter has at most {MAX_PAIRS} pairs, but got {len(labels)}.",
            param="metadata",
            code="object_above_max_properties",
        )
    return labels
