"""How fast rows are asked, beside the ideal and a bare loop. `pytest -s` prints it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from tests.bench.asking import slow_server
from tests.bench.asking.asking import ask, ask_barely, took, write
from tests.bench.mockserver.bench_speed import free_port, wait_for
from tests.bench.processes import ratio

ROWS = 500
ROUNDS = 3
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, slow_server.__file__, str(port)]
    with subprocess.Popen(command) as server:
        try:
            wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.mark.parametrize(("workers", "bound"), [(16, 1.10), (64, 1.4)])
def test_workers_hardly_wait_for_each_other(
    url: str, tmp_path: Path, workers: int, bound: float
) -> None:
    ideal = ROWS / workers * slow_server.DELAY
    ours, theirs = [], []
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        spec = write(folder, url, ROWS, workers)
        ours.append(took(lambda: ask(spec)))  # noqa: B023 - it is called here
        theirs.append(took(lambda: ask_barely(url, folder, workers)))  # noqa: B023 - the same

    times = median(each.seconds for each in ours) / ideal
    bare = median(each.seconds for each in theirs) / ideal
    print(f"\n{ROWS} rows, {workers} workers: {times:.2f} times the ideal {ideal:.2f} s", end="")
    print(f" (bound {bound}), a bare loop {bare:.2f} times")
    assert times <= bound


def test_an_answer_takes_little_more_than_its_request(url: str, tmp_path: Path) -> None:
    bound = 1.6
    ours, theirs = [], []
    for number in range(ROUNDS):
        folder = tmp_path / str(number)
        folder.mkdir()
        spec = write(folder, url, ROWS, 16)
        ours.append(took(lambda: ask(spec)))  # noqa: B023 - it is called here
        theirs.append(took(lambda: ask_barely(url, folder, 16)))  # noqa: B023 - the same

    mine, bare = (min(each.processor for each in both) / ROWS for both in (ours, theirs))
    print(f"\nprocessor time of an answer: {1000 * mine:.2f} ms, of a bare loop {1000 * bare:.2f}")
    print(f"ms: {mine / bare:.2f} times (bound {bound})")
    assert mine <= bound * bare


def test_memory_of_two_thousand_rows(url: str, tmp_path: Path) -> None:
    bound = 100e6
    command = [sys.executable, "-m", "tests.bench.asking.asking", url, str(tmp_path), "2000", "32"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)

    megabytes = int(done.stdout) / 1e6
    print(f"\n2,000 rows and two models take {megabytes:.0f} MB (bound {bound / 1e6:.0f})")
    assert megabytes * 1e6 < bound


def test_a_test_with_all_answers_there(url: str, tmp_path: Path) -> None:
    bound = 40
    write(tmp_path, url, 2_000, 32)
    command = (sys.executable, "-m", "tests.bench.asking.asking", url, str(tmp_path), "2000", "32")
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)

    times = ratio(command, cwd=ROOT)

    print(f"\n2,000 rows and two models, all stored: {times:.0f} times `python -c pass`", end="")
    print(f" (bound {bound})")
    assert times <= bound
