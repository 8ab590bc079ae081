"""A running mock server and the official client pointed at it."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import RawClient


@pytest.fixture
def fast_server() -> Iterator[MockServer]:
    """Training takes a fraction of a second."""
    # The contract wants null where the service sends `{}`, and the client here is strict.
    with MockServer(Settings(speed=2000, seed=1, null_error=True)) as server:
        yield server


@pytest.fixture
def fast_client(fast_server: MockServer) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=fast_server.base_url,
        api_key="sk-mock",
        max_retries=0,
        timeout=10,
        _strict_response_validation=True,
    ) as client:
        yield client


@pytest.fixture
def client(ft_mock: FtMock) -> Iterator[RawClient]:
    made = RawClient(ft_mock.base_url, ft_mock.api_key)
    with made.session:
        yield made
