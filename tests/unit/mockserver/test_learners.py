from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from mockserver.answers.learners import Learners
from mockserver.data.records import Job
from mockserver.learning import TrainedModel, train
from tests.unit.mockserver.making import job

LINE = {"messages": [{"role": "user", "content": "One?"}, {"role": "assistant", "content": "Two."}]}


@pytest.fixture
def content(tmp_path: Path) -> Path:
    path = tmp_path / "blob"
    path.write_text(f"{json.dumps(LINE)}\n", encoding="utf-8")
    return path


@pytest.fixture
def model() -> TrainedModel:
    return train([], epochs=1, seed=1)


def learned(kept: Learners, *jobs: Job, content: Path) -> list[TrainedModel]:
    """What all of the jobs led to, asked for at once."""

    async def ask() -> list[TrainedModel]:
        return await asyncio.gather(*(kept.learned(each, content) for each in jobs))

    return asyncio.run(ask())


def test_many_who_ask_at_once_wait_for_one_training(content: Path) -> None:
    first, *others = learned(Learners(), *[job()] * 5, content=content)

    assert all(other is first for other in others)


def test_jobs_of_one_file_or_one_id_are_told_apart(content: Path) -> None:
    jobs = job(), job(id="ftjob-other", seed=43), job(training_content="blob-2")
    models = learned(Learners(), *jobs, content=content)

    assert len(set(map(id, models))) == 3
    assert [model.seed for model in models] == [42, 43, 42]


def test_what_was_used_last_stays(model: TrainedModel) -> None:
    kept = Learners(capacity=2)
    for name in ("a", "b"):
        kept.serve("me", name, model)

    assert kept.serving("me", "a") is model
    kept.serve("me", "c", model)

    assert kept.serving("me", "a") is model
    assert kept.serving("me", "b") is None


def test_nothing_stays_of_what_is_forgotten(content: Path, model: TrainedModel) -> None:
    kept = Learners()
    kept.serve("me", "a", model)
    before = learned(kept, job(), content=content)
    kept.forget()

    assert kept.serving("me", "a") is None
    assert learned(kept, job(), content=content)[0] is not before[0]
