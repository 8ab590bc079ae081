"""Lists are followed to their end, and never without end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.api.errors import BadResponse
from ftrunner.api.http.exchange import Response
from ftrunner.providers import registry
from ftrunner.providers.profile import Paging
from tests.unit.api.fakes import ScriptedTransport, answer, client, page

PAIRS = replace(registry.get("openai"), paging=Paging(size=2))


def _ids(*pages: Response) -> list[str]:
    transport = ScriptedTransport(*pages)
    return [model.id for model in client(transport, profile=PAIRS).list_models()]


def test_every_page_is_asked_for_from_the_last_item_on() -> None:
    transport = ScriptedTransport(page("a", "b", more=True), page("c"))
    found = [model.id for model in client(transport, profile=PAIRS).list_models()]
    assert found == ["a", "b", "c"]
    assert [dict(request.params) for request in transport.requests] == [
        {"limit": "2"},
        {"limit": "2", "after": "b"},
    ]


def test_a_page_is_not_asked_for_before_it_is_needed() -> None:
    transport = ScriptedTransport(page("a", "b", more=True))
    models = client(transport, profile=PAIRS).list_models()
    assert [next(models).id, next(models).id] == ["a", "b"]
    assert len(transport.requests) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": None},
        {"object": "list", "data": []},
        {"data": [], "has_more": False},
        {"data": None, "code": 0, "msg": "success", "error": None},
        {"data": [], "code": 200, "message": "nothing yet"},
        [],
        None,
    ],
)
def test_an_empty_list_has_many_forms(body: object) -> None:
    assert _ids(answer(body)) == []


@pytest.mark.parametrize(
    "body",
    [
        {"object": "list", "data": [], "error": {"message": "it is down"}},
        {"data": [{"id": "a"}], "error": "it is down"},
        {"success": False, "message": "it is down", "data": None},
        {"code": 500, "msg": "it is down", "data": []},
        {"object": "error", "message": "it is down", "data": None},
        {"message": "it is down", "data": None},
    ],
)
def test_an_error_with_status_200_is_not_an_empty_list(body: object) -> None:
    with pytest.raises(BadResponse, match="it is down"):
        _ids(answer(body))


def test_a_bare_list_is_a_list() -> None:
    assert _ids(answer([{"id": "a"}]), answer([])) == ["a"]


@pytest.mark.parametrize(
    "pages",
    [
        [["a", "b"], ["c"], []],
        [["a"], ["b"], ["c"], ["c"]],  # the server caps pages below what was asked for
        [["a", "b", "c"], ["c", "b"]],
        [["a"], ["a", "b"], ["b", "c"], ["a", "b", "c"]],
    ],
)
def test_a_list_that_says_nothing_of_more_ends_with_a_page_without_news(
    pages: list[list[str]],
) -> None:
    assert _ids(*(page(*ids, more=None) for ids in pages)) == ["a", "b", "c"]


def test_a_short_page_is_the_last_one_where_the_server_says_so() -> None:
    assert _ids(page("a", more=False)) == ["a"]


@pytest.mark.parametrize("name", ["next", "next_cursor", "next_page_token", "nextLink"])
def test_a_server_with_a_cursor_of_another_kind_is_not_read_in_part(name: str) -> None:
    """It does not know ours, and gives its first page again."""
    first = answer({"data": [{"id": "a"}, {"id": "b"}], name: "page-2"})

    with pytest.raises(BadResponse, match="goes on"):
        _ids(first, first)


def test_items_without_an_id_are_not_new() -> None:
    nameless = answer({"data": [{"id": "a"}, {"x": 1}, {"id": "b"}]})
    transport = ScriptedTransport(nameless, nameless)
    events = list(client(transport, profile=PAIRS).job_events("ftjob-1"))
    assert len(transport.requests) == 2
    assert {"a", "b"} <= {event.id for event in events}


def test_a_list_without_end_is_given_up() -> None:
    endless = [page(f"m-{n}", more=None) for n in range(1_000)]
    with pytest.raises(BadResponse, match="does not end"):
        _ids(*endless)


def test_a_server_that_ignores_the_cursor_gives_each_item_once() -> None:
    assert _ids(page("a", "b", more=None), page("a", "b", more=None)) == ["a", "b"]


def test_a_list_that_grows_meanwhile_gives_each_item_once() -> None:
    assert _ids(page("a", "b", more=True), page("b", "c")) == ["a", "b", "c"]


@pytest.mark.parametrize("second", [page("a", "b", more=True), page(more=True)])
def test_a_list_that_claims_more_and_has_none_is_not_a_list(second: Response) -> None:
    with pytest.raises(BadResponse, match="goes on, and does not") as caught:
        _ids(page("a", "b", more=True), second)
    assert caught.value.code == "FT307"


@pytest.mark.parametrize("body", [{"data": "x"}, {"data": [1]}, {"error": "x"}, "x", 7])
def test_what_is_not_a_list_is_reported(body: object) -> None:
    with pytest.raises(BadResponse, match="not a list"):
        _ids(answer(body))
