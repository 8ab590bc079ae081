"""Templates of a profile."""

from __future__ import annotations

import pytest

from ftrunner.providers.template import UnknownPlaceholder, fill, fill_url

VALUES = {"name": "stories-1", "replicas": 2, "job.model_object_id": "ml_7", "nothing": None}


def test_a_tree_is_filled_and_a_lone_placeholder_keeps_its_type() -> None:
    tree = {"name": "{name}", "scale": {"max": "{replicas}"}, "list": ["x-{replicas}", 3, None]}
    assert fill(tree, VALUES) == {
        "name": "stories-1",
        "scale": {"max": 2},
        "list": ["x-2", 3, None],
    }


def test_a_name_may_have_dots() -> None:
    assert fill("models/{job.model_object_id}", VALUES) == "models/ml_7"


@pytest.mark.parametrize("template", ["{unknown}", "a {nothing} b"])
def test_a_value_that_there_is_not_is_named(template: str) -> None:
    with pytest.raises(UnknownPlaceholder):
        fill(template, VALUES)


def test_what_is_not_a_placeholder_stays() -> None:
    assert fill("{0} {} {not-one}", {}) == "{0} {} {not-one}"


def test_values_cannot_leave_their_place_in_an_address() -> None:
    values = {"origin": "https://api.example.com/", "name": "a b?x=1#y", "model": "org/m:tag"}
    assert fill_url("{origin}/v0/{name}/{model}?v=1", values) == (
        "https://api.example.com/v0/a%20b%3Fx%3D1%23y/org/m:tag?v=1"
    )
