"""How fast data is checked beside other checkers, and in how much memory. `pytest -s` tells."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.conversation import Example
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import parse
from ftrunner.dataset.reader import DataFile, read_blocks
from ftrunner.dataset.tokens import load_counter
from tests.bench.dataset.making import write_chat
from tests.bench.dataset.peers import PEERS, Peer, run

T = TypeVar("T")

SIZE = int(os.environ.get("BENCH_DATA_BYTES", "300000000"))
MEMORY = 250_000_000
MEMORY_PER_LINE = 16

CHECK = """
import os, sys, time, resource
from pathlib import Path
from ftrunner.dataset.validate import check_dataset
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Method
start, used = time.perf_counter(), sum(os.times()[:4])
profile = registry.get("generic")
report = check_dataset(
    Dataset((sys.argv[1],)), folder=Path(), method=Method.SUPERVISED, profile=profile
)
seconds = time.perf_counter() - start
assert not report.findings, report.findings[:3]
own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
worker = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
print(seconds, sum(os.times()[:4]) - used, own * 1024, worker * 1024)
"""


class Data:
    """The file, and what checking it took: the best of three, as a process of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines = write_chat(path, SIZE)
        self.size = path.stat().st_size
        runs = [check(path) for _ in range(3)]
        self.seconds = min(seconds for seconds, _, _ in runs)
        self.processor = min(processor for _, processor, _ in runs)
        self.memory = max(memory for _, _, memory in runs)

    @property
    def speed(self) -> float:
        return self.size / self.seconds

    def beginning(self, size: int) -> Path:
        """A file of the first lines, about `size` bytes."""
        path = self.path.with_name(f"first-{size}.jsonl")
        with self.path.open("rb") as file:
            head = file.read(size)
        path.write_bytes(head[: head.rfind(b"\n") + 1])
        return path


def check(path: Path) -> tuple[float, float, float]:
    """Seconds on the clock and of the processor, and the peak memory of all processes in bytes,
    pages they share counted for each.
    """
    done = subprocess.run(
        [sys.executable, "-c", CHECK, path], capture_output=True, encoding="utf-8", check=True
    )
    seconds, processor, own, worker = map(float, done.stdout.split())
    return seconds, processor, own + worker * cores()


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Data]:
    path = tmp_path_factory.mktemp("bench") / "chat.jsonl"
    made = Data(path)
    lines = f"{made.lines:,} lines of {made.size / made.lines:.0f} bytes"
    print(f"\nchat file: {made.size / 1e6:.0f} MB, {lines}")
    print(f"ftrunner: {made.speed / 1e6:.0f} MB/s on {cores()} cores")
    yield made
    path.unlink()


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.package)
def test_speed_beside(peer: Peer, data: Data) -> None:
    path = data.path if peer.size >= data.size else data.beginning(peer.size)
    timing = run(peer, path)

    if timing is None:
        print(f"\n{peer.package}: not installed (see tests/bench/dataset/peers.py)")
        pytest.skip(f"{peer.package} is not installed")
    size = path.stat().st_size
    speed = size / timing.seconds
    times = data.speed / speed
    on_one_core = (timing.processor / size) / (data.processor / data.size)
    print(f"\n{peer.package} {timing.version}: {speed / 1e6:.1f} MB/s")
    print(
        f"ftrunner is {times:.1f} times as fast (goal {peer.goal}), "
        f"and {on_one_core:.1f} times for the same processor time"
    )
    assert times >= peer.least


def test_memory(data: Data) -> None:
    bound = MEMORY + MEMORY_PER_LINE * data.lines

    print(f"\nall processes together: {data.memory / 1e6:.0f} MB (bound {bound / 1e6:.0f})")
    assert data.memory <= bound


def test_exact_tokens_beside_the_tokenizer_alone(data: Data) -> None:
    """Each round makes its texts anew: Python keeps a text's UTF-8 form once it was asked for."""
    counter = load_counter("o200k_base")
    blocks = list(read_blocks(DataFile("first", data.beginning(4_000_000))))
    checker = Checker(Settings(Format.CHAT, encoding="o200k_base"))

    alone, checked = [], []
    for _ in range(5):
        texts = texts_of(blocks)
        alone.append(seconds(counter.text, texts))
        checked.append(seconds(checker.block, blocks))

    share = min(alone) / min(checked)
    print(f"\nexact tokens: {share:.2f} of the tokenizer's own speed (goal 0.8, at least 0.6)")
    assert share >= 0.6


def texts_of(blocks: list[bytes]) -> list[str]:
    values = (parse(row).value for block in blocks for row in block.split(b"\n")[:-1])
    examples = (Example(value, Format.CHAT) for value in values if value is not None)
    return [text for example in examples for _, text in example.texts]


def seconds(work: Callable[[T], object], items: Iterable[T]) -> float:
    """Processor time, which other processes disturb less, for all the items."""
    start = time.process_time()
    for item in items:
        work(item)
    return time.process_time() - start
