"""Lists, page after page to their end: an item that is missed may be a job that is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftrunner.api.fields import Document
from ftrunner.api.http.caller import Caller, Params

_MOST_PAGES = 10_000  # a list that is longer than this has no end


def items(
    caller: Caller, operation: str, target: str | None = None, params: Params = ()
) -> Iterator[Document]:
    """Every object of a list, asked for as it is consumed, none twice.

    A server that says nothing of more pages has more where a page is full and brings new items.
    Raises BadResponse for what is no list, and where a list claims to go on but does not.
    """
    paging = caller.profile.paging
    seen: set[str] = set()
    cursor: Params = ()
    for _ in range(_MOST_PAGES):
        page_wanted = () if paging.cursor is None else ((paging.limit, str(paging.size)), *cursor)
        asked = (*params, *page_wanted)
        page = caller.value(operation, target, params=asked)
        objects = _objects(caller, operation, page)
        new = [item for item in objects if _id(item) is None or _id(item) not in seen]
        yield from new
        last = _id(objects[-1]) if objects else None
        can_go_on = bool(new) and last is not None
        claims_more = _claims_more(page)
        if claims_more is None:
            claims_more = can_go_on and len(objects) >= paging.size
        if not claims_more or paging.cursor is None:
            return
        if not can_go_on:
            break
        seen.update(filter(None, map(_id, new)))
        cursor = ((paging.cursor, str(last)),)
    raise caller.bad_response(operation, "the list says that it goes on, and does not")


def _objects(caller: Caller, operation: str, page: Any) -> list[Document]:
    """The objects of a page: its `data`, where null is an empty list, or the page itself."""
    found = page.get("data", page) if isinstance(page, dict) else page
    found = [] if found is None else found
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise caller.bad_response(operation, "the answer is no list of objects")
    return found


def _claims_more(page: Any) -> bool | None:
    """What the server says of further pages; None where it says nothing."""
    claim = page.get("has_more") if isinstance(page, dict) else None
    return claim if isinstance(claim, bool) else None


def _id(item: Document) -> str | None:
    value = item.get("id")
    return value if isinstance(value, str) and value else None
