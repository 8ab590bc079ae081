"""Responses: JSON documents and lists, all made the same way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


def document(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), status, headers, media_type=JSON)


def failure(error: WireError) -> Response:
    return document(error.body(), error.status, error.headers)


def listing(items: list[dict[str, Any]], *, has_more: bool, ends: bool = True) -> dict[str, Any]:
    """The envelope of every list; `ends` adds the ids of its first and last item."""
    found: dict[str, Any] = {"object": "list", "data": items}
    if ends:
        # An empty list has no ids; the contract wants text here, not null.
        found["first_id"] = items[0]["id"] if items else ""
        found["last_id"] = items[-1]["id"] if items else ""
    found["has_more"] = has_more
    return found


def page_of(
    collection: Collection[R],
    request: Request,
    owner: str,
    *,
    default: int,
    maximum: int,
    order: str = "desc",
    labels: Mapping[str, str] | None = None,
) -> Page[R]:
    """The page that the query's `limit`, `after` and `order` ask for."""
    query = request.query_params
    limit = limit_of(request, default=default, maximum=maximum)
    chosen = query.get("order") or order
    if chosen not in ("asc", "desc"):
        raise bad_request(
            f"Invalid value: '{chosen}'. Supported values are: 'asc' and 'desc'.",
            param="order",
            code="invalid_value",
        )
    try:
        return collection.page(
            owner,
            limit=limit,
            after=query.get("after") or None,
            order="asc" if chosen == "asc" else "desc",
            labels=labels,
        )
    except UnknownCursorError:
        raise unknown_cursor(query["after"]) from None


def slice_of(
    items: list[T], request: Request, *, default: int, maximum: int, id_of: Callable[[T], str]
) -> tuple[list[T], bool]:
    """A page of a list that is computed whole, in the order given."""
    limit = limit_of(request, default=default, maximum=maximum)
    after = request.query_params.get("after") or None
    start = 0
    if after is not None:
        places = [place for place, item in enumerate(items) if id_of(item) == after]
        if not places:
            raise unknown_cursor(after)
        start = places[0] + 1
    return items[start : start + limit], len(items) > start + limit


def metadata_filter(request: Request) -> dict[str, str]:
    """The labels that the query's `metadata[key]=value` pairs ask for; a 400 for too many."""
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


def limit_of(request: Request, *, default: int, maximum: int) -> int:
    text = request.query_params.get("limit")
    if text is None:
        return default
    try:
        limit = int(text)
    except ValueError:
        raise _bad_limit(text, f"an integer between 1 and {maximum}") from None
    if not 1 <= limit <= maximum:
        raise _bad_limit(text, f"between 1 and {maximum}")
    return limit


def unknown_cursor(after: str) -> WireError:
    return bad_request(f"Invalid 'after': no object with id '{after}'.", param="after")


def _bad_limit(text: str, wanted: str) -> WireError:
    return bad_request(
        f"Invalid 'limit': expected {wanted}, but got {text[:40]!r}.",
        param="limit",
        code="invalid_value",
    )
