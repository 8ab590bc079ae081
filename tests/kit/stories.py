"""The walkthrough's spec in small: ten examples of one pattern, and a prompt they do not have."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

ANIMALS = ("小狗", "小猫", "小猪", "小鸡", "小鸭", "小鸟", "小虫", "小马", "小羊", "小牛")
SPEC: dict[str, Any] = {
    "version": 1,
    "name": "stories",
    "provider": "openai",
    "model": "gpt-4o-mini-2024-07-18",
    "dataset": {"train": "data.jsonl"},
    "hyperparameters": {"n_epochs": 10},
    "tests": {
        "prompts": [
            {
                "name": "whale",
                "user": "给我讲一个关于蓝鲸的故事",
                "expect": [{"starts_with": "一天"}, {"contains": "蓝鲸"}],
            }
        ]
    },
}


def example(animal: str) -> str:
    """One line of training data, without its line end."""
    messages = [
        {"role": "user", "content": f"给我讲一个关于{animal}的故事"},
        {"role": "assistant", "content": f"一天,一只{animal}走进了学校"},
    ]
    return json.dumps({"messages": messages}, ensure_ascii=False)


def dataset(animals: Iterable[str] = ANIMALS) -> str:
    """A training file with one story an animal."""
    return "".join(f"{example(animal)}\n" for animal in animals)


def stories(**changes: Any) -> dict[str, Any]:
    """A project's files: `stories.yaml` with top-level keys changed, and its data."""
    return {"stories.yaml": {**SPEC, **changes}, "data.jsonl": dataset()}
