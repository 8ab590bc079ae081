"""What a removal deletes at the provider, and what it leaves there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.api.wire import File
from ftrunner.engine.jobs.records import record_uploaded_file
from ftrunner.engine.operations.destroy import destroy, removal
from ftrunner.engine.operations.forget import forget
from ftrunner.errors import StateError
from ftrunner.render.documents.destroy import as_fields, as_text
from ftrunner.state.lock import FileIntent, FileRecord, JobIntent, ResourceIntent, ResourceRecord
from ftrunner.state.lockfile import decode
from tests.kit.runs import BASE_URL, FakeProvider, Staged, staged

BY_HAND = FileRecord(id="file-1", filename="by-hand.jsonl", sha256="aa", bytes=1)
INTENT = FileIntent(run="r1", at=0, split="validation", filename="v-b.jsonl", sha256="b", bytes=1)


DEPLOYMENT = ResourceRecord(noun="deployment", id="dep-1", job="ftjob-1")


def test_what_the_profile_cannot_delete_stays_recorded(tmp_path: Path) -> None:
    """Such as after a profile was changed: it may be billed until it is deleted."""
    run = staged(tmp_path, FakeProvider()).run
    run.journal.resource_created(DEPLOYMENT)

    with pytest.raises(StateError, match="deployment dep-1 cannot be deleted: the profile") as no:
        destroy(run, removal(run.journal.record, run.command), agreed=lambda: True)

    assert no.value.code == "FT419"
    assert run.journal.record.resources == (DEPLOYMENT,)


def test_an_unanswered_creation_is_settled_before_anything_is_deleted(tmp_path: Path) -> None:
    run = staged(tmp_path, FakeProvider()).run
    run.journal.intend_resource(
        ResourceIntent(run="r1", at=0.0, noun="deployment", name="a-1", job="ftjob-1")
    )

    with pytest.raises(StateError, match="unconfirmed"):
        removal(run.journal.record, run.command)

    assert forget(run) == "the unconfirmed deployment"
    assert not run.journal.record.has_unconfirmed


def with_one_of_each(folder: Path, provider: FakeProvider) -> Staged:
    """A training file that somebody uploaded by hand, and a validation file of this run's."""
    stage = staged(folder, provider)
    stage.run.journal.file_created("train", BY_HAND)
    record_uploaded_file(stage.run, INTENT, File("file-2"))
    return stage


def test_a_job_that_may_still_appear_is_looked_for_before_anything_is_deleted(
    tmp_path: Path,
) -> None:
    run = staged(tmp_path, FakeProvider()).run
    run.journal.job_unconfirmed(
        JobIntent(run="r1", at=0, fingerprint="v1:x", inputs={}, training_file="f", until=9e9)
    )

    with pytest.raises(StateError, match="may still appear"):
        removal(run.journal.record, run.command)

    assert forget(run) == "the unconfirmed job"
    assert removal(run.journal.record, run.command).is_empty


def test_only_what_a_run_uploaded_is_deleted(tmp_path: Path) -> None:
    provider = FakeProvider(files={name: File(name) for name in ("file-1", "file-2")})
    run = with_one_of_each(tmp_path, provider).run

    planned = removal(run.journal.record, run.command)
    destroy(run, planned, agreed=lambda: True)

    assert provider.files == {"file-1": File("file-1")}
    assert as_text(planned, where="at e").splitlines() == [
        "at e:",
        "  delete file  file-2 (v-b.jsonl)",
        "  keep   file  file-1 (by-hand.jsonl): no known run of ftrunner uploaded it",
    ]
    fields = as_fields(planned, endpoint="e")
    assert (fields["files"], fields["kept"]) == (["file-2"], ["file-1"])


def test_a_file_of_a_lock_that_names_no_run_stays(tmp_path: Path) -> None:
    """Locks of earlier versions have no `run` for files, no matter which run uploaded them."""
    run = with_one_of_each(tmp_path, FakeProvider()).run
    written = (tmp_path / "stories.lock.json").read_text(encoding="utf-8")
    earlier = written.replace('"run": "r1",', "").replace('"run": null,', "")

    lock = decode(earlier.encode(), name="stories", display="x")
    planned = removal(lock.endpoints[BASE_URL], run.command)

    assert planned.is_empty
    assert [file.id for file in planned.foreign_files] == ["file-1", "file-2"]
