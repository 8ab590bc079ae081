"""Where a model is that a spec is compared with; no key of one place goes to another."""

from __future__ import annotations

from pathlib import Path

import pytest

from ftrunner.cli.loading import load, opponent
from ftrunner.cli.options import TargetOptions
from ftrunner.engine.target import Target
from ftrunner.providers.registry import UnknownProvider
from ftrunner.spec.model import Spec
from ftrunner.spec.testing import Opponent

SPEC = """\
version: 1
name: s
provider: openai
api_key_env: OUR_KEY
extra_headers: {x-gateway: "${env:SECRET}"}
model: gpt-4o-mini-2024-07-18
dataset: {train: train.jsonl}
providers: {together: {model: a/b, api_key_env: THEIR_KEY}}
"""


def at(folder: Path, other: Opponent, *, mock: bool = False) -> tuple[Spec, Target]:
    path = folder / "s.yaml"
    path.write_text(SPEC, encoding="utf-8")
    loaded = load(path, TargetOptions(mock=mock), {"SECRET": "a secret of ours"})
    return opponent(loaded.spec, loaded.target(), other)


@pytest.mark.parametrize(
    ("other", "endpoint", "key"),
    [
        (Opponent("r", "m", provider="together"), "https://api.together.ai/v1", "THEIR_KEY"),
        (
            Opponent("r", "m", base_url="https://api.example.com/v1"),
            "https://api.example.com/v1",
            None,
        ),
        (
            Opponent("r", "m", base_url="https://api.example.com/v1", api_key_env="K"),
            "https://api.example.com/v1",
            "K",
        ),
        (
            Opponent("r", "m", provider="nebius"),
            "https://api.tokenfactory.nebius.com/v1",
            "NEBIUS_API_KEY",
        ),
    ],
)
def test_a_key_and_headers_stay_where_they_belong(
    tmp_path: Path, other: Opponent, endpoint: str, key: str | None
) -> None:
    spec, target = at(tmp_path, other)

    assert target.endpoint == endpoint
    assert (spec.api_key_env or target.profile.api_key_env) == key
    assert spec.extra_headers == {}


def test_another_key_at_the_same_provider_is_taken(tmp_path: Path) -> None:
    spec, target = at(tmp_path, Opponent("r", "m", api_key_env="OTHER"))

    assert (spec.api_key_env, target.profile.name) == ("OTHER", "openai")
    assert spec.extra_headers == {"x-gateway": "a secret of ours"}


def test_in_a_rehearsal_the_other_provider_is_rehearsed_too(tmp_path: Path) -> None:
    _, target = at(tmp_path, Opponent("r", "m", provider="together"), mock=True)

    assert target.is_rehearsal
    assert target.profile.name == "together"


def test_an_unknown_provider_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownProvider):
        at(tmp_path, Opponent("r", "m", provider="opnai"))
