"""Addresses: one spelling each, and which of them cost money."""

from __future__ import annotations

import pytest

from ftrunner.engine.target import REHEARSAL, Target, normalise
from ftrunner.providers import registry


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("https://API.OpenAI.com/v1/", "https://api.openai.com/v1"),
        ("https://api.openai.com:443/v1", "https://api.openai.com/v1"),
        ("http://127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("https://host/v1?api-version=2", "https://host/v1?api-version=2"),
    ],
)
def test_one_address_has_one_spelling(written: str, normal: str) -> None:
    assert normalise(written) == normal


@pytest.mark.parametrize(
    ("base_url", "endpoint", "costs"),
    [
        ("https://api.openai.com/v1", "https://api.openai.com/v1", True),
        ("http://localhost:8080/v1", "http://localhost:8080/v1", False),
        ("", REHEARSAL, False),
    ],
)
def test_only_other_machines_cost_money(base_url: str, endpoint: str, costs: bool) -> None:
    assert Target(registry.get("openai"), base_url, endpoint).costs_money is costs
