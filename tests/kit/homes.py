"""The walkthrough's spec at each home: what it says otherwise there, and the keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from mockserver.dialects import NAMES, OPENAI
from tests.kit.stories import stories

SPECS = Path(__file__).parents[2] / "specs"
HOMES = (*(name for name in NAMES if name != OPENAI), "generic")
"""Every home but OpenAI itself; `generic` speaks OpenAI's dialect."""
OPEN_MODEL = "meta-llama/Llama-3.1-8B-Instruct"
KEYS = {
    "AZURE_OPENAI_API_KEY": "azure-key-0123456789",
    "AZURE_MANAGEMENT_TOKEN": "entra-token-0123456789",
    "NEBIUS_API_KEY": "nebius-key-0123456789",
    "TOGETHER_API_KEY": "together-key-0123456789",
    "LLMARINER_API_KEY": "llmariner-key-0123456789",
    "ZHIPUAI_API_KEY": "zhipu-key-0123456789",
    "OPENAI_API_KEY": "openai-key-0123456789",
}


def overrides(origin: str) -> dict[str, dict[str, Any]]:
    """`providers:` of a spec that is at home at OpenAI."""
    azure = {"resource": "tales", "subscription": "s-1", "resource_group": "g-1"}
    return {
        "azure": {"deployment": {**azure, "management_url": origin}},
        "nebius": {"model": OPEN_MODEL, "hyperparameters": {"lora": True}},
        "together": {
            "model": OPEN_MODEL,
            "deployment": {"project": "p-1", "config": "projects/p-1/configs/c-1"},
        },
        "llmariner": {"model": "google-gemma-2b-it", "suffix": "stories"},
        "zhipu": {"model": "glm-4-flash"},
        "generic": {"api_key_env": "OPENAI_API_KEY"},
    }


def at_home(origin: str, **changes: Any) -> dict[str, Any]:
    """A project's files: the walkthrough's spec for OpenAI, with overrides for every other home."""
    return stories(providers=overrides(origin), **changes)


def walkthrough(origin: str) -> dict[str, Any]:
    """The article's spec and data as they are in `specs/`, with overrides for every other home."""
    spec = yaml.safe_load((SPECS / "stories.yaml").read_text(encoding="utf-8"))
    data = spec["dataset"]["train"]
    return {
        "stories.yaml": {**spec, "providers": overrides(origin)},
        data: (SPECS / data).read_text(encoding="utf-8"),
    }
