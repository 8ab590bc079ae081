"""The bundled mock provider inside this process, for `--mock`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mockserver.server import MockServer, Settings

DUMMY_KEY = "mock-key"
SPEED = 150.0  # minutes of training pass in seconds


@contextmanager
def mock_provider(database: Path) -> Iterator[str]:
    """Serve on a free loopback port for the block; yields the base URL."""
    database.parent.mkdir(parents=True, exist_ok=True)
    with MockServer(Settings(db=database, speed=SPEED)) as server:
        yield server.base_url
