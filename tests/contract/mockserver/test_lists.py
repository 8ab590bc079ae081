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
@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "-1"}, {"limit": "x"}, {"limit": "99999"}, {"after": "no"}]
)
def test_pages_that_cannot_be_had(
    client: RawClient, known: dict[str, str], path: str, query: dict[str, str]
) -> None:
    refused = client.get(path.format(**known), **query)

    assert refused.status_code == 400
    assert refused.json()["error"]["param"] in query


@pytest.mark.parametrize("path", [LISTS[0], LISTS[4], LISTS[5]])
def test_an_order_that_does_not_exist(client: RawClient, known: dict[str, str], path: str) -> None:
    refused = client.get(path.format(**known), order="sideways")

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
