"""Lists, page after page to their end: an item that is missed may be a job that is paid twice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ftrunner.api.fields import Document, encode
from ftrunner.api.http.caller import Caller, Params
from ftrunner.api.http.error_body import read_error

_MOST_PAGES = 1_000  # a list that is longer than this has no end
_NEXT = ("next", "next_cursor", "next_page", "next_page_token", "nextPageToken", "nextLink")
_ALL_IS_WELL = ("", "0", "200", "ok", "success")  # codes and messages beside an empty list


def items(
    caller: Caller, operation: str, target: str | None = None, params: Params = ()
) -> Iterator[Document]:
    """Every object of a list, asked for as it is consumed, none twice.

    A list ends where the server says so, or, where it says nothing, with a page that brings
    nothing new: a page may be shorter than what was asked for. Raises BadResponse for an answer
    that is not a list or has an error beside it, for a list that claims to go on but does
    not, and for one without end.
    """
    paging = caller.profile.paging
    seen: set[str] = set()
    cursor: Params = ()
    for _ in range(_MOST_PAGES):
        size = () if paging.cursor is None else ((paging.limit, str(paging.size)), *cursor)
        page = caller.value(operation, target, params=(*params, *size))
        objects = _objects(caller, operation, page)
        yield from (item for item in objects if _id(item) not in seen)
        claim = _claims_more(page)
        if claim is False or paging.cursor is None:
            return
        new = {found for item in objects if (found := _id(item))} - seen
        last = _id(objects[-1]) if objects else None
        if not new or last is None:
            if claim is None:
                return
            raise caller.bad_response(operation, "the list says that it goes on, and does not")
        seen |= new
        cursor = ((paging.cursor, last),)
    raise caller.bad_response(operation, f"the list does not end within {_MOST_PAGES:,} pages")


def _objects(caller: Caller, operation: str, page: Any) -> list[Document]:
    """The objects of a page: its `data`, where null is an empty list, or the page itself."""
    found = page.get("data", page) if isinstance(page, dict) else page
    found = [] if found is None else found
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise caller.bad_response(operation, "the answer is not a list of objects")
    if isinstance(page, dict) and _has_error(page, is_empty=not found):
        raise caller.bad_response(operation, f"the answer is an error: {_words(page)}")
    return found


def _has_error(page: Document, *, is_empty: bool) -> bool:
    """Whether a list is none: gateways answer an error with status 200 and empty data."""
    says_so = page.get("success") is False or page.get("object") == "error"
    if page.get("error") or page.get("errors") or says_so:
        return True
    lacks_data = page.get("data") is None and "data" in page
    said = [page.get("code"), *([page.get("message"), page.get("msg")] if lacks_data else [])]
    return is_empty and any(str(one or "").lower() not in _ALL_IS_WELL for one in said)


def _words(page: Document) -> str:
    return read_error(200, {}, encode(page)).message or "it gives no cause"


def _claims_more(page: Any) -> bool | None:
    """What the server says of further pages; None where it says nothing.

    A cursor of another kind than ours says that there are more.
    """
    if not isinstance(page, dict):
        return None
    claim = page.get("has_more")
    if isinstance(claim, bool):
        return claim
    return True if any(page.get(name) for name in _NEXT) else None


def _id(item: Document) -> str | None:
    value = item.get("id")
    return value if isinstance(value, str) and value else None
