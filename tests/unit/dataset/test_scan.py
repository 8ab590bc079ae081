from __future__ import annotations

import gzip
import random
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from ftrunner.dataset import pool, scan
from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.files.prepared import Selection, StreamHasher
from ftrunner.dataset.files.reader import DataFile
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.faults import KEPT_PER_CODE
from ftrunner.dataset.scan import Reading, scan_file
from tests.unit.dataset.samples import example

SETTINGS = Settings(Format.CHAT)


@pytest.fixture(scope="module")
def workers() -> Iterator[Reading]:
    with ProcessPoolExecutor(2, mp_context=pool.context()) as executor:
        yield partial(pool.by_workers, executor)


@pytest.fixture
def mixed(tmp_path: Path) -> DataFile:
    """A file of good, bad, blank, repeated and long lines, without a line end at its end."""
    rng = random.Random(7)
    kinds = [b"", b"{", b"\xff", b'{"messages": []}', example(1), example(2, answer=" ")]
    lines = [rng.choice([*kinds, *map(example, range(40))]) for _ in range(3000)]
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"\n".join([*lines, example(7, answer="long " * 20_000), example(8)]))
    return DataFile("mixed.jsonl", path)


@pytest.mark.parametrize("selection", [None, Selection(0.3, 7, picked=True)])
def test_workers_find_what_one_process_finds(
    mixed: DataFile, workers: Reading, monkeypatch: pytest.MonkeyPatch, selection: Selection | None
) -> None:
    monkeypatch.setattr(pool, "_RANGE", 10_000)
    settings = Settings(Format.CHAT, validation=selection)
    alone, shared = StreamHasher("train", selection), StreamHasher("train", selection)

    here = scan_file(mixed, settings, [alone])
    there = scan_file(mixed, settings, [shared], workers)

    assert here == there
    assert here.tally.lines == 3002
    assert here.tally.counts["FT211"] > 50
    assert alone.finish([mixed], 0) == shared.finish([mixed], 0)


@pytest.mark.parametrize("limit", [4999, 5000])
def test_a_file_of_blank_lines_is_read_no_further_than_a_limit(
    tmp_path: Path, workers: Reading, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(pool, "_RANGE", 1000)
    monkeypatch.setattr(scan, "MOST_BLANK", limit)
    path = tmp_path / "blank.jsonl"
    path.write_bytes(example(1) + b"\n" * 2501 + example(2) + b"\n" * 2501)
    file = DataFile("blank.jsonl", path)

    here = scan_file(file, SETTINGS, [])

    assert here == scan_file(file, SETTINGS, [], workers)
    assert here.faults == (() if limit == 5000 else (scan.MOSTLY_BLANK,))
    assert here.tally.counts["FT217"] == (5000 if limit == 5000 else 0)


def test_blank_lines_beyond_those_that_are_kept_are_only_counted() -> None:
    tally = Checker(SETTINGS).block(b"\n" * 250_000)

    assert (tally.counts["FT217"], len(tally.faults)) == (250_000, KEPT_PER_CODE)


def test_compressed_data_has_the_findings_of_plain_data(mixed: DataFile, tmp_path: Path) -> None:
    path = tmp_path / "mixed.jsonl.gz"
    path.write_bytes(gzip.compress(mixed.path.read_bytes()))

    packed = scan_file(DataFile("mixed.jsonl.gz", path), SETTINGS, [])

    assert packed.tally == scan_file(mixed, SETTINGS, []).tally


def test_a_file_that_grows_while_it_is_read_is_a_fault_and_not_followed(mixed: DataFile) -> None:
    class Meddler(StreamHasher):
        def add(self, data: bytes | memoryview) -> None:
            with mixed.path.open("ab") as file:
                file.write(bytes(data) * 2)

    scanned = scan_file(mixed, SETTINGS, [Meddler("train")])

    assert [fault.code for fault in scanned.faults] == ["FT207"]


def test_a_file_that_goes_away_is_a_fault(mixed: DataFile) -> None:
    class Remover(StreamHasher):
        def add(self, data: bytes | memoryview) -> None:
            super().add(data)
            mixed.path.unlink(missing_ok=True)

    scanned = scan_file(mixed, SETTINGS, [Remover("train")])

    assert [fault.code for fault in scanned.faults] == ["FT203"]


def test_a_worker_that_dies_is_a_fault(mixed: DataFile) -> None:
    class Dying(Executor):
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            future: Future[Any] = Future()
            future.set_exception(BrokenExecutor("killed"))
            return future

    scanned = scan_file(mixed, SETTINGS, [], partial(pool.by_workers, Dying()))

    assert [fault.code for fault in scanned.faults] == ["FT203"]
