"""The shipped profiles, the schema and the dataclasses say the same."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from importlib.resources import files
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from ftrunner.document import schema
from ftrunner.providers import profile as model
from ftrunner.providers import registry, serving, wire_mapping
from ftrunner.providers.template_faults import template_faults

SCHEMA = schema.load("provider")
NESTED = {
    "auth": model.Auth,
    "paging": model.Paging,
    "suffix": model.SuffixRule,
    "limits": model.Limits,
    "models": model.ModelNames,
    "request": wire_mapping.JobRequestForm,
    "quote": wire_mapping.QuoteForm,
    "upload": wire_mapping.UploadForm,
    "file": wire_mapping.FileForm,
    "serving": serving.Serving,
}
DEFINED = {
    "range": model.Range,
    "object": model.Operation,
    "translation": model.Translation,
    "answer": wire_mapping.AnswerForm,
    "setting": serving.Setting,
    "call": serving.Call,
    "resource": serving.Resource,
}


def _document(name: str) -> dict[str, Any]:
    document = yaml.safe_load((files("ftrunner.providers") / f"{name}.yaml").read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def _fields(kind: type) -> set[str]:
    return {field.name for field in dataclasses.fields(kind)}


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("name", registry.names())
def test_a_shipped_profile_fits_the_schema(name: str) -> None:
    validator = Draft202012Validator(SCHEMA, format_checker=FormatChecker())
    assert [error.message for error in validator.iter_errors(_document(name))] == []


@pytest.mark.parametrize("name", registry.names())
def test_a_shipped_profile_is_read_under_its_own_name(name: str) -> None:
    assert registry.get(name).name == name


@pytest.mark.parametrize("name", registry.names())
def test_a_profile_s_facts_cite_sources_that_are_listed(name: str) -> None:
    text = (files("ftrunner.providers") / f"{name}.yaml").read_text("utf-8")
    cited = {
        int(word[1:-1])
        for word in text.split()
        if word[0] + word[-1] == "[]" and word[1:-1].isdigit()
    }
    assert cited == set(range(1, len(registry.get(name).sources) + 1))


@pytest.mark.parametrize("name", registry.names())
def test_a_shipped_profile_s_templates_can_be_filled_in(name: str) -> None:
    assert list(template_faults(_document(name).get("serving", {}))) == []


def test_schema_and_profile_have_the_same_keys() -> None:
    assert set(SCHEMA["properties"]) == _fields(model.Profile)
    for name, kind in NESTED.items():
        assert set(SCHEMA["properties"][name]["properties"]) == _fields(kind)
    for name, kind in DEFINED.items():
        assert set(SCHEMA["$defs"][name]["properties"]) == _fields(kind)


def test_the_schema_s_defaults_are_the_profile_s() -> None:
    places = [(SCHEMA["properties"][name], kind) for name, kind in NESTED.items()]
    places += [(SCHEMA["$defs"][name], kind) for name, kind in DEFINED.items()]
    reported = [
        (reported["properties"][field.name].get("default"), field.default)
        for reported, kind in places
        for field in dataclasses.fields(kind)
        if "default" in reported["properties"][field.name]
    ]
    assert len(reported) > 40
    assert [(list(a) if isinstance(b, tuple) else a) for a, b in reported] == [
        list(b) if isinstance(b, tuple) else b for _, b in reported
    ]


def test_every_property_of_the_schema_explains_itself() -> None:
    def bare(node: Any, path: str) -> list[str]:
        found = []
        for name, value in node.get("properties", {}).items():
            lacks = {"title", "description", "examples"} - set(value)
            if lacks and "$ref" not in value:
                found.append(f"{path}.{name} lacks {sorted(lacks)}")
            found += bare(value, f"{path}.{name}")
        return found

    assert bare(SCHEMA, "") == []
    assert [fault for name, node in SCHEMA["$defs"].items() for fault in bare(node, name)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("operations", "retrieve_job", "path"), "/fine_tuning/jobs"),
        (("operations", "create_job", "path"), "/fine_tuning/jobs/{id}"),
        (("operations", "frobnicate"), {"method": "GET", "path": "/x"}),
        (("statuses", "done"), "finished"),
        (("statuses", "Queued"), "waiting"),
        (("auth", "format"), "Bearer sk-literal"),
        (("base_url",), "https://api.openai.com/v1/"),
        (("hyperparameters", "supervised", "n_epochs", "minimun"), 1),
        (("sufix",), {}),
    ],
)
def test_a_wrong_profile_is_reported(path: tuple[str, ...], value: object) -> None:
    document = _document("openai")
    node = document
    for part in path[:-1]:
        node = node[part]
    node[path[-1]] = value

    assert not Draft202012Validator(SCHEMA).is_valid(document)


def test_reading_a_profile_loads_no_schema_library() -> None:
    code = (
        "import sys; from ftrunner.providers import registry; registry.get('openai');"
        "sys.exit('jsonschema' in sys.modules or 'requests' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
