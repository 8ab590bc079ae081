"""The bundled mock provider inside this process, for `--mock`.

This is the one place that imports it, and only once it is needed: it takes longer to load than most
commands run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ftrunner.cli.error_output import aside
from ftrunner.errors import ExitCode, FtrunnerError

DUMMY_KEY = "mock-key"
SPEED = 150.0  # minutes of training pass in seconds


def scenario_names() -> Sequence[str]:
    """The names of the ready-made scenarios."""
    from mockserver.faults.scenario import scenario_names as ready_made  # noqa: PLC0415

    return ready_made()


class MockCannotStart(FtrunnerError):
    """A port, a database or a scenario that cannot be used."""

    exit_code = ExitCode.INVALID


@contextmanager
def mock_provider(
    database: Path, scenario: str | None, dialect: str, deployed_as: str | None = None
) -> Iterator[str]:
    """Serve on a free loopback port for the block; yields the base URL.

    A `dialect` that the mock does not speak is OpenAI's, on which a profile of the user's own is
    mostly built. A model that the user deploys answers to `deployed_as` as soon as it is trained.
    Raises MockCannotStart, for an unknown scenario too.
    """
    from mockserver.dialects import NAMES, OPENAI  # noqa: PLC0415
    from mockserver.server import MockServer, ServerStartError, Settings  # noqa: PLC0415

    database.parent.mkdir(parents=True, exist_ok=True)
    spoken = dialect if dialect in NAMES else OPENAI
    settings = Settings(
        db=database,
        speed=SPEED,
        scenario=scenario,
        dialect=spoken,
        deployed_as=deployed_as,
        base_deployed=True,
    )
    server = MockServer(settings)
    try:
        server.start()
    except (OSError, ValueError, ServerStartError) as error:
        raise MockCannotStart(f"the mock server cannot start: {error}", code="FT340") from error
    try:
        yield server.base_url
        if unfired := server.unfired:  # ended well, perhaps for that reason alone
            aside(f"warning: this run did not meet what the scenario sets: {', '.join(unfired)}")
    finally:
        server.stop()
