"""The end of a job, or of an upload, is stored whole or not at all."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.requests import Request

from mockserver.adapter.inner_app import Answer, InnerApp
from mockserver.build_provider import build_provider
from mockserver.data.records import Job, Part, Upload
from mockserver.http.app import create_app
from mockserver.jobs.settling import settle
from mockserver.provider import Provider
from mockserver.settings import Settings
from mockserver.store.collection import Collection, R
from mockserver.store.database import Store
from mockserver.verdict.exchanges import Exchanges
from tests.unit.mockserver.making import JOB


class Killed(BaseException):
    """Stands for the end of the process."""


class Deadly(Collection[R]):
    """Records with the server's end in place of a write."""

    def replace(self, record: R) -> None:
        raise Killed(record.id)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with closing(Store(tmp_path / "mock.db")) as store:
        store.jobs.add(JOB)
        yield build_provider(Settings(db=tmp_path / "mock.db"), store)


def test_a_kill_between_the_results_and_the_job_leaves_neither(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = provider.store
    with monkeypatch.context() as dying:
        dying.setattr(store, "jobs", Deadly(store.transaction(), "job", Job))
        with pytest.raises(Killed):
            settle(provider)
    left = store.files.every()

    settle(provider)

    assert left == ()
    assert [file.id for file in store.files.every()] == [JOB.result_file]
    assert store.jobs.every(open="yes") == ()


def test_a_kill_while_an_upload_is_completed_leaves_it_pending(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, core = provider.store, InnerApp(create_app(provider))
    upload_id, part_id = _upload_in_one_part(provider)

    async def complete() -> Answer:
        path, body = f"/v1/uploads/{upload_id}/complete", {"part_ids": [part_id]}
        return await core.ask(_request(), "POST", path, owner="everyone", body=body)

    with monkeypatch.context() as dying:
        dying.setattr(store, "uploads", Deadly(store.transaction(), "upload", Upload))
        with pytest.raises(Killed):
            asyncio.run(complete())
    left = store.files.every()
    done = asyncio.run(complete())

    assert left == ()
    assert (done.status, done.document["status"]) == (200, "completed")


def _upload_in_one_part(provider: Provider) -> tuple[str, str]:
    store, now = provider.store, int(provider.clock.now())
    blob = store.blobs.put(io.BytesIO(b"abcd"))
    store.uploads.add(
        Upload(
            id="upload_1", owner="everyone", created_at=now, expires_at=now + 3600,
            filename="a.jsonl", purpose="fine-tune", bytes=4,
        )
    )  # fmt: skip
    store.parts.add(
        Part(
            id="part_1", owner="everyone", created_at=now, upload="upload_1", bytes=4,
            content=blob.key,
        )
    )  # fmt: skip
    return "upload_1", "part_1"


def _request() -> Request:
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "headers": []}
    Exchanges(time.time, time.monotonic).begin(scope, "/uploads")
    return Request(scope)


def _remember_and_die(store: Store) -> None:
    with store.transaction():
        with store.transaction():
            store.remember("inner", 1.0)
        raise Killed


def test_a_transaction_inside_another_lasts_only_with_it(provider: Provider) -> None:
    store = provider.store

    with pytest.raises(Killed):
        _remember_and_die(store)
    with store.transaction():
        store.remember("later", 2.0)

    assert (store.fact("inner"), store.fact("later")) == (None, 2.0)
