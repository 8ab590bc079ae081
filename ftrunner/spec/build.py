"""A document without faults becomes the frozen `Spec`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ftrunner.document.document import Document
from ftrunner.spec.build_tests import build_tests, seconds
from ftrunner.spec.model import Budget, Dataset, Fraction, Method, Spec, Wait

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
        notify=tuple(root.get("notify", ())),
        tests=build_tests(root.get("tests")),
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
