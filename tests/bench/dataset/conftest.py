"""The large file that the benches of data share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.dataset.making import write_chat

SIZE = int(os.environ.get("BENCH_DATA_BYTES", "300000000"))


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("bench") / "chat.jsonl"
    lines = write_chat(path, SIZE)
    size = path.stat().st_size
    print(f"\nchat file: {size / 1e6:.0f} MB, {lines:,} lines of {size / lines:.0f} bytes")
    yield path
    path.unlink()
