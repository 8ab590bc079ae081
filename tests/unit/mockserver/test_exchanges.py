from __future__ import annotations

import pytest

from mockserver.verdict.exchanges import Exchange, Exchanges

KEY = "sk-abcdefghijklmnopqrstuvwxyz"


def begin(query: str = "", *, key: str = KEY) -> Exchange:
    return log().begin(scope(query, key), "/files")


def log(capacity: int = 10) -> Exchanges:
    return Exchanges(now=lambda: 5.0, real=lambda: 1.0, capacity=capacity)


def scope(query: str = "", key: str = KEY) -> dict[str, object]:
    return {
        "method": "GET",
        "path": "/files",
        "query_string": query.encode(),
        "headers": [(b"authorization", f"Bearer {key}".encode())],
    }


def test_keys_are_never_kept_whole() -> None:
    assert begin().key == "sk-***wxyz"
    assert begin(key="short").key == "***"


@pytest.mark.parametrize(
    "query", [f"api_key={KEY}", f"limit=3&key={KEY}", f"after={KEY}", "token=secret"]
)
def test_a_key_in_the_url_is_noticed_and_hidden(query: str) -> None:
    exchange = begin(query)

    assert exchange.key_in_url
    assert KEY not in exchange.query
    assert "secret" not in exchange.query


def test_ordinary_queries_are_kept() -> None:
    exchange = begin("limit=3&metadata[run]=7")

    assert (exchange.query, exchange.key_in_url) == ("limit=3&metadata[run]=7", False)


def test_only_the_latest_are_remembered() -> None:
    kept = log(capacity=3)
    for _ in range(5):
        kept.begin(scope(), "/files")

    assert [exchange.number for exchange in kept.all()] == [3, 4, 5]
    assert kept.forgotten == 2
