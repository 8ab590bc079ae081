"""Every list pages the same way."""

from __future__ import annotations

from typing import Any

import pytest

from mockserver.client import FtMock
from tests.contract.mockserver.raw import LIFETIME, RawClient

LISTS = [
    "/files",
    "/fine_tuning/jobs",
    "/fine_tuning/jobs/{job}/events",
    "/fine_tuning/jobs/{job}/checkpoints",
    "/fine_tuning/checkpoints/{model}/permissions",
    "/chat/completions",
    "/chat/completions/{completion}/messages",
]


@pytest.fixture
def known(ft_mock: FtMock, client: RawClient) -> dict[str, str]:
    """At least three of everything that is listed."""
    job_ids = [client.start() for _ in range(3)]
    ft_mock.advance(LIFETIME)
    model = client.job(job_ids[0])["fine_tuned_model"]
    permissions = f"/fine_tuning/checkpoints/{model}/permissions"
    client.post(permissions, {"project_ids": ["a", "b", "c"]})
    messages = [{"role": "user", "content": str(number)} for number in range(3)]
    body = {"model": model, "messages": messages, "store": True}
    completions = [client.post("/chat/completions", body).json()["id"] for _ in range(3)]
    return {"job": job_ids[0], "model": model, "completion": completions[0]}


@pytest.mark.parametrize("path", LISTS)
def test_pages_are_the_list_in_pieces(client: RawClient, known: dict[str, str], path: str) -> None:
    target = path.format(**known)

    whole, pieces = walk(client, target, 100), walk(client, target, 2)

    assert len(whole) >= 3
    assert len({item["id"] for item in whole}) == len(whole)
    assert pieces == whole


def walk(client: RawClient, target: str, limit: int) -> list[Any]:
    items: list[Any] = []
    after: dict[str, str] = {}
    more = True
    while more:
        page = client.get(target, limit=limit, **after).json()
        assert page["object"] == "list"
        assert len(page["data"]) <= limit
        items += page["data"]
        after, more = {"after": page["data"][-1]["id"]}, page["has_more"]
    return items


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", ["-1", "x", "1.5", "1_0", "٣", "9" * 5000, ""])
def test_limits_that_are_not_numbers(
    client: RawClient, known: dict[str, str], path: str, limit: str
) -> None:
    refused = client.get(path.format(**known), limit=limit)

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "limit")


@pytest.mark.parametrize("path", LISTS)
def test_the_contract_sets_no_bounds_to_a_page(
    client: RawClient, known: dict[str, str], path: str
) -> None:
    def page(**query: str) -> tuple[int, int, bool]:
        answer = client.get(path.format(**known), **query)
        return answer.status_code, len(answer.json()["data"]), answer.json()["has_more"]

    assert page(limit="0") == (200, 0, True)
    assert page(limit="99999") == (200, len(walk(client, path.format(**known), 100)), False)
    assert page(after="an-id-that-is-not-there") == (200, 0, False)


@pytest.mark.parametrize(
    ("path", "ascending", "descending"),
    [
        (LISTS[0], "asc", "desc"),
        (LISTS[4], "ascending", "descending"),
        (LISTS[5], "asc", "desc"),
        (LISTS[6], "asc", "desc"),
    ],
)
def test_both_orders_and_no_other(
    client: RawClient, known: dict[str, str], path: str, ascending: str, descending: str
) -> None:
    def ids(order: str) -> list[str]:
        found = client.get(path.format(**known), order=order).json()["data"]
        return [item["id"] for item in found]

    refused = client.get(path.format(**known), order="sideways")

    assert len(ids(ascending)) >= 3
    assert ids(ascending) == ids(descending)[::-1]
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "order")


def test_an_empty_list_still_is_one(client: RawClient) -> None:
    assert client.get("/files").json() == {
        "object": "list",
        "data": [],
        "first_id": "",
        "last_id": "",
        "has_more": False,
    }


def test_jobs_without_metadata_are_listed_by_null(client: RawClient) -> None:
    file_id = client.file()
    with_metadata = client.create(file_id, metadata={"run": "1"}).json()["id"]
    without = client.create(file_id).json()["id"]

    def listed(**query: str) -> list[str]:
        found = client.get("/fine_tuning/jobs", **query).json()["data"]
        return [job["id"] for job in found]

    assert listed(metadata="null") == [without]
    assert listed(**{"metadata[run]": "1"}) == [with_metadata]


@pytest.mark.parametrize("path", ["/fine_tuning/jobs", "/chat/completions"])
def test_a_filter_has_as_many_pairs_as_metadata(client: RawClient, path: str) -> None:
    def asked(pairs: int) -> int:
        query = {f"metadata[{n}]": "x" for n in range(pairs)}
        return client.get(path, **query).status_code

    assert (asked(16), asked(17), asked(70)) == (200, 400, 400)
