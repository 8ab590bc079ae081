"""A right body for every request that has one, in every dialect, to be spoilt by tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

GRADER = {
    "type": "multi",
    "name": "both",
    "graders": {
        "same": {
            "type": "string_check", "name": "same", "input": "{{sample.output_text}}",
            "reference": "{{item.right}}", "operation": "eq",
        },
        "like": {
            "type": "text_similarity", "name": "like", "input": "{{sample.output_text}}",
            "reference": "deep", "evaluation_metric": "fuzzy_match",
        },
        "judged": {
            "type": "score_model", "name": "judged", "model": "gpt-4o-mini",
            "input": [{"role": "user", "content": "Score {{sample.output_text}}"}],
            "range": [0, 1], "sampling_params": {"temperature": 0},
        },
    },
    "calculate_output": "same + like + judged",
}  # fmt: skip
CHAT: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "messages": [
        {"role": "system", "content": "Be short."},
        {"role": "user", "content": [{"type": "text", "text": "Hello"}], "name": "me"},
        {
            "role": "assistant", "content": None,
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "content": "{}", "tool_call_id": "c"},
    ],
    "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
    "tool_choice": {"type": "function", "function": {"name": "f"}},
    "response_format": {
        "type": "json_schema",
        "json_schema": {
            "name": "n",
            "schema": {"type": "object", "properties": {"a": {"type": "string"}}},
        },
    },
    "stream": True, "stream_options": {"include_usage": True}, "stop": ["x"], "n": 2, "seed": 3,
    "logit_bias": {"1": 0}, "logprobs": True, "top_logprobs": 2, "store": True,
    "metadata": {"a": "b"}, "temperature": 1, "max_tokens": 5, "modalities": ["text"],
}  # fmt: skip
HYPERPARAMETERS = {"n_epochs": 2, "batch_size": "auto", "learning_rate_multiplier": 1.5}
JOB: dict[str, Any] = {
    "model": "gpt-4o-mini",
    "training_file": "file-a",
    "validation_file": "file-b",
    "suffix": "s",
    "seed": 1,
    "metadata": {"a": "b"},
    "integrations": [{"type": "wandb", "wandb": {"project": "p", "tags": ["t"]}}],
    "method": {
        "type": "reinforcement",
        "reinforcement": {"grader": GRADER, "hyperparameters": HYPERPARAMETERS},
    },
}
FIXTURES: dict[str, Any] = {
    "files": [{"id": "file-a", "lines": []}, {"id": "file-b", "content": ""}],
    "uploads": [{"id": "upload-a", "parts": [{"id": "part-a", "content": "x"}]}],
    "jobs": [
        {"id": "ftjob-a", "training_file": "file-a", "status": "running"},
        {"id": "ftjob-b", "training_file": "file-a", "fine_tuned_model": "ft:a"},
    ],
    "permissions": [{"id": "cp-a", "checkpoint": "ft:a", "project_id": "p"}],
    "completions": [{"id": "chat-a", "messages": [{"role": "user", "content": "Hello"}]}],
    "models": [{"id": "gpt-next"}],
}
SCENARIO: dict[str, Any] = {
    "name": "s",
    "faults": [
        {
            "match": {"method": "PUT", "path": "/nowhere/*", "nth": 1, "times": 1},
            "do": {"status": 500, "headers": {"a": "b"}, "set": {"a": 1}, "drop_items": [0]},
        }
    ],
    "jobs": [{"nth": 9, "error": {"code": "c", "message": "m"}, "status_words": {"a": "b"}}],
}
OPENAI: list[tuple[str, str, Any]] = [
    ("POST", "/v1/chat/completions", CHAT),
    ("POST", "/v1/chat/completions/chat-a", {"metadata": {"a": "b"}}),
    ("POST", "/v1/fine_tuning/jobs", JOB),
    (
        "POST", "/v1/fine_tuning/alpha/graders/run",
        {"grader": GRADER, "model_sample": "deep", "item": {"right": "deep"}},
    ),
    ("POST", "/v1/fine_tuning/alpha/graders/validate", {"grader": GRADER}),
    ("POST", "/v1/fine_tuning/checkpoints/ft:a/permissions", {"project_ids": ["p"]}),
    (
        "POST", "/v1/uploads",
        {
            "filename": "f", "purpose": "fine-tune", "bytes": 1, "mime_type": "m",
            "expires_after": {"anchor": "created_at", "seconds": 3600},
        },
    ),
    ("POST", "/v1/uploads/upload-a/complete", {"part_ids": ["part-a"]}),
    ("POST", "/_mock/seed", FIXTURES),
    ("POST", "/_mock/faults", SCENARIO),
    ("POST", "/_mock/clock/advance", {"seconds": 1}),
]  # fmt: skip
ARM = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
_SETTINGS = {"n_epochs": 2, "batch_size": 4}
_TUNING: dict[str, Any] = {
    "azure": JOB,
    "nebius": {
        "validation_file": None, "suffix": "s", "seed": 1,
        "hyperparameters": {**_SETTINGS, "lora": True, "lora_r": 8, "learning_rate": 0.1},
    },
    "together": {
        "n_epochs": 1, "n_checkpoints": 1, "batch_size": 8, "learning_rate": 0.1, "suffix": "s",
        "random_seed": 1, "validation_file": None,
        "training_type": {"type": "Lora", "lora_r": 8, "lora_alpha": 8},
        "training_method": {"method": "sft", "train_on_inputs": "auto"},
        "lr_scheduler": {"lr_scheduler_type": "linear", "lr_scheduler_args": {}},
    },
    "llmariner": {
        "suffix": "s", "validation_file": None, "seed": 1,
        "method": {"type": "dpo", "hyperparameters": _SETTINGS}, "hyperparameters": _SETTINGS,
    },
    "zhipu": {"suffix": "s", "hyperparameters": HYPERPARAMETERS, "request_id": "r"},
}  # fmt: skip


def dialect_requests(
    dialect: str, job: dict[str, Any], model: str, asked: str
) -> list[tuple[str, str, Any]]:
    """What a dialect takes: `job` is one that has succeeded, `asked` the name its model answers to.

    `model` is a base model that the dialect trains.
    """
    tuning = {**_TUNING[dialect], "model": model, "training_file": job["training_file"]}
    chat = {key: value for key, value in CHAT.items() if key != "store"} | {"model": asked}
    azure_model = {"format": "OpenAI", "name": job.get("fine_tuned_model"), "version": "1"}
    own: dict[str, list[tuple[str, str, Any]]] = {
        "azure": [
            ("POST", "/openai/v1/fine_tuning/jobs", {**tuning, "trainingType": "standard"}),
            ("POST", "/openai/v1/chat/completions", chat),
            ("POST", f"/openai/deployments/{asked}/chat/completions?api-version=2025-04-01", chat),
            (
                "PUT", f"{ARM}/deployments/more",
                {
                    "sku": {"name": "standard", "capacity": 1},
                    "properties": {"model": azure_model},
                },
            ),
        ],
        "nebius": [
            ("POST", "/v1/fine_tuning/jobs", tuning),
            ("POST", "/v1/chat/completions", chat),
            ("POST", "/v0/models", {"name": "t", "base_model": model, "source": f"{job['id']}:x"}),
        ],
        "together": [
            ("POST", "/v1/fine-tunes", tuning),
            ("POST", "/v1/chat/completions", chat),
            ("POST", "/v1/fine-tunes/estimate-price", tuning),
            ("POST", "/v2/projects/p/endpoints", {"name": "more"}),
        ],
        "llmariner": [
            ("POST", "/v1/fine_tuning/jobs", tuning),
            ("POST", "/v1/chat/completions", chat),
        ],
        "zhipu": [
            ("POST", "/api/paas/v4/fine_tuning/jobs", tuning),
            ("POST", "/api/paas/v4/chat/completions", chat),
            (
                "POST", "/_mock/console/deployments",
                {"model": job.get("fine_tuned_model"), "name": "more"},
            ),
        ],
    }  # fmt: skip
    return own[dialect]


def places(value: Any) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a document, and to the document itself."""
    yield ()
    if isinstance(value, dict | list):
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from ((key, *way) for way in places(each))


def with_value(document: Any, way: tuple[Any, ...], value: Any) -> Any:
    """A copy of the document with another value in one place."""
    if not way:
        return value
    copy = dict(document) if isinstance(document, dict) else list(document)
    copy[way[0]] = with_value(document[way[0]], way[1:], value)
    return copy
