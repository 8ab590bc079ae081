"""Uploads one file as the runner does: `python -m tests.bench.apply.send_one FILE BASE_URL`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

from ftrunner.api.client import Client, Connection, Upload
from ftrunner.api.http.transport import RequestsTransport
from ftrunner.clock import SystemClock
from ftrunner.dataset.files.prepared import StreamHasher
from ftrunner.dataset.files.reader import DataFile, read_blocks
from ftrunner.providers import registry
from tests.bench.processes import resident


def main(path: Path, base_url: str) -> None:
    """Print the peak of memory, in bytes."""
    source = DataFile(path.name, path)
    hasher = StreamHasher("train")
    for block in read_blocks(source):
        hasher.add(block)
    stream = hasher.finish([source], examples=0)
    assert stream is not None
    with RequestsTransport() as transport:
        client = Client(
            registry.get("openai"),
            Connection(
                base_url=base_url,
                transport=transport,
                key="sk-mock",
                clock=SystemClock(),
                random=Random(0),
                on_retry=print,
            ),
        )
        client.create_file(Upload(stream.filename, stream.size, stream.blocks))
    print(resident(os.getpid(), "VmHWM"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
