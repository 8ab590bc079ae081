"""A row is its JSON value: however a dataset is written, it is the same dataset."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.fingerprint import fingerprint, inputs
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Fraction, Method, Spec
from tests.kit.respelling import respelled
from tests.unit.dataset.making import conversations

GENERIC = registry.get("generic")
DATASETS = {
    "alone": Dataset(("train.*",)),
    "cut": Dataset(("train.*",), Fraction(0.4, 7)),
    "two": Dataset(("train.*",), ("held.jsonl",)),
}
HELD = b'{"messages":[{"role":"user","content":"held"},{"role":"assistant","content":"out"}]}\n'
FORMS: dict[Method, list[dict[str, Any]]] = {
    Method.SUPERVISED: [
        {
            "messages": [
                {"role": "user", "content": "Weather?", "name": "jane"},
                {"role": "assistant", "content": "Sun/rain", "weight": 1},
            ],
            "tools": [{"type": "function", "function": {"name": "w", "parameters": {"x": 1.5}}}],
        },
        {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yo"}]},
    ],
    Method.DPO: [
        {
            "input": {"messages": [{"role": "user", "content": "é"}]},
            "preferred_output": [{"role": "assistant", "content": "b"}],
            "non_preferred_output": [{"role": "assistant", "content": "c"}],
        }
    ],
    Method.REINFORCEMENT: [
        {"messages": [{"role": "user", "content": "2+2"}], "answer": 4, "more": {"b": 1, "a": [2]}}
    ],
}


def spec(folder: Path, dataset: Dataset, method: Method = Method.SUPERVISED) -> Spec:
    return Spec(folder / "s.yaml", "s", "", dataset, method=method)


def prepared(
    data: bytes, dataset: Dataset, name: str = "train.jsonl", method: Method = Method.SUPERVISED
) -> DatasetReport:
    with TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(data)
        (Path(folder) / "held.jsonl").write_bytes(HELD)
        report = check_dataset(spec(Path(folder), dataset, method), GENERIC)
        # A cut may leave a split without rows.
        codes = {finding.code for finding in report.findings if finding.is_error}
        assert report.ok or codes <= {"FT217", "FT230", "FT250"}, codes
        return report


def identity(report: DatasetReport) -> object:
    """All by which the dataset is known."""
    made = fingerprint(inputs(spec(Path(), Dataset(("a",))), report, GENERIC))
    trails = {name: (list(t.rows), list(t.prompts)) for name, t in report.trails.items()}
    return made, trails, {name: split.examples for name, split in report.splits.items()}


def plain(lines: list[dict[str, Any]]) -> bytes:
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def rewritten(lines: list[dict[str, Any]], rng: Random) -> tuple[bytes, str]:
    """The same rows in other bytes, and a name for their file."""
    end = rng.choice([b"\n", b"\r\n"])
    rows = [
        rng.choice([respelled(line, rng), plain([line])[:-1], json.dumps(line).encode()])
        for line in lines
    ]
    data = rng.choice([b"", b"\xef\xbb\xbf"]) + end.join(rows) + rng.choice([b"", end])
    if rng.random() < 0.5:
        return gzip.compress(data), "train.jsonl.gz"
    return data, "train.json"


@pytest.mark.parametrize("kind", DATASETS)
@settings(  # whole conversations are large by nature
    max_examples=12,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    st.lists(conversations(), min_size=1, max_size=3), st.randoms(use_true_random=False), st.data()
)
def test_rows_are_the_same_however_they_are_written(
    kind: str, lines: list[dict[str, Any]], rng: Random, data: st.DataObject
) -> None:
    dataset = DATASETS[kind]
    first = identity(prepared(plain(lines), dataset))

    assert identity(prepared(*arguments(lines, rng, dataset))) == first

    row = data.draw(st.sampled_from(lines))
    row["messages"][-1]["content"] += "!"
    assert identity(prepared(*arguments(lines, rng, dataset))) != first


def arguments(
    lines: list[dict[str, Any]], rng: Random, dataset: Dataset
) -> tuple[bytes, Dataset, str]:
    data, name = rewritten(lines, rng)
    return data, dataset, name


@pytest.mark.parametrize("method", FORMS)
@pytest.mark.parametrize("seed", range(20))
def test_so_are_those_of_every_format(method: Method, seed: int) -> None:
    lines = FORMS[method]
    data, name = rewritten(lines, Random(seed))
    one = prepared(plain(lines), DATASETS["alone"], method=method)

    assert identity(prepared(data, DATASETS["alone"], name, method)) == identity(one)


def test_blank_lines_are_not_rows() -> None:
    data = plain(FORMS[Method.SUPERVISED])
    spaced = b"\n \t\r\n" + data.replace(b"\n", b"\n\n")

    for dataset in (DATASETS["alone"], DATASETS["cut"]):
        one, other = prepared(data, dataset), prepared(spaced, dataset)
        assert inputs(spec(Path(), dataset), one, GENERIC) == inputs(
            spec(Path(), dataset), other, GENERIC
        )


def test_the_order_of_rows_counts_and_files_do_not() -> None:
    lines = FORMS[Method.SUPERVISED]
    one = prepared(plain(lines), DATASETS["alone"])
    assert identity(prepared(plain(lines[::-1]), DATASETS["alone"])) != identity(one)

    with TemporaryDirectory() as folder:
        for number, line in enumerate(lines):
            (Path(folder) / f"train.{number}.jsonl").write_bytes(plain([line]))
        several = check_dataset(spec(Path(folder), DATASETS["alone"]), GENERIC)
    assert identity(several) == identity(one)


def test_the_hash_of_rows_is_the_same_for_ever() -> None:
    report = prepared(HELD, DATASETS["alone"])

    assert report.train is not None
    assert report.train.stream.rows == GOLDEN
    row = HELD.rstrip().replace(b":", b": ").replace(b",", b", ")
    assert sha256(sha256(row).digest()).hexdigest() == GOLDEN


GOLDEN = "3e8bbd65ff178aa7f3b6699d0a70e670df1c4d02b5a885c4d0bea7ddf8c0b8c2"


def test_another_spelling_is_a_repetition_and_no_contradiction() -> None:
    line = FORMS[Method.SUPERVISED][1]
    data = plain([line]) + json.dumps(line, separators=(",", ":")).encode() + b"\n"

    report = prepared(data + respelled(line, Random(3)) + b"\n", DATASETS["alone"])

    assert {finding.code for finding in report.findings} == {"FT250"}


def test_another_spelling_in_validation_is_a_leak() -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "train.jsonl").write_bytes(HELD.replace(b":", b" : "))
        (Path(folder) / "held.jsonl").write_bytes(HELD)
        report = check_dataset(spec(Path(folder), DATASETS["two"]), GENERIC)

    assert [finding.code for finding in report.findings] == ["FT252"]


def test_nothing_is_hashed_where_nothing_is_sent() -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "train.jsonl").write_bytes(HELD)
        one = spec(Path(folder), DATASETS["alone"])
        hashed, other = check_dataset(one, GENERIC), check_dataset(one, GENERIC, hashed=False)

    assert hashed.train is not None
    assert other.train is not None
    assert (other.train.stream.sha256, other.train.stream.rows) == ("", "")
    assert replace(other.train, stream=hashed.train.stream) == hashed.train
    assert other.train.stream.size == hashed.train.stream.size
