"""Objects to start with, under chosen ids: a YAML or JSON file, or a request's body.

The types here are the format. `schemas/fixtures.schema.json`, which editors read, is made
from them, and a test holds that it still is.
"""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mockserver.data.files import store_file
from mockserver.data.records import Change, Fate, File, Job
from mockserver.data.yaml_document import load_document, parse_document
from mockserver.http.access import EVERYONE, owner_with
from mockserver.http.errors import WireError
from mockserver.jobs.jobs import draft_job, find_files, survey_files
from mockserver.jobs.training import total_work
from mockserver.provider import Provider
from mockserver.rules.job_request import CreateJob, Method

Status = Literal[
    "validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"
]


class FixtureError(ValueError):
    """Fixtures that can't be used; the message says where and why."""


class FileFixture(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A file; its bytes come from `lines`, `content` or `path`."""

    id: Annotated[str, Meta(description="Its id", examples=["file-stories"])]
    filename: Annotated[str, Meta(description="Its name")] = "file.jsonl"
    purpose: Annotated[str, Meta(description="Its purpose")] = "fine-tune"
    content: Annotated[str, Meta(description="Its text")] | None = None
    lines: Annotated[list[Any], Meta(description="JSON values, one for each line")] | None = None
    path: Annotated[str, Meta(description="A file, relative to the fixtures")] | None = None
    created_at: Annotated[int, Meta(description="Seconds since the epoch")] | None = None


class JobFixture(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A fine-tuning job in a chosen status."""

    id: Annotated[str, Meta(description="Its id", examples=["ftjob-stories"])]
    training_file: Annotated[str, Meta(description="The id of a file, of these or before")]
    model: Annotated[str, Meta(description="Its base model")] = "gpt-4o-mini-2024-07-18"
    status: Annotated[Status, Meta(description="Where it stands now")] = "succeeded"
    fine_tuned_model: Annotated[str, Meta(description="The name of its model")] | None = None
    result_file: Annotated[str, Meta(description="The id of its results file")] | None = None
    validation_file: str | None = None
    method: Method | None = None
    suffix: str | None = None
    seed: int | None = None
    metadata: dict[str, str] | None = None


class Fixtures(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A fixtures file."""

    files: list[FileFixture] = []
    jobs: list[JobFixture] = []
    key: (
        Annotated[str, Meta(description="With --isolate-keys: the API key that sees them")] | None
    ) = None


def load_fixtures(path: Path) -> Fixtures:
    """The fixtures of a file.

    Raises:
        FixtureError: it can't be read, or is not a fixtures file.
    """
    try:
        return load_document(path, Fixtures)
    except ValueError as error:
        raise FixtureError(str(error)) from None


def parse_fixtures(text: str | bytes, source: str) -> Fixtures:
    """The fixtures that a YAML or JSON text holds; `source` is named in errors."""
    try:
        return parse_document(text, source, Fixtures)
    except ValueError as error:
        raise FixtureError(str(error)) from None


def plant(provider: Provider, fixtures: Fixtures, folder: Path | None) -> None:
    """Put the objects into the store, all or none; `folder` is where relative paths begin.

    Raises:
        FixtureError: an id is taken, or a job names a file that does not exist.
    """
    owner = _owner(provider, fixtures)
    with ExitStack() as failing, provider.store.transaction():
        for file in fixtures.files:
            planted = _plant_file(provider, file, owner, folder)
            failing.callback(provider.store.blobs.remove, planted.content)
        for job in fixtures.jobs:
            _plant_job(provider, job, owner)
        failing.pop_all()


def _owner(provider: Provider, fixtures: Fixtures) -> str:
    if fixtures.key is None or not provider.settings.isolate_keys:
        return EVERYONE
    return owner_with(fixtures.key.encode(), isolate=True)


def _plant_file(provider: Provider, fixture: FileFixture, owner: str, folder: Path | None) -> File:
    _check_free(provider, fixture.id)
    blob = provider.store.blobs.put(io.BytesIO(_content(fixture, folder)))
    return store_file(
        provider,
        blob,
        owner=owner,
        filename=fixture.filename,
        purpose=fixture.purpose,
        file_id=fixture.id,
        created_at=fixture.created_at,
    )


def _check_free(provider: Provider, file_id: str) -> None:
    promised = (job.result_file for job in provider.store.jobs.every())
    if provider.store.files.anyones(file_id) is not None or file_id in promised:
        raise FixtureError(f"there already is a file {file_id}")


def _content(fixture: FileFixture, folder: Path | None) -> bytes:
    try:
        if fixture.lines is not None:
            return b"".join(msgspec.json.encode(line) + b"\n" for line in fixture.lines)
        if fixture.path is None:
            return (fixture.content or "").encode()
        if folder is None:
            raise FixtureError(f"{fixture.id}: a path needs a fixtures file to be relative to")
        return (folder / fixture.path).read_bytes()
    except RecursionError:  # YAML can hold a list that holds itself
        raise FixtureError(f"{fixture.id}: its lines are nested too deeply") from None
    except (OSError, TypeError, UnicodeEncodeError) as error:
        raise FixtureError(f"{fixture.id}: {error}") from None


def _plant_job(provider: Provider, fixture: JobFixture, owner: str) -> None:
    if provider.store.jobs.anyones(fixture.id) is not None:
        raise FixtureError(f"there already is a job {fixture.id}")
    if fixture.result_file is not None:
        _check_free(provider, fixture.result_file)
    asked = CreateJob(
        model=fixture.model,
        training_file=fixture.training_file,
        validation_file=fixture.validation_file,
        method=fixture.method,
        suffix=fixture.suffix,
        seed=fixture.seed,
        metadata=fixture.metadata,
    )
    try:
        files = find_files(provider, asked, owner)
    except WireError as error:
        raise FixtureError(f"{fixture.id}: {error.message}") from None
    job = draft_job(provider, asked, owner, files, survey_files(provider, asked, files))
    named = replace(
        job,
        id=fixture.id,
        fate=Fate(),
        tuned_model=fixture.fine_tuned_model or job.tuned_model,
        result_file=fixture.result_file or job.result_file,
    )
    provider.store.jobs.add(_standing(named, fixture.status, provider.clock.now()))


def _standing(job: Job, status: Status, now: float) -> Job:
    """The job, created so long ago that it has this status now.

    A fixture is taken at its word: what validation would say about its file makes no job fail
    that is to stand elsewhere.
    """
    pace = job.pace
    age = {
        "validating_files": 0.0,
        "queued": pace.validating + pace.queued / 2,
        "running": pace.validating + pace.queued + pace.running / 2,
        "paused": pace.validating + pace.queued + pace.running / 2,
        "succeeded": total_work(pace),
        "failed": total_work(pace),
        "cancelled": pace.validating / 2,
    }
    changes: dict[str, tuple[Change, ...]] = {
        "paused": (Change(kind="pause", at=now),),
        "cancelled": (Change(kind="cancel", at=now),),
    }
    return replace(
        job,
        created_at=now - age[status],
        fate=Fate(fails_in="running") if status == "failed" else Fate(),
        changes=changes.get(status, ()),
        refusal=job.refusal if status == "failed" else None,
    )
