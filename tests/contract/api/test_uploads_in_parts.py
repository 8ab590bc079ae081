"""Large files go in parts to the real mock server, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from ftrunner.api.client import Client, Connection, Upload
from ftrunner.api.errors import ApiError, SourceChanged
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.clock import SystemClock
from ftrunner.providers import registry
from ftrunner.providers.profile import Limits
from mockserver.client import FtMock

PART = 1000
CONTENT = bytes(Random(7).randbytes(9 * PART + 123))
PARTS: dict[str, Any] = {"method": "POST", "path": "/uploads/*/parts"}


@pytest.fixture
def client(ft_mock: FtMock) -> Iterator[Client]:
    """A client of a provider that takes no more than a part in one request."""
    limits = Limits(file_bytes=PART, upload_bytes=100 * PART, part_bytes=PART)
    with RequestsTransport() as transport:
        yield Client(
            replace(registry.get("openai"), limits=limits),
            Connection(
                base_url=ft_mock.base_url,
                transport=transport,
                key=ft_mock.api_key,
                clock=SystemClock(),
                random=Random(0),
                on_retry=lambda _: None,
            ),
        )


def upload(content: bytes = CONTENT, size: int | None = None) -> Upload:
    """`content` in blocks that do not fit the parts."""
    blocks = [content[start : start + 777] for start in range(0, len(content), 777)]
    return Upload("large.jsonl", len(content) if size is None else size, lambda: iter(blocks))


def parts_sent(mock: FtMock) -> int:
    return sum(request["path"].endswith("/parts") for request in mock.requests)


def test_the_parts_become_the_file(ft_mock: FtMock, client: Client) -> None:
    progress: list[int] = []

    file = client.create_file(upload(), on_progress=progress.append)

    assert (file.filename, file.bytes) == ("large.jsonl", len(CONTENT))
    assert client.file_content(file.id) == CONTENT
    assert parts_sent(ft_mock) == 10
    assert progress == [*range(PART, 9 * PART + 1, PART), len(CONTENT)]


def test_a_file_of_one_request_goes_in_one(ft_mock: FtMock, client: Client) -> None:
    client.create_file(upload(CONTENT[:PART]))

    assert [request["path"] for request in ft_mock.requests] == ["/files"]


@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": "after"}])
def test_a_part_that_fails_is_sent_again_alone(
    ft_mock: FtMock, client: Client, fault: dict[str, Any]
) -> None:
    ft_mock.fault(fault, **PARTS, nth=4, times=1)

    file = client.create_file(upload())

    assert client.file_content(file.id) == CONTENT
    assert parts_sent(ft_mock) == 11


def test_what_cannot_be_sent_is_cancelled(ft_mock: FtMock, client: Client) -> None:
    ft_mock.fault({"status": 400}, **PARTS, nth=3)

    with pytest.raises(ApiError):
        client.create_file(upload())

    assert ft_mock.requests[-1]["path"].endswith("/cancel")
    assert ft_mock.files == []


def test_a_file_that_changes_is_cancelled(ft_mock: FtMock, client: Client) -> None:
    with pytest.raises(SourceChanged):
        client.create_file(upload(size=len(CONTENT) + 1))

    assert ft_mock.requests[-1]["path"].endswith("/cancel")
    assert ft_mock.files == []


def test_a_lost_completion_is_not_repeated(ft_mock: FtMock, client: Client) -> None:
    ft_mock.fault({"drop": "after"}, method="POST", path="/uploads/*/complete", times=1)

    with pytest.raises(ApiError) as caught:
        client.create_file(upload())

    assert not caught.value.nothing_was_done
    assert [file["filename"] for file in ft_mock.files] == ["large.jsonl"]
