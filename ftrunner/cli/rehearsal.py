"""The bundled mock provider inside this process, for `--mock`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ftrunner.errors import ExitCode, FtrunnerError
from mockserver.server import MockServer, Settings

DUMMY_KEY = "mock-key"
SPEED = 150.0  # minutes of training pass in seconds


class MockCannotStart(FtrunnerError):
    """A port, a database or a scenario that cannot be used."""

    exit_code = ExitCode.INVALID


@contextmanager
def mock_provider(database: Path, scenario: str | None) -> Iterator[str]:
    """Serve on a free loopback port for the block; yields the base URL.

    Raises MockCannotStart, for an unknown scenario too.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    server = MockServer(Settings(db=database, speed=SPEED, scenario=scenario))
    try:
        server.start()
    except (OSError, ValueError) as error:
        raise MockCannotStart(f"the mock server cannot start: {error}", code="FT340") from error
    try:
        yield server.base_url
    finally:
        server.stop()
