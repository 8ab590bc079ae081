"""In how much memory data is checked; `pytest -s` prints it.

`BENCH_MEMORY_BYTES=300000000,3000000000` names the sizes of the files, which are made for it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.bench.dataset.checking import check, cores
from tests.bench.dataset.making import write_chat

SIZES = [int(size) for size in os.environ.get("BENCH_MEMORY_BYTES", "300000000").split(",")]
BOUND = 250_000_000
PER_LINE = 16


@pytest.mark.parametrize("size", SIZES)
def test_memory_of_all_processes_together(size: int, tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"
    try:
        lines = write_chat(path, size)
        took = check(path, hashed=True)
    finally:
        path.unlink(missing_ok=True)

    bound = BOUND + PER_LINE * lines
    print(f"\n{size / 1e6:,.0f} MB, {lines:,} lines: {size / took.seconds / 1e6:.0f} MB/s, and on")
    print(f"{cores()} cores together {took.memory / 1e6:.0f} MB (bound {bound / 1e6:.0f})")
    assert took.memory < bound
