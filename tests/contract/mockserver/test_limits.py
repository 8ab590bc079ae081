"""A limit on requests a minute, and what the verdict says of clients that meet it."""

from __future__ import annotations

import openai
import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import RawClient
from tests.contract.mockserver.test_dialects import BASES


def test_the_official_client_waits_and_is_clean(ft_mock: FtMock) -> None:
    ft_mock.scenario({"limits": [{"requests_per_minute": 600}]})
    with openai.OpenAI(base_url=ft_mock.base_url, api_key="sk-mock", max_retries=5) as client:
        for number in range(4):
            client.chat.completions.create(
                model="gpt-4o-mini", messages=[{"role": "user", "content": str(number)}]
            )

    assert ft_mock.verdict().clean, str(ft_mock.verdict())
    assert any(request["status"] == 429 for request in ft_mock.requests)


def test_a_client_that_comes_back_at_once_is_blamed(ft_mock: FtMock, client: RawClient) -> None:
    client.ask("gpt-4o-mini", "A tokenizer is loaded.")
    ft_mock.scenario({"limits": [{"requests_per_minute": 30, "burst": 2}]})
    for _ in range(4):
        client.ask("gpt-4o-mini", "Hello")

    assert [found["rule"] for found in ft_mock.verdict().findings] == ["retry-after-ignored"]


@pytest.mark.parametrize("dialect", ["azure", "together", "zhipu"])
def test_a_dialect_refuses_in_its_own_words(dialect: str) -> None:
    with MockServer(Settings(dialect=dialect, seed=1)) as server:
        mock = FtMock(server.origin, dialect)
        mock.scenario("requests-per-minute")
        client = RawClient(server.origin + BASES.get(dialect, "/v1"))
        client.session.headers["api-key"] = "k"
        with client.session:
            answers = [client.ask("any", "Hello") for _ in range(2)]

    assert answers[1].status_code == 429
    assert "Rate limit reached" in answers[1].text
    assert "retry-after-ms" in answers[1].headers
