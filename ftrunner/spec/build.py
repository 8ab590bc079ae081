"""A document without faults becomes the frozen `Spec`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ftrunner.document.document import Document
from ftrunner.spec.model import (
    Asking,
    Assertion,
    Budget,
    Dataset,
    Fraction,
    Method,
    Prompt,
    Spec,
    Tests,
    Wait,
)

_AS_THEY_ARE = (
    "name",
    "model",
    "provider",
    "base_url",
    "api_key_env",
    "suffix",
    "hyperparameters",
    "grader",
    "seed",
    "metadata",
    "extra_headers",
    "extra_body",
    "deployment",
    "model_name",
    "providers",
    "prices",
)
_NEGATION = "not"
COMBINED = ("all_of", "any_of")


def build_spec(document: Document, path: Path) -> Spec:
    """The spec that a document says, once schema and rules accepted it."""
    root: Mapping[str, Any] = document.root
    return Spec(
        path=path,
        dataset=_dataset(root["dataset"]),
        method=Method(root.get("method", Method.SUPERVISED)),
        integrations=tuple(root.get("integrations", ())),
        missing=tuple(root.get("missing", ())),
        allow_loss=tuple(root.get("allow_loss", ())),
        budget=Budget(**root.get("budget", {})),
        wait=_wait(root.get("wait", {})),
        tests=_tests(root.get("tests")),
        source=document.source,
        **{key: root[key] for key in _AS_THEY_ARE if key in root},
    )


def _dataset(value: Mapping[str, Any]) -> Dataset:
    validation = value.get("validation")
    if isinstance(validation, dict):
        split = Fraction(validation["fraction"], validation.get("seed", 0))
        return Dataset(_paths(value["train"]), split)
    return Dataset(_paths(value["train"]), None if validation is None else _paths(validation))


def _paths(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _wait(value: Mapping[str, str]) -> Wait:
    return Wait(
        timeout=seconds(value.get("timeout", "6h")),
        stall_after=seconds(value.get("stall_after", "30m")),
    )


def _tests(value: Mapping[str, Any] | None) -> Tests:
    if value is None:
        return Tests()
    prompts = tuple(_prompt(prompt, value) for prompt in value["prompts"])
    return Tests(prompts, value.get("request", {}), _asking(value.get("run", {})))


def _asking(value: Mapping[str, Any]) -> Asking:
    given = dict(value)
    if "answers_from" in given:
        given["answers_from"] = age(given["answers_from"])
    return Asking(**given)


def _prompt(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> Prompt:
    repeat, pass_at_least = attempts(value, defaults)
    return Prompt(
        name=value["name"],
        messages=tuple(_messages(value)),
        expect=tuple(_assertion(item) for item in value["expect"]),
        repeat=repeat,
        pass_at_least=pass_at_least,
    )


def attempts(prompt: Mapping[str, Any], defaults: Mapping[str, Any]) -> tuple[int, int]:
    """How often a prompt is asked and how many answers must pass; its own words go first."""
    repeat = prompt.get("repeat", defaults.get("repeat", 1))
    return repeat, prompt.get("pass_at_least", defaults.get("pass_at_least", repeat))


def _messages(prompt: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "system" in prompt:
        yield {"role": "system", "content": prompt["system"]}
    if "user" in prompt:
        yield {"role": "user", "content": prompt["user"]}
    yield from prompt.get("messages", ())


def _assertion(value: Mapping[str, Any], *, negated: bool = False) -> Assertion:
    ((kind, expected),) = value.items()
    if kind == _NEGATION:
        return _assertion(expected, negated=not negated)
    if kind in COMBINED:
        expected = tuple(_assertion(inner) for inner in expected)
    elif isinstance(expected, list):
        expected = tuple(expected)
    return Assertion(kind, expected, negated)


_DURATION = re.compile(r"(?:(?P<h>[0-9]+)h)?(?:(?P<m>[0-9]+)m)?(?:(?P<s>[0-9]+)s)?")


def seconds(text: str) -> float:
    """The seconds in a duration that the schema accepted."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + rest)


def age(text: str) -> float:
    """The seconds in an age that the schema accepted."""
    if text.endswith("d"):
        return float(int(text[:-1]) * 24 * 3600)
    return seconds(text)
