"""The fixture `ft_mock`: a mock provider for one test, with a clock that the test moves.

The server starts once per session, when a test first uses it, and is reset before each test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest

from mockserver.client import FtMock
from mockserver.dialects import OPENAI

_MARKER = (
    "ft_mock(dialect, null_error): the provider whose API `ft_mock` speaks, such as azure; and "
    "whether `error` of a healthy job is null."
)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", _MARKER)


@pytest.fixture(scope="session")
def ft_mock_origins() -> Iterator[Callable[..., str]]:
    """The URL of this session's mock provider for a dialect; the server starts on first use."""
    # Every pytest run in the environment loads this module, but few need a server.
    from mockserver.server import MockServer, Settings  # noqa: PLC0415 - loaded when asked for

    with ExitStack() as servers:

        @cache
        def origin(dialect: str, *, null_error: bool = False) -> str:
            settings = Settings(clock="manual", seed=0, dialect=dialect, null_error=null_error)
            return servers.enter_context(MockServer(settings)).origin

        yield origin


@pytest.fixture(scope="session")
def ft_mock_origin(ft_mock_origins: Callable[..., str]) -> str:
    """The URL of this session's mock provider in the OpenAI dialect."""
    return ft_mock_origins(OPENAI)


@pytest.fixture
def ft_mock(
    request: pytest.FixtureRequest, ft_mock_origins: Callable[..., str]
) -> Iterator[FtMock]:
    """A mock fine-tuning provider: base_url, api_key, advance(), fault(), verdict() and more.

    `@pytest.mark.ft_mock(dialect="azure")` chooses the provider's API. With `null_error=True`
    a healthy job's `error` is null, as strict clients expect. A fault that is set but never
    applied fails the test.
    """
    marker = request.node.get_closest_marker("ft_mock")
    chosen = dict(marker.kwargs) if marker else {}
    dialect = chosen.pop("dialect", OPENAI)
    mock = FtMock(ft_mock_origins(dialect, **chosen), dialect)
    mock.reset()
    yield mock
    unfired = mock.unfired
    if unfired:
        pytest.fail(f"faults that never applied: {', '.join(unfired)}", pytrace=False)
