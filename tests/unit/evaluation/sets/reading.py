"""A spec with one test set, and what reading its rows gives."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ftrunner.evaluation.sets.rows import SetRows, read_sets
from ftrunner.findings import Finding
from ftrunner.spec.load import load_spec
from ftrunner.spec.model import Spec

EQUALS = '[{equals: "{{item.answer}}"}]'


def spec_with(
    folder: Path, data: str | bytes, name: str = "rows.jsonl", train: str = "", **keys: str
) -> Spec:
    """A spec whose set `s` has `data` in the file `name`; `keys` are those of the set, as YAML."""
    (folder / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    (folder / "train.jsonl").write_text(train, encoding="utf-8")
    of_set = {"file": name, "expect": EQUALS, **keys}
    lines = "".join(f"      {key}: {value}\n" for key, value in of_set.items())
    path = folder / "spec.yaml"
    path.write_text(
        "version: 1\nname: s\nprovider: openai\nmodel: gpt-4o-mini-2024-07-18\n"
        f"dataset: {{train: train.jsonl}}\ntests:\n  sets:\n    s:\n{lines}",
        encoding="utf-8",
    )
    loaded = load_spec(path, environment={}, variables={})
    assert loaded.spec is not None, loaded.findings
    return loaded.spec


def read(*args: Any, **keys: Any) -> tuple[SetRows | None, tuple[Finding, ...]]:
    sets, findings = read_sets(spec_with(*args, **keys))
    return sets.get("s"), findings


def rows_of(*args: Any, **keys: Any) -> SetRows:
    found, findings = read(*args, **keys)
    assert found is not None, findings
    return found


def asked(found: SetRows) -> list[str]:
    """What the user says last in each row."""
    return [str(row.messages[-1]["content"]) for row in found.rows]


def codes(*args: Any, **keys: Any) -> list[str]:
    return [finding.code for finding in read(*args, **keys)[1]]
