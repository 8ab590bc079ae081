"""The fixture `ft_mock`: a mock provider for one test, with a clock that the test moves.

The server is started once in a session, when a test first asks for it, and emptied before
each test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from mockserver.ft_mock import FtMock


@pytest.fixture(scope="session")
def ft_mock_origin() -> Iterator[str]:
    """Where the mock provider of this test session listens."""
    # Every pytest run of an environment loads this module; only some of them need a server.
    from mockserver.server import MockServer, Settings  # noqa: PLC0415 - loaded when asked for

    with MockServer(Settings(clock="manual", seed=0)) as server:
        yield server.origin


@pytest.fixture
def ft_mock(ft_mock_origin: str) -> Iterator[FtMock]:
    """A mock fine-tuning provider: base_url, api_key, advance(), fault(), verdict() and more.

    A fault that the test sets and that never strikes fails the test.
    """
    mock = FtMock(ft_mock_origin)
    mock.reset()
    yield mock
    unfired = mock.unfired
    if unfired:
        pytest.fail(f"faults that never struck: {', '.join(unfired)}", pytrace=False)
