from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest
import yaml

from mockserver.data.schema import KINDS, schema_text
from mockserver.faults.scenario import ScenarioError, load_scenario, parse_scenario, scenario_names


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_schema_files_are_as_their_types_make_them(kind: str) -> None:
    written = (files("ftrunner_schemas") / f"{kind}.schema.json").read_text(encoding="utf-8")

    made = in_any_order(json.loads(schema_text(kind)))
    assert in_any_order(json.loads(written)) == made, f"run python -m mockserver.data.schema {kind}"


def in_any_order(schema: Any) -> Any:
    """The schema with its alternatives sorted: versions of msgspec order them differently."""
    if isinstance(schema, list):
        return [in_any_order(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    same = {key: in_any_order(value) for key, value in schema.items()}
    if "anyOf" in same:
        same["anyOf"].sort(key=json.dumps)
    return same


@pytest.mark.parametrize("name", scenario_names())
def test_ready_made_scenarios_fit_the_schema_and_say_what_they_show(name: str) -> None:
    text = (files("mockserver.scenarios") / f"{name}.yaml").read_text(encoding="utf-8")
    validator = jsonschema_rs.validator_for(msgspec.json.decode(schema_text("scenario")))

    validator.validate(yaml.safe_load(text))
    scenario = load_scenario(name)
    assert scenario.name == name
    assert scenario.description.endswith(".")


def test_a_scenario_comes_from_a_file_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("faults: [{do: {status: 503}}]", encoding="utf-8")

    assert load_scenario(path).faults[0].do.status == 503


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("slow-netwrok", "did you mean 'slow-network'?"),
        ("storm", "did you mean '500-storm' or '429-storm'?"),
        ("x", f"there are: {', '.join(scenario_names())}"),
    ],
)
def test_an_unknown_name_comes_with_the_nearest_or_all(name: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=re.escape(f"is called {name!r}; {said}")):
        load_scenario(name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("faults: 3", "test: Expected `array`, got `int` - at `$.faults`"),
        ("faults: [{}]", "test: Object missing required field `do` - at `$.faults[0]`"),
        (
            "faults: [{do: {stat: 5}}]",
            "test: Object contains unknown field `stat` - at `$.faults[0].do`",
        ),
        (
            "faults: [{do: {status: 500, body: &b {again: [*b]}}}]",
            "test: a value holds itself, through an alias",
        ),
    ],
)
def test_errors_say_where(text: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_scenario(text, "test")

    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["[", "[" * 20_000, "name: 2024-99-99", "name: \0"])
def test_what_is_not_yaml_is_an_error_too(text: str) -> None:
    with pytest.raises(ScenarioError, match="test: "):
        parse_scenario(text, "test")


def test_what_is_not_utf8_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes("name: sch\u00f6n".encode("latin-1"))

    with pytest.raises(ScenarioError, match=r"mine\.yaml: "):
        load_scenario(path)


def test_a_name_too_long_for_a_file_is_unknown() -> None:
    with pytest.raises(ScenarioError, match="no scenario or file"):
        load_scenario("a" * 5000)


def test_an_alias_may_repeat_a_value_however_often() -> None:
    bomb = "".join(f"- &a{n} [{', '.join([f'*a{n - 1}'] * 9) if n else 1}]\n" for n in range(30))

    with pytest.raises(ScenarioError, match="Expected `object`, got `array`"):
        parse_scenario(bomb, "test")
