"""Right requests with one wrong value, and a database that another process holds."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from mockserver.store import database
from tests.contract.mockserver.contract import ERROR
from tests.contract.mockserver.raw import RawClient
from tests.contract.mockserver.requests_of import (
    FIXTURES,
    OPENAI,
    dialect_requests,
    places,
    with_value,
)
from tests.contract.mockserver.test_dialects import MODELS, TEN, Home, served

WRONG: list[Any] = [
    None, True, 0, -1, 1.5, 10**30, "", "x", "\ud800", [], {}, [[]], [1], {"a": [1]}, [{}],
    {"type": []}, float("inf"), float("nan"),
]  # fmt: skip

thorough = settings(
    max_examples=250,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


class Spoiler:
    """A client that sends what it is given."""

    def __init__(self, client: RawClient, origin: str, takes: list[tuple[str, str, Any]]) -> None:
        self._client = client
        self._origin = origin
        self.takes = takes

    def send(self, method: str, path: str, body: Any) -> Any:
        answer = self._client.session.request(
            method,
            self._origin + path,
            data=json.dumps(body),
            headers={"content-type": "application/json"},
            timeout=20,
        )
        if path == "/_mock/faults":  # with `match: {}` its 500 would answer all later requests
            self._client.session.delete(self._origin + path, timeout=20)
        return answer


@pytest.fixture(scope="module", params=["openai", *MODELS])
def spoiler(request: pytest.FixtureRequest) -> Iterator[Spoiler]:
    dialect = request.param
    every = Settings(clock="manual", seed=1, dialect=dialect, max_active_jobs=10**6)
    with MockServer(every) as server:
        home = Home(server, dialect)
        with home.session:
            yield Spoiler(home, server.origin, takes(home, server))


def takes(home: Home, server: MockServer) -> list[tuple[str, str, Any]]:
    if home.dialect == "openai":
        FtMock(server.origin).seed(FIXTURES)
        return OPENAI
    job = home.train(TEN)
    return dialect_requests(home.dialect, job, MODELS[home.dialect], served(home, job))


@thorough
@given(data=st.data())
def test_no_wrong_value_is_an_error_of_the_server(spoiler: Spoiler, data: st.DataObject) -> None:
    method, path, body = data.draw(st.sampled_from(spoiler.takes))
    way = data.draw(st.sampled_from(list(places(body))))
    value = data.draw(st.sampled_from(WRONG))

    answer = spoiler.send(method, path, with_value(body, way, value))

    assert answer.status_code < 500, (path, way, value, answer.text)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The database, as long as something else writes to it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@pytest.mark.parametrize("dialect", ["openai", *MODELS])
def test_a_held_database_is_an_error_in_shape(
    dialect: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.01)
    path = tmp_path / "mock.db"
    with MockServer(Settings(db=path, clock="manual", seed=1, dialect=dialect)) as server:
        home = Home(server, dialect)
        with home.session:
            spoiler = Spoiler(home, server.origin, takes(home, server))
            with held(path):
                answers = [spoiler.send(*each) for each in spoiler.takes]
            after = [spoiler.send(*each) for each in spoiler.takes]

    assert {answer.status_code for answer in answers} & {500, 503} == {503}
    refused = [answer for answer in answers if answer.status_code == 503]
    assert all("locked" in answer.text for answer in refused)
    if dialect == "openai":
        assert {answer.headers["retry-after"] for answer in refused} == {"1"}
        for answer in refused:
            ERROR.validate(answer.json())
    assert max(answer.status_code for answer in after) < 500


def test_a_database_that_is_held_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "PATIENCE", 0.01)
    path = tmp_path / "mock.db"
    with MockServer(Settings(db=path)):
        pass

    with held(path), pytest.raises(ValueError, match=r"mock\.db cannot be used as a database"):
        MockServer(Settings(db=path)).start()


def test_a_file_whose_bytes_are_gone_is_an_error_in_shape(tmp_path: Path) -> None:
    path = tmp_path / "mock.db"
    with MockServer(Settings(db=path)) as server:
        client = RawClient(server.base_url)
        with client.session:
            file_id = client.file()
            for blob in (tmp_path / "mock.db.files").iterdir():
                blob.unlink()
            answer = client.get(f"/files/{file_id}/content")

    assert answer.status_code == 503
    ERROR.validate(answer.json())
    assert str(tmp_path) not in answer.text
