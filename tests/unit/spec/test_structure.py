from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.spec.loading import MINIMAL, parse

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def messages(extra: str, base: str = MINIMAL) -> list[str]:
    return [finding.message for finding in parse(base + extra).findings]


def test_an_unknown_key_is_marked_itself_with_what_was_meant() -> None:
    (finding,) = parse(MINIMAL.replace("train:", "trian:")).findings

    assert finding.message == "'trian' is not a key of dataset; did you mean 'train'?"
    assert str(finding.location) == "spec.yaml:6:3"


def test_a_missing_key_is_marked_at_its_parent() -> None:
    (finding,) = parse(MINIMAL.replace("train: data.jsonl", "validation: v.jsonl")).findings

    assert finding.message == "dataset lacks 'train'"
    assert str(finding.location) == "spec.yaml:5:1"
    assert finding.location.path == "dataset.train"


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("seed: x\n", "seed must be a whole number from 0 to 2,147,483,647, not 'x'"),
        ("suffix:\n", "suffix must be text, not empty"),
        ("suffix: {a: 1}\n", "suffix must be text, not a mapping"),
        ("integrations: {a: 1}\n", "integrations must be a list, not a mapping"),
        ("budget: {max_cost: -1}\n", "budget.max_cost must be a number of at least 0, not -1"),
        ("budget: {}\n", "budget must not be empty"),
        ("tests: {prompts: [], repeat: 1}\n", "tests.prompts must not be empty"),
        (f"suffix: {'x' * 65}\n", "suffix must have at most 64 characters; it has 65"),
    ],
)
def test_a_refusal_says_what_is_wanted_and_what_is_there(extra: str, message: str) -> None:
    assert messages(extra) == [message]


@pytest.mark.parametrize(
    ("validation", "message"),
    [
        ("7", "dataset.validation must be a path, a list of paths, or {fraction, seed}, not 7"),
        ("{fraction: 2}", "dataset.validation.fraction must be a number between 0 and 1, not 2"),
        ("{}", "dataset.validation lacks 'fraction'"),
        ("[a, 1]", "dataset.validation[1] must be a path, not 1"),
        ("[]", "dataset.validation must not be empty"),
        ("[a, b, a]", "dataset.validation has 'a' twice"),
    ],
)
def test_of_several_alternatives_the_meant_one_explains(validation: str, message: str) -> None:
    assert messages(f"  validation: {validation}\n") == [message]


def test_yaml_1_1_words_are_explained() -> None:
    (finding,) = parse(MINIMAL + "suffix: no\n").findings

    assert finding.message == "suffix must be text, not false"
    assert finding.hint == 'YAML reads `no` as false; quote it: "no"'


def test_a_name_ends_where_it_ends() -> None:
    assert messages('api_key_env: "NAME\\n"\n') == [
        "api_key_env must be the name of an environment variable, not 'NAME\\n'"
    ]


def test_all_faults_are_reported_at_once() -> None:
    base = MINIMAL.replace("version: 1", "version: 2").replace("train:", "trian:")

    assert len(messages("seed: x\nmethod: y\nzzz: 1\n", base)) == 5


@given(st.sampled_from(["name", "dataset", "tests", "metadata", "wait", "extra_body"]), json_values)
def test_any_value_anywhere_is_accepted_or_explained(key: str, value: object) -> None:
    import json

    lines = [line for line in MINIMAL.splitlines() if not line.startswith((f"{key}:", "  "))]
    text = "\n".join([*lines, f"{key}: {json.dumps(value)}"]).replace("\\u", "\\\\u")
    if key != "dataset":
        text = text.replace("dataset:", "dataset: {train: data.jsonl}")
    loaded = parse(text)

    assert loaded.spec is not None or loaded.findings
    assert all(finding.location.line for finding in loaded.findings)
