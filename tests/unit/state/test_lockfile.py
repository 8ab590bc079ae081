"""The lock file: round trips, and every way it can be unfit has its own way out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from ftrunner.canonical import content_hash
from ftrunner.document import schema
from ftrunner.errors import InvalidInput, StateError
from ftrunner.fsio import SystemDisk
from ftrunner.providers.profile import JobState
from ftrunner.state import lock as lock_module
from ftrunner.state.lock import (
    VERSION,
    Current,
    FileIntent,
    FileRecord,
    JobIntent,
    JobRecord,
    Lock,
    OpponentRecord,
    PromptResult,
    Record,
    ResourceIntent,
    ResourceRecord,
    SetRecord,
    TestsRecord,
)
from ftrunner.state.lockfile import LockFile, decode, encode

FULL = Lock(
    name="stories",
    endpoints={
        "https://api.openai.com/v1": Record(
            provider="openai",
            files={
                "train": FileRecord(id="file-1", filename="a.jsonl", sha256="00", bytes=3, run="r1")
            },
            job=JobRecord(
                id="ftjob-1",
                run="r1",
                fingerprint="v1:00",
                inputs={"model": "base", "hyperparameters": {"n_epochs": 10}},
                status="succeeded",
                state=JobState.SUCCEEDED,
                created_at=1.5,
                model="ft:base:x",
                trained_tokens=4000,
                error="none",
                asked_as="stories",
            ),
            tests=TestsRecord(
                model="ft:base:x",
                digest="11",
                passed=True,
                results={"蓝鲸": PromptResult(passed=True, passes=1, answers=1, digest="22")},
                sets={
                    "tickets": SetRecord(
                        n=20,
                        passed=18,
                        mean=0.9,
                        low=0.68,
                        high=0.99,
                        tests="44",
                        answers="55",
                        against={
                            "base": OpponentRecord(
                                model="base",
                                effect=0.3,
                                better=6,
                                worse=0,
                                word="better",
                                answers="66",
                                low=0.029,
                                high=0.517,
                            )
                        },
                    )
                },
                gates={"tickets: better than base": "passed"},
            ),
            current=Current(model="ft:base:x", job="ftjob-1", fingerprint="v1:00", run="r1"),
            file_intent=FileIntent(
                run="r2", at=2.0, split="train", filename="b.jsonl", sha256="33", bytes=4
            ),
            job_intent=JobIntent(
                run="r2", at=3.0, fingerprint="v1:01", inputs={"seed": 1}, training_file="file-2"
            ),
            resources=(ResourceRecord(noun="deployment", id="dep-1", job="ftjob-1"),),
            resource_intent=ResourceIntent(
                run="r2", at=4.0, noun="deployment", name="stories", job="ftjob-1"
            ),
            open_intents=(
                JobIntent(
                    run="r1",
                    at=1.0,
                    fingerprint="v1:00",
                    inputs={"seed": 1},
                    training_file="file-1",
                    known=("ftjob-0",),
                    until=9.5,
                    job="ftjob-1",
                ),
            ),
            acknowledged=("the base model ends on 2027-01-01",),
        )
    },
)

# As it was written before there were test sets.
VERSION_1 = b"""{
  "endpoints": {
    "rehearsal": {
      "current": {"fingerprint": "v1:00", "job": "ftjob-1", "model": "ft:base:x", "run": "r1"},
      "file_intent": null,
      "files": {},
      "job": null,
      "job_intent": null,
      "open_intents": [],
      "provider": "openai",
      "resource_intent": null,
      "resources": [],
      "tests": {
        "digest": "11",
        "model": "ft:base:x",
        "passed": true,
        "results": {"p": {"answers": 1, "digest": "22", "passed": true, "passes": 1}}
      }
    }
  },
  "name": "stories",
  "version": 1
}
"""


def test_what_is_written_is_read() -> None:
    assert decode(encode(FULL), name="stories", display="x") == FULL


def test_the_file_is_made_to_be_merged_and_read_by_people(tmp_path: Path) -> None:
    text = encode(FULL).decode()

    assert text.endswith("}\n")
    assert "蓝鲸" in text
    assert text.splitlines() == sorted_twice(text)


def sorted_twice(text: str) -> list[str]:
    return encode(decode(text.encode(), name="stories", display="x")).decode().splitlines()


def test_no_file_is_an_empty_lock(tmp_path: Path) -> None:
    assert lock_file(tmp_path / "none.lock.json").read() == Lock(name="stories")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (encode(FULL)[:200], "FT402"),
        (b"", "FT402"),
        (b"[]", "FT402"),
        (b"[" * 100_000, "FT402"),
        (b'{"a": ' + b"[" * 900 + b"]" * 900 + b"}", "FT405"),
        (encode(FULL).replace(b"ft:base:x", b"ft:\\u001b[2Jx"), "FT405"),
        (encode(FULL).replace(b"n_epochs", b"n\\u009b"), "FT405"),
        (b"\xff\xfe{}", "FT402"),
        (b"{\n<<<<<<< HEAD\n=======\n>>>>>>> other\n}", "FT403"),
        (b'{"version": 3, "name": "stories"}', "FT404"),
        (b'{"version": 1, "name": "stories", "endpoints": []}', "FT405"),
        (b'{"version": 0, "name": "stories"}', "FT405"),
        (b'{"name": "stories"}', "FT405"),
        (encode(FULL).replace(b'"status"', b'"statsu"'), "FT405"),
        (encode(FULL).replace(b'"state": "succeeded"', b'"state": "great"'), "FT405"),
        (encode(FULL).replace(b'"digest": "22"', b'"digest": "22", "by": "hand"'), "FT405"),
        (b'{"version": true, "name": "stories"}', "FT405"),
        (b'{"version": 1, "name": "other"}', "FT406"),
        (b'{"version": 2, "name": "other"}', "FT406"),
    ],
)
def test_an_unfit_file_is_reported_and_left_alone(tmp_path: Path, data: bytes, code: str) -> None:
    path = tmp_path / "stories.lock.json"
    path.write_bytes(data)

    with pytest.raises(StateError) as caught:
        lock_file(path).read()

    assert caught.value.code == code
    assert caught.value.hint
    assert path.read_bytes() == data


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b" \n", "is empty"),
        (b'{"version": 2,\n1: "a"}', "is not JSON from line 2 on: it was cut off, or edited"),
        (b'{"version": 2, "name": "st', "is not JSON from line 1 on: it was cut off, or edited"),
        (b'{"name": "\xff"}', "is not JSON: it was cut off, or edited"),
    ],
)
def test_what_is_not_json_is_said_in_words(data: bytes, said: str) -> None:
    with pytest.raises(StateError) as caught:
        decode(data, name="stories", display="a.lock.json")

    assert caught.value.message == f"a.lock.json {said}"


@pytest.mark.parametrize(("disposable", "advice"), [(True, "delete it"), (False, "restore it")])
def test_only_what_was_rehearsed_may_be_deleted(
    tmp_path: Path, advice: str, *, disposable: bool
) -> None:
    path = tmp_path / "stories.lock.json"
    path.write_bytes(b"{")

    with pytest.raises(StateError) as caught:
        LockFile(path, name="stories", disk=SystemDisk(), disposable=disposable).read()

    assert advice in (caught.value.hint or "")


def test_version_1_is_read_and_becomes_version_2_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "stories.lock.json"
    path.write_bytes(VERSION_1)
    file = lock_file(path)

    lock = file.read()

    assert path.read_bytes() == VERSION_1
    assert lock.endpoints["rehearsal"].tests == TestsRecord(
        model="ft:base:x",
        digest="11",
        passed=True,
        results={"p": PromptResult(passed=True, passes=1, answers=1, digest="22")},
    )
    file.write(lock)
    assert json.loads(path.read_bytes())["version"] == 2
    assert file.read() == lock


@pytest.mark.parametrize("version", [1, 2])
def test_the_schema_takes_both_versions(version: int) -> None:
    document = json.loads(VERSION_1)
    validate({**document, "version": version})


def test_a_folder_in_its_place_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cannot read"):
        lock_file(tmp_path).read()


def test_other_endpoints_are_left_alone() -> None:
    record = Record(provider="generic")
    both = FULL.with_record("http://127.0.0.1:1/v1", record)

    assert both.endpoints == {**FULL.endpoints, "http://127.0.0.1:1/v1": record}


def test_the_lock_matches_its_schema() -> None:
    validate(json.loads(encode(FULL)))


# Which part of the schema describes which class.
PARTS: dict[str, Any] = {
    "record": Record,
    "file": FileRecord,
    "job": JobRecord,
    "tests": TestsRecord,
    "result": PromptResult,
    "set": SetRecord,
    "opponent": OpponentRecord,
    "current": Current,
    "file_intent": FileIntent,
    "job_intent": JobIntent,
    "resource": ResourceRecord,
    "resource_intent": ResourceIntent,
}
# What the form of each version is: an older ftrunner asks for an upgrade only if the version rose.
FORMS = {2: "6374c27744b6819b4cada4bc4cf318a73c767dd1f89965fbea67ddd08085f734"}


def test_the_schema_describes_every_class_of_the_lock() -> None:
    written = {one for one in vars(lock_module).values() if is_dataclass(one)}

    assert written == {Lock, *PARTS.values()}
    assert schema.load("lock")["$defs"].keys() == PARTS.keys()


@pytest.mark.parametrize("part", [*PARTS, None])
def test_the_schema_has_the_fields_of_each_class(part: str | None) -> None:
    whole = schema.load("lock")
    described = whole if part is None else whole["$defs"][part]
    owned = fields(Lock if part is None else PARTS[part])

    assert described["properties"].keys() == {field.name for field in owned}
    assert described["additionalProperties"] is False
    assert set(described["required"]) >= {
        field.name
        for field in owned
        if field.default is MISSING and field.default_factory is MISSING
    }


def test_the_full_lock_fills_every_field() -> None:
    filled = set(filled_fields(FULL))

    assert {
        f"{owner.__name__}.{field.name}"
        for owner in (Lock, *PARTS.values())
        for field in fields(owner)
    } - filled == {"Lock.version"}


def filled_fields(node: Any) -> Iterator[str]:
    """`FileRecord.run` and the like: the fields that are not their default somewhere in `node`."""
    if is_dataclass(node):
        for field in fields(node):
            value = getattr(node, field.name)
            if field.default_factory is not MISSING:
                default = field.default_factory()
            else:
                default = field.default
            if value != default:
                yield f"{type(node).__name__}.{field.name}"
            yield from filled_fields(value)
    elif isinstance(node, Mapping):
        yield from filled_fields(tuple(node.values()))
    elif isinstance(node, tuple):
        for one in node:
            yield from filled_fields(one)


def test_another_form_has_another_version() -> None:
    """When this fails, and a release has written the form of VERSION: raise VERSION, and add the
    new form to FORMS. Where none has: replace the hash of VERSION there.
    """
    assert FORMS.get(VERSION) == content_hash(without_words(schema.load("lock")))


def without_words(node: Any) -> Any:
    """A schema without its descriptions, which may change at any time."""
    if isinstance(node, dict):
        kept = {key: value for key, value in node.items() if not is_words(key, value)}
        return {key: without_words(value) for key, value in kept.items()}
    return [without_words(item) for item in node] if isinstance(node, list) else node


def is_words(key: str, value: Any) -> bool:
    return key in ("description", "title") and isinstance(value, str)


def test_a_newer_lock_asks_for_an_upgrade_and_to_stay_where_it_is() -> None:
    newer = encode(FULL).replace(b'"version": 2', b'"version": 3')
    unversioned = encode(FULL).replace(b'"noun"', b'"region": "eu", "noun"')
    for data in (newer, newer.replace(b'"noun"', b'"region"'), unversioned):
        with pytest.raises(StateError) as caught:
            decode(data, name="stories", display="stories.lock.json")

        assert "newer ftrunner" in caught.value.message
        assert "upgrade" in (caught.value.hint or "")
        assert "move it away" not in (caught.value.hint or "")


def validate(document: object) -> None:
    jsonschema.Draft202012Validator(schema.load("lock")).validate(document)


def lock_file(path: Path) -> LockFile:
    return LockFile(path, name="stories", disk=SystemDisk())
