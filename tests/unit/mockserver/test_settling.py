"""The end of a job is stored whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mockserver.furnish import make_provider
from mockserver.provider import Provider
from mockserver.records import Job
from mockserver.settings import Settings
from mockserver.settling import settle
from mockserver.store.collection import Collection
from mockserver.store.database import Store
from tests.unit.mockserver.making import JOB


class Killed(BaseException):
    """Stands for the end of the process."""


class Deadly(Collection[Job]):
    """Jobs with the server's end in place of a write."""

    def replace(self, record: Job) -> None:
        raise Killed(record.id)


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Provider]:
    with closing(Store(tmp_path / "mock.db")) as store:
        store.jobs.add(JOB)
        yield make_provider(Settings(db=tmp_path / "mock.db"), store)


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
