"""A file becomes a `Spec` or findings; nothing in a file raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ftrunner.document.bounds import check_bounds
from ftrunner.document.document import resolve_tree
from ftrunner.document.reading import read_text
from ftrunner.document.source import Source
from ftrunner.document.structure import check_structure
from ftrunner.document.tree import read_tree
from ftrunner.findings import Finding, has_errors
from ftrunner.spec.build import build_spec
from ftrunner.spec.model import Spec
from ftrunner.spec.rules import check_rules


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of a file: the spec, unless a finding is an error."""

    spec: Spec | None
    findings: tuple[Finding, ...] = ()


def load_spec(
    path: Path,
    *,
    display: str | None = None,
    environment: Mapping[str, str],
    variables: Mapping[str, str],
) -> Loaded:
    """Read and check the spec at `path`, called `display` in findings. Opens no other file."""
    file = str(path) if display is None else display
    text = read_text(path, file)
    if isinstance(text, Finding):
        return Loaded(None, (text,))
    return parse_spec(Source(file, text), path, environment=environment, variables=variables)


def parse_spec(
    source: Source,
    path: Path,
    *,
    environment: Mapping[str, str],
    variables: Mapping[str, str],
) -> Loaded:
    """The spec in a text; `path` is where the text came from."""
    unfit = check_bounds(source)
    if unfit is not None:
        return Loaded(None, (unfit,))
    document = resolve_tree(read_tree(source), environment, variables)
    if isinstance(document, Finding):
        return Loaded(None, (document,))
    findings = [*document.findings, *check_structure(document)]
    findings += check_rules(document, findings)
    in_order = tuple(sorted(findings, key=_place))
    if has_errors(in_order):
        return Loaded(None, in_order)
    return Loaded(replace(build_spec(document, path), findings=in_order), in_order)


def _place(finding: Finding) -> tuple[int, int]:
    return finding.location.line or 0, finding.location.column or 0
