"""Specs as text, for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ftrunner.document.source import Source
from ftrunner.spec.load import Loaded, parse_spec
from ftrunner.spec.model import Spec

MINIMAL = """\
version: 1
name: stories
provider: openai
model: gpt-4o-mini-2024-07-18
dataset:
  train: data.jsonl
"""


def parse(
    text: str,
    *,
    environment: Mapping[str, str] | None = None,
    variables: Mapping[str, str] | None = None,
) -> Loaded:
    """What comes of a spec's text; nothing is set unless it is given."""
    return parse_spec(
        Source("spec.yaml", text),
        Path("specs/spec.yaml"),
        environment=environment or {},
        variables=variables or {},
    )


def spec_of(extra: str, **context: Mapping[str, str]) -> Spec:
    """The minimal spec with more lines, which must have no findings."""
    loaded = parse(MINIMAL + extra, **context)
    assert loaded.findings == ()
    assert loaded.spec is not None
    return loaded.spec


def codes_of(extra: str, **context: Mapping[str, str]) -> list[str]:
    """The codes found in the minimal spec with more lines."""
    return [finding.code for finding in parse(MINIMAL + extra, **context).findings]
