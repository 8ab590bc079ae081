from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from mockserver.answers.instance import MAX_VALUES, instance_of

TREE = {
    "$defs": {
        "node": {
            "type": "object",
            "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/node"}},
        }
    },
    "$ref": "#/$defs/node",
}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string"}, "text"),
        ({"type": ["number", "null"], "minimum": 3}, 3),
        ({"type": "boolean"}, False),
        ({"type": "array", "items": {"type": "string"}}, []),
        ({"enum": ["a", "b"]}, "a"),
        ({"const": 7}, 7),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, 0),
        ({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": "text"}),
        ({"properties": {"a": {"type": "null"}}}, {"a": None}),
        ({"$ref": "#/$defs/x", "$defs": {"x": {"type": "integer"}}}, 0),
    ],
)
def test_the_plainest_value_fits_its_schema(schema: dict[str, Any], value: Any) -> None:
    made = instance_of(schema, "text")

    assert made == value
    jsonschema_rs.validator_for(schema).validate(made)


@pytest.mark.parametrize("schema", [True, None, {}, {"type": "magic"}, {"$ref": "#/nowhere"}])
def test_schemas_that_say_nothing_give_nothing(schema: Any) -> None:
    assert instance_of(schema, "text") is None


def test_a_schema_that_only_accepts_itself_comes_to_an_end() -> None:
    assert instance_of(TREE, "text") == {"name": "text", "next": None}


def test_a_schema_that_refers_to_itself_many_times_comes_to_an_end_soon() -> None:
    schema = {"properties": {str(number): {"$ref": "#"} for number in range(50)}}

    assert instance_of(schema, "text")["7"] == dict.fromkeys(schema["properties"])


@pytest.mark.parametrize("fan", [3, 9])
def test_references_that_multiply_come_to_an_end_soon(fan: int) -> None:
    levels = {
        str(level): {"properties": {str(n): {"$ref": f"#/$defs/{level + 1}"} for n in range(fan)}}
        for level in range(20)
    }

    made = instance_of({"$ref": "#/$defs/0", "$defs": levels}, "text")

    assert len(made) == fan
    assert len(str(made)) < 50 * MAX_VALUES


def test_a_reference_of_any_length_is_looked_up_soon() -> None:
    assert instance_of({"$ref": "#/" + "x/" * 1_000_000}, "text") is None
