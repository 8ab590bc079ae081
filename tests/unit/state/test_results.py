"""Kept results: what is written is read, and matches the schema."""

from __future__ import annotations

import json
from dataclasses import replace

import jsonschema
import pytest

from ftrunner.document import schema
from ftrunner.state.results import KeptRow, Provenance, RunResults, decode, encode, encode_row
from tests.kit.results import full


def test_what_is_written_is_read() -> None:
    assert decode(encode(full())) == full()


def test_the_file_matches_its_schema() -> None:
    validator = jsonschema.Draft202012Validator(schema.load("results"))

    validator.validate(json.loads(encode(full())))


def test_a_run_without_tests_needs_little() -> None:
    origin = Provenance(
        ftrunner="1.0.0",
        spec="stories.yaml",
        spec_sha256="00",
        provider="openai",
        endpoint="rehearsal",
        tests="11",
    )
    bare = RunResults(
        name="stories",
        run="r1",
        at=1.0,
        rehearsal=True,
        outcome="no_tests",
        sentence="no tests",
        provenance=origin,
    )

    assert decode(encode(bare)) == bare


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"\xff", encode(full())[:-300]])
def test_a_torn_file_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are those of a library
        decode(data)


def test_half_a_surrogate_pair_is_kept_as_a_question_mark() -> None:
    assert decode(encode(replace(full(), sentence="x\ud83d"))).sentence == "x?"
    assert json.loads(encode_row(KeptRow(set="s", id="1", place="p", question="\udc00")))


def test_results_of_another_version_are_refused() -> None:
    with pytest.raises(ValueError, match="version is 9"):
        decode(encode(replace(full(), version=9)))
