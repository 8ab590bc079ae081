"""A file becomes a `Spec` or findings; nothing in a file raises."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ftrunner.document.document import Document, read_document
from ftrunner.document.reading import read_text
from ftrunner.document.schema import check_structure
from ftrunner.document.source import Source
from ftrunner.findings import Finding, has_errors
from ftrunner.spec.build_tests import build_tests, seconds
from ftrunner.spec.find import find_specs
from ftrunner.spec.model import Budget, Dataset, Fraction, Method, Spec, Wait
from ftrunner.spec.rules import check_rules
from ftrunner.text import escaped

_NAMED = 5  # specs in a folder that is named in place of one


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
        return Loaded(None, (_with_specs_inside(text, path) if text.code == "FT102" else text,))
    return parse_spec(Source(file, text), path, environment=environment, variables=variables)


def _with_specs_inside(is_a_folder: Finding, folder: Path) -> Finding:
    """The finding, with the specs that may be meant."""
    specs = list(map(Path.as_posix, islice(find_specs(folder), _NAMED + 1)))
    more = ", …" if len(specs) > _NAMED else ""
    hint = f"name the spec itself: {', '.join(map(escaped, specs[:_NAMED]))}{more}"
    return replace(
        is_a_folder, hint=hint if specs else "it has no spec; `ftrunner init` writes one"
    )


def parse_spec(
    source: Source,
    path: Path,
    *,
    environment: Mapping[str, str],
    variables: Mapping[str, str],
) -> Loaded:
    """The spec in a text; `path` is where the text came from."""
    document = read_document(source, environment, variables)
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


def build_spec(document: Document, path: Path) -> Spec:
    """The spec that a document says, once schema and rules accepted it."""
    root: Mapping[str, Any] = document.root
    built: dict[str, Any] = {
        "dataset": _dataset(root["dataset"]),
        "method": Method(root.get("method", Method.SUPERVISED)),
        "integrations": tuple(root.get("integrations", ())),
        "missing": tuple(root.get("missing", ())),
        "allow_loss": tuple(root.get("allow_loss", ())),
        "budget": Budget(**root.get("budget", {})),
        "wait": _wait(root.get("wait", {})),
        "notify": tuple(root.get("notify", ())),
        "tests": build_tests(root.get("tests")),
    }
    as_they_are = {key: value for key, value in root.items() if key not in ("version", *built)}
    return Spec(path=path, source=document.source, **as_they_are, **built)


def _dataset(value: Mapping[str, Any]) -> Dataset:
    validation = value.get("validation")
    if isinstance(validation, dict):
        split = Fraction(validation["fraction"], validation.get("seed", 0))
        return Dataset(_paths(value["train"]), split)
    return Dataset(_paths(value["train"]), None if validation is None else _paths(validation))


def _paths(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _wait(value: Mapping[str, str]) -> Wait:
    return Wait(
        timeout=seconds(value.get("timeout", "6h")),
        stall_after=seconds(value.get("stall_after", "30m")),
    )
