"""Profiles by name and by address."""

from __future__ import annotations

import pytest

from ftrunner.errors import ExitCode
from ftrunner.providers import registry


@pytest.mark.parametrize(
    ("base_url", "name"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://API.OPENAI.COM/v1", "openai"),
        ("https://eu.api.openai.com/v1", "openai"),
        ("https://my-resource.openai.azure.com/openai/v1", "azure"),
        ("https://api.tokenfactory.nebius.com/v1", "nebius"),
        ("https://api.together.xyz/v1", "together"),
        ("https://open.bigmodel.cn/api/paas/v4", "zhipu"),
        ("https://www.openai-api.top/v1", "generic"),
        ("https://api.openai.com.evil.example/v1", "generic"),
        ("http://127.0.0.1:8000/v1", "generic"),
        ("http://[::1/v1", "generic"),
        ("", "generic"),
    ],
)
def test_an_address_is_recognised_by_its_whole_host(base_url: str, name: str) -> None:
    assert registry.guess(base_url).name == name


def test_an_unknown_name_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(registry.UnknownProvider) as caught:
        registry.get("opnai")

    assert caught.value.exit_code is ExitCode.INVALID
    assert caught.value.message == "there is no provider profile 'opnai'"
    assert caught.value.hint == (
        f"did you mean 'openai'? the profiles are {', '.join(registry.names())}"
    )


def test_a_name_is_not_a_path() -> None:
    with pytest.raises(registry.UnknownProvider):
        registry.get("../providers/openai")
