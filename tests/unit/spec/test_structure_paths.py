"""What is accepted at once is what the explaining validator has nothing to say about."""

from __future__ import annotations

import subprocess
import sys
from copy import deepcopy
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ftrunner.dataset.lines.line import walk
from ftrunner.document import schema, structure_faults

FULL = yaml.safe_load(Path("specs/full.yaml").read_text(encoding="utf-8"))
NEEDLESS = {"jsonschema", "requests", "rich", "mockserver"}
PLACES = [path for path, _ in walk(FULL) if path]
VALUES = st.one_of(
    st.sampled_from([0, 1, 10.0, 0.0, -0.0, 1.0, 1e300, 2**70, True, None, "", "a\n", "auto"]),
    st.floats(),
    st.integers(),
    st.text(max_size=3),
    st.just([]),
    st.just({}),
)


def right(document: object) -> bool:
    return schema._is_right(document, "spec")


def test_a_spec_of_everything_is_accepted_at_once() -> None:
    assert right(FULL)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(PLACES), VALUES)
def test_both_validators_agree(path: tuple[str | int, ...], value: object) -> None:
    changed: Any = deepcopy(FULL)
    owner = changed
    for step in path[:-1]:
        owner = owner[step]
    owner[path[-1]] = value

    if right(changed):
        assert structure_faults._validator("spec").is_valid(changed)


@pytest.mark.parametrize("value", [inf, -inf, nan, 1e300, 10.0])
def test_a_float_is_not_taken_for_null_or_an_integer(value: float) -> None:
    changed: Any = deepcopy(FULL)
    changed["tests"]["prompts"][1]["messages"][1]["content"] = value  # a text, or null

    assert not right(changed)


def test_checking_data_does_not_load_what_it_does_not_need(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"messages": [{"role": "user", "content": "a"}]}\n', encoding="utf-8")
    program = (
        "import sys; from ftrunner.cli.main import main\n"
        f"try: main(['data', 'check', {str(path)!r}])\n"
        f"except SystemExit: print({NEEDLESS} & {{*sys.modules}})"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert done.stdout.splitlines()[-1] == "set()"
