"""The schema, the model, the code and the examples say the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ftrunner.document import schema
from ftrunner.evaluation import assertions
from ftrunner.spec.build_tests import CLAIMS
from ftrunner.spec.load import load_spec
from ftrunner.spec.model import Budget, Dataset, Method, Spec, Wait
from ftrunner.spec.testing import Asking, Gate, Opponent, Prompt
from ftrunner.spec.testing import Tests as TestsModel
from ftrunner.spec.testing import TestSet as SetModel

SPEC = schema.load("spec")
EXAMPLES = sorted((Path(__file__).parents[3] / "specs").glob("*.yaml"))
# The schema's `user` and `system` become messages; `path` and `source` are where a spec is from.
NOT_WRITTEN = {"path", "source", "findings"}


def properties(node: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property and definition in the schema, with its path."""
    if isinstance(node, dict):
        for group in ("properties", "$defs"):
            for key, value in node.get(group, {}).items():
                yield f"{name}.{key}", value
                yield from properties(value, f"{name}.{key}")
        for group in ("anyOf", "items"):
            inner = node.get(group, [])
            for item in inner if isinstance(inner, list) else [inner]:
                yield from properties(item, name)


def fields_of(model: Any) -> set[str]:
    return {field.name for field in fields(model)}


def keys_of(*path: str | int) -> set[str]:
    node: Any = SPEC
    for part in path:
        node = node[part]
    return set(node["properties"])


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SPEC)


@pytest.mark.parametrize(("name", "node"), list(properties(SPEC)), ids=lambda item: str(item)[:40])
def test_every_property_is_explained(name: str, node: dict[str, Any]) -> None:
    assert {"title", "description", "examples"} <= node.keys(), name
    assert node["description"].endswith("."), name


@pytest.mark.parametrize(("name", "node"), list(properties(SPEC)), ids=lambda item: str(item)[:40])
def test_every_example_is_valid(name: str, node: dict[str, Any]) -> None:
    validator = Draft202012Validator(SPEC).evolve(schema=node)

    for example in [*node["examples"], *([node["default"]] if "default" in node else [])]:
        assert list(validator.iter_errors(example)) == [], name


def test_the_model_has_what_the_schema_has() -> None:
    assert fields_of(Spec) - NOT_WRITTEN == keys_of() - {"version"}
    assert fields_of(Dataset) == keys_of("properties", "dataset")
    assert fields_of(Budget) == keys_of("properties", "budget")
    assert fields_of(Wait) == keys_of("properties", "wait")
    assert fields_of(TestsModel) <= keys_of("properties", "tests")
    assert fields_of(Prompt) == keys_of("$defs", "prompt") - {"user", "system"}
    assert fields_of(Asking) == keys_of("properties", "tests", "properties", "run")
    assert fields_of(SetModel) - {"name"} == keys_of("$defs", "test_set")
    assert fields_of(Gate) == keys_of("$defs", "gate")
    assert fields_of(Opponent) == keys_of("$defs", "opponent", "anyOf", 1)
    assert set(CLAIMS) < fields_of(Gate)


def test_the_methods_are_the_schemas() -> None:
    assert [str(method) for method in Method] == SPEC["properties"]["method"]["enum"]


def test_every_kind_of_expectation_can_be_judged() -> None:
    assert keys_of("$defs", "assertion") - {"not"} == set(assertions.KINDS)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_spec_is_valid(path: Path) -> None:
    loaded = load_spec(path, environment={}, variables={})

    assert loaded.findings == ()
    assert loaded.spec is not None
    assert loaded.spec.name == path.stem
    assert path.read_text(encoding="utf-8").startswith("# yaml-language-server: $schema=")


def test_the_full_spec_shows_every_key() -> None:
    text = (EXAMPLES[0].parent / "full.yaml").read_text(encoding="utf-8")
    keys = {name.rpartition(".")[2] for name, _ in properties(SPEC["properties"])}
    keys |= keys_of() | keys_of("$defs", "prompt") | keys_of("$defs", "assertion")

    assert {key for key in keys if key not in text} == set()
