"""Large files in parts, and files that end."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import RawClient


def start(client: RawClient, size: int = 4) -> str:
    body = {"filename": "a", "purpose": "fine-tune", "bytes": size, "mime_type": "text/jsonl"}
    return str(client.post("/uploads", body).json()["id"])


def add(client: RawClient, upload_id: str, data: bytes) -> requests.Response:
    return client.session.post(
        f"{client.base_url}/uploads/{upload_id}/parts", files={"data": ("blob", data)}, timeout=9
    )


def complete(client: RawClient, upload_id: str, *parts: str, **fields: str) -> requests.Response:
    return client.post(f"/uploads/{upload_id}/complete", {"part_ids": list(parts), **fields})


def two_parts(client: RawClient, upload_id: str) -> tuple[str, str]:
    first, second = (add(client, upload_id, data).json()["id"] for data in (b"ab", b"cd"))
    return first, second


def test_parts_are_joined_in_the_order_given(client: RawClient) -> None:
    upload_id = start(client)
    first, second = two_parts(client, upload_id)
    md5 = hashlib.md5(b"cdab", usedforsecurity=False).hexdigest()

    done = complete(client, upload_id, second, first, md5=md5).json()

    assert (done["status"], done["file"]["filename"]) == ("completed", "a")
    assert client.get(f"/files/{done['file']['id']}/content").content == b"cdab"


def test_what_cannot_be_completed(client: RawClient) -> None:
    upload_id = start(client)
    first, second = two_parts(client, upload_id)

    answers = [
        complete(client, upload_id, first),
        complete(client, upload_id, first, first),
        complete(client, upload_id, first, "part_none"),
        complete(client, upload_id, first, second, md5="0" * 32),
    ]

    assert [(answer.status_code, answer.json()["error"]["code"]) for answer in answers] == [
        (400, "invalid_upload_size"),
        (400, "invalid_value"),
        (404, "not_found"),
        (400, "checksum_mismatch"),
    ]
    assert complete(client, upload_id, first, second).status_code == 200


def test_of_several_requests_at_once_one_completes_an_upload(
    ft_mock: FtMock, client: RawClient
) -> None:
    data = b"x" * 8_000_000
    upload_id = start(client, len(data))
    part = add(client, upload_id, data).json()["id"]

    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(complete, client, upload_id, part) for _ in range(3)]

    assert sorted(each.result().status_code for each in asked) == [200, 400, 400]
    assert len(ft_mock.files) == 1


def test_a_wrong_checksum_leaves_no_bytes_behind(tmp_path: Path) -> None:
    with MockServer(Settings(db=tmp_path / "mock.db")) as server:
        client = RawClient(server.base_url)
        with client.session:
            upload_id = start(client)
            parts = two_parts(client, upload_id)
            before = set((tmp_path / "mock.db.files").iterdir())

            assert complete(client, upload_id, *parts, md5="0" * 32).status_code == 400

    assert set((tmp_path / "mock.db.files").iterdir()) == before


def test_an_upload_ends_once(client: RawClient) -> None:
    upload_id = start(client)
    client.post(f"/uploads/{upload_id}/cancel")

    assert add(client, upload_id, b"ab").status_code == 400
    assert complete(client, upload_id).json()["error"]["code"] == "upload_not_pending"


def test_an_upload_expires_after_an_hour(ft_mock: FtMock, client: RawClient) -> None:
    upload_id = start(client)
    ft_mock.advance(3600)

    assert "is expired" in add(client, upload_id, b"ab").json()["error"]["message"]


@pytest.mark.parametrize("size", [-1, 9 * 1024**3])
def test_sizes_that_are_refused(client: RawClient, size: int) -> None:
    body = {"filename": "a", "purpose": "fine-tune", "bytes": size, "mime_type": "x"}

    assert client.post("/uploads", body).status_code == 400


def test_a_file_expires_when_it_was_asked_to(ft_mock: FtMock, client: RawClient) -> None:
    fields = {"expires_after[anchor]": "created_at", "expires_after[seconds]": "3600"}
    file = client.upload(**fields).json()

    assert file["expires_at"] == file["created_at"] + 3600
    ft_mock.advance(3600)
    assert client.get(f"/files/{file['id']}").status_code == 404
    assert client.get("/files").json()["data"] == []


@pytest.mark.parametrize(
    "fields",
    [
        {"expires_after[anchor]": "now", "expires_after[seconds]": "3600"},
        {"expires_after[anchor]": "created_at", "expires_after[seconds]": "60"},
        {"expires_after[anchor]": "created_at", "expires_after[seconds]": "x"},
        {"expires_after[seconds]": "3600"},
    ],
)
def test_expiry_out_of_range_is_refused(client: RawClient, fields: dict[str, str]) -> None:
    assert client.upload(**fields).status_code == 400


@pytest.mark.parametrize("purpose", ["", "training", "fine-tune-results"])
def test_purposes_that_are_refused(client: RawClient, purpose: str) -> None:
    refused = client.upload(purpose=purpose)

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "purpose")


def test_files_are_listed_in_either_order_and_page_by_page(client: RawClient) -> None:
    ids = [client.file() for _ in range(5)]

    def listed(**query: object) -> list[str]:
        return [file["id"] for file in client.get("/files", **query).json()["data"]]

    assert listed() == ids[::-1]
    assert listed(order="asc") == ids
    assert listed(order="asc", limit=2, after=ids[1]) == ids[2:4]
    assert client.get("/files", limit=2).json()["has_more"]
    assert listed(purpose="batch") == []
