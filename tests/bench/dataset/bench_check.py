"""How fast data is checked beside other checkers; `pytest -s` prints it."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

import bpe_openai  # type: ignore[import-untyped]
import msgspec
import pytest

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.files.reader import DataFile, read_blocks
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.conversation import Example
from ftrunner.dataset.lines.forms import Form, validator
from ftrunner.dataset.lines.line import parse
from tests.bench.dataset.checking import check, cores
from tests.bench.dataset.making import beginning
from tests.bench.dataset.peers import PEERS, PYTHON, Peer, run
from tests.bench.processes import PROGRAM, ratio
from tests.bench.table import Row, add

T = TypeVar("T")

ROUNDS = 3
TOOL = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}},
    },
}


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.package)
def test_speed_beside(peer: Peer, data: Path) -> None:
    """In turn, as machines change their pace; the best round of each counts. No peer hashes the
    file, and neither does `data check`.
    """
    part = beginning(data, peer.size)
    theirs, ours = [], []
    for _ in range(ROUNDS):
        timing = run(peer, part)
        if timing is None:
            print(f"\n{peer.package}: not installed (see tests/bench/dataset/peers.py)")
            pytest.skip(f"{peer.package} is not installed")
        theirs.append(timing)
        ours.append(check(data, hashed=False))

    size, whole = part.stat().st_size, data.stat().st_size
    fastest = min(ours, key=lambda took: took.seconds)
    their_speed = size / min(timing.seconds for timing in theirs)
    our_speed = whole / fastest.seconds
    times = our_speed / their_speed
    their_work = min(timing.processor for timing in theirs) / size
    our_work = min(took.processor for took in ours) / whole
    undisturbed = fastest.processor > 0.8 * fastest.seconds * min(cores(), 2)
    print(f"\n{peer.package} {theirs[0].version}: {their_speed / 1e6:.1f} MB/s on one core")
    print(f"ftrunner: {our_speed / 1e6:.0f} MB/s on {cores()} cores")
    print(
        f"ftrunner is {times:.1f} times as fast (goal {peer.goal}), "
        f"and {their_work / our_work:.1f} times for the same processor time"
    )
    if not undisturbed:
        print("other processes used these cores: the speed on the clock says little")
    assert their_work / our_work >= peer.work
    assert times >= peer.floor or not undisturbed


def test_hashing_adds_what_hashing_takes(data: Path) -> None:
    """In processor time. A bare loop reads the file for each of the two hashes; what `apply` adds
    to a check reads it once more, as the rows are at hand: 0.6 to 0.9 of the loop was measured.
    """
    rounds = [
        (
            check(data, hashed=True).processor - check(data, hashed=False).processor,
            processor(hash_alone, data),
        )
        for _ in range(ROUNDS + 2)
    ]
    added, alone = (median(each) for each in zip(*rounds, strict=True))
    rival = f"a loop of hashlib {alone:.2f} s"
    what = "what hashing adds to a check for `apply`"
    add(Row(what, f"{added:.2f} s", rival, added / alone, at_most=1))


def hash_alone(path: Path) -> None:
    """The hash of the bytes, and the hash of the hash of each row."""
    rows = hashlib.sha256()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
        file.seek(0)
        for line in file:
            rows.update(hashlib.sha256(line[:-1]).digest())


def test_exact_tokens_beside_the_tokenizer_alone(data: Path) -> None:
    """Block by block, each of them once: counts of texts that come again are kept."""
    count = bpe_openai.get_encoding("o200k_base").encode_ordinary
    checker = Checker(Settings(Format.CHAT, encoding="o200k_base"))
    alone = checked = 0.0

    for block in read_blocks(DataFile("first", beginning(data, 4_000_000))):
        alone += processor(lambda texts: list(map(count, texts)), texts_of(block))
        checked += processor(checker.block, block)

    share = alone / checked
    print(f"\nexact tokens: {share:.2f} of the tokenizer's own speed (goal 0.8)")
    assert share >= 0.8


def test_lines_that_need_a_closer_look(data: Path) -> None:
    """Lines with tools, which no fast path accepts, beside decoding them and asking their schema:
    13 times that was measured, and 60 times before the rules about texts were left out of lines
    that hold nothing of what they look for.
    """
    lines = beginning(data, 4_000_000).read_bytes().splitlines()
    rows = [msgspec.json.encode({**json.loads(line), "tools": [TOOL]}) for line in lines]
    block = b"".join(row + b"\n" for row in rows)
    schema, checker = validator(Form(Format.CHAT)), Checker(Settings(Format.CHAT))

    def bare(rows: list[bytes]) -> bool:
        return all(schema.is_valid(json.loads(row)) for row in rows)

    times = [(processor(checker.block, block), processor(bare, rows)) for _ in range(ROUNDS)]
    ours, alone = map(min, zip(*times, strict=True))

    rival = f"json.loads and jsonschema_rs {alone * 1000:.0f} ms"
    add(
        Row(
            "`data check`, 4 MB with tools, no start",
            f"{ours * 1000:.0f} ms",
            rival,
            ours / alone,
            at_most=16,
        )
    )


def texts_of(block: bytes) -> list[str]:
    values = (parse(row).value for row in block.split(b"\n")[:-1])
    examples = (Example(value, Format.CHAT) for value in values if value is not None)
    return [text for example in examples for _, text in example.texts]


def processor(work: Callable[[T], object], item: T) -> float:
    """Processor time, which other processes disturb less."""
    start = time.process_time()
    work(item)
    return time.process_time() - start


def command(path: Path) -> list[str]:
    return [*PROGRAM, "data", "check", str(path)]


@pytest.mark.parametrize("lines", [10, 1_000])
def test_a_small_file_is_checked_sooner_than_by_parallelogram(lines: int, tmp_path: Path) -> None:
    rival = Path(PYTHON).with_name("parallelogram")
    if not rival.exists():
        pytest.skip("parallelogram is not installed (see tests/bench/dataset/peers.py)")
    path = tmp_path / "small.jsonl"
    rows = [
        {"messages": [{"role": "user", "content": f"Tell me of whale {number}."},
                      {"role": "assistant", "content": f"It is number {number}."}]}
        for number in range(lines)
    ]  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    times = ratio(command(path), [str(rival), "check", str(path)])

    add(Row(f"`data check`, {lines:,} lines", "time", "parallelogram", times, at_most=1))


@pytest.mark.parametrize(("size", "bound"), [(100_000_000, 0.6), (300_000_000, 0.5)])
def test_a_large_file_as_a_whole_process_beside_together(
    size: int, bound: float, data: Path
) -> None:
    rival = "import sys; from together.lib.utils.files import check_file; check_file(sys.argv[1])"
    part = beginning(data, size)
    if run(PEERS[0], beginning(data, 1_000_000)) is None:
        pytest.skip("together is not installed (see tests/bench/dataset/peers.py)")
    is_quiet = os.getloadavg()[0] < cores()

    times = ratio(command(part), [PYTHON, "-c", rival, str(part)])

    # A loaded machine has no cores to share the work among.
    most = bound if is_quiet else None
    add(Row(f"`data check`, {size / 1e6:.0f} MB", "time", "together", times, at_most=most))
