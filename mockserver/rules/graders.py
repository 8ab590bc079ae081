"""The rules for graders.

Source: the contract's `GraderStringCheck`, `GraderTextSimilarity`, `GraderScoreModel`,
`GraderMulti` and `GraderPython`. Python graders are refused: the mock does not run users' code.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from mockserver.answers.similarity import METRICS
from mockserver.http.body import convert
from mockserver.http.errors import bad_request


class StringCheck(msgspec.Struct, tag_field="type", tag="string_check", forbid_unknown_fields=True):
    name: str
    input: str
    reference: str
    operation: Literal["eq", "ne", "like", "ilike"]


class TextSimilarity(
    msgspec.Struct, tag_field="type", tag="text_similarity", forbid_unknown_fields=True
):
    name: str
    input: str
    reference: str
    evaluation_metric: str


class ScoreModel(msgspec.Struct, tag_field="type", tag="score_model", forbid_unknown_fields=True):
    name: str
    model: str
    input: list[dict[str, Any]]
    range: list[float] | None = None
    sampling_params: dict[str, Any] | None = None


class Multi(msgspec.Struct, tag_field="type", tag="multi", forbid_unknown_fields=True):
    name: str
    calculate_output: str
    graders: dict[str, Any]
    """Graders by name, as the service accepts them, or a single one, as in the contract."""


class Python(msgspec.Struct, tag_field="type", tag="python", forbid_unknown_fields=True):
    name: str
    source: str
    image_tag: str | None = None


Simple = StringCheck | TextSimilarity | ScoreModel
Grader = Simple | Multi | Python


def read_grader(document: dict[str, Any]) -> Simple | Multi:
    """A grader that can run, or a 400 with the reason."""
    grader: Grader = convert(document, Grader)
    if isinstance(grader, Python):
        raise bad_request(
            "Python graders are not supported here: this server does not run users' code.",
            param="grader.type",
            code="unsupported_grader",
        )
    if isinstance(grader, TextSimilarity) and grader.evaluation_metric not in METRICS:
        raise bad_request(
            f"Invalid value for 'evaluation_metric': expected one of {', '.join(METRICS)}.",
            param="grader.evaluation_metric",
            code="invalid_value",
        )
    if isinstance(grader, ScoreModel):
        _check_range(grader)
    if isinstance(grader, Multi):
        parts_of(grader)
    return grader


def parts_of(grader: Multi) -> dict[str, Simple]:
    """The graders in a multi grader, by name."""
    documents = grader.graders
    if isinstance(documents.get("type"), str):
        documents = {str(documents.get("name")): documents}
    parts: dict[str, Simple] = {}
    for name, document in documents.items():
        part = read_grader(document) if isinstance(document, dict) else None
        if part is None or isinstance(part, Multi):
            raise bad_request(
                f"Grader '{name}' must be a grader other than multi.",
                param=f"grader.graders.{name}",
                code="invalid_value",
            )
        parts[name] = part
    return parts


def _check_range(grader: ScoreModel) -> None:
    limits = grader.range
    if limits is not None and (len(limits) != 2 or limits[0] >= limits[1]):
        raise bad_request(
            "Invalid value for 'range': expected a lower and a higher number.",
            param="grader.range",
            code="invalid_value",
        )
