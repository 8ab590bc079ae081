"""`schemas/document.schema.json` describes exactly the documents that commands print.

Tests that read a command's documents hold them against it (`tests/kit/project.py`).
`python -m tests.meta.test_document_schema` writes it again.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections import Counter
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from ftrunner.catalogue import Explanation
from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.edit.fix import Fixing
from ftrunner.dataset.report import Sample
from ftrunner.dataset.totals.diff import Difference
from ftrunner.dataset.totals.stats import Statistics
from ftrunner.engine.plan import Action, Step
from ftrunner.engine.report.history import History
from ftrunner.evaluation.comparison import Comparison
from ftrunner.events import Event, SetCompared, SetMeasured
from ftrunner.providers.hyperparameter_translation import Outcome
from ftrunner.render.documents import DOCUMENT_VERSION
from tests.meta.test_event_schema import FINDING

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "schemas" / "document.schema.json"
COMMANDS = ROOT / "ftrunner" / "cli" / "commands"
CHECKS = ROOT / "ftrunner" / "render" / "findings" / "check.py"
TYPES: dict[Any, Any] = {
    str: {"type": "string"},
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    type(None): {"type": "null"},
    Any: {},
}


# Schemas that several documents share, by the name under `$defs`.
PARTS: dict[str, dict[str, Any]] = {}


def part(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A reference to `schema`, which is kept under `name`."""
    PARTS[name] = schema
    return {"$ref": f"#/$defs/{name}"}


def form(hint: Any) -> Any:
    """The schema of a type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return either(*map(form, arguments))
    if origin is Counter:
        return {"type": "object", "additionalProperties": form(int)}
    if origin in (Mapping, dict):
        return {"type": "object", "additionalProperties": form(arguments[1])}
    if origin is tuple and arguments[-1] is not Ellipsis:
        return {"type": "array", "prefixItems": [form(each) for each in arguments]}
    if origin in (tuple, list):
        return many(form(arguments[0]))
    if is_dataclass(hint) or (isinstance(hint, type) and issubclass(hint, Event)):
        return part(typing.cast("type", hint).__name__, described(typing.cast("type", hint)))
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return {"enum": [str(word) for word in hint]}
    return TYPES[hint]


def names_of(kind: type) -> tuple[str, ...]:
    if issubclass(kind, Event):
        return kind.__struct_fields__
    return tuple(field.name for field in fields(typing.cast("Any", kind)))


def described(kind: type) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    return closed({name: form(hints[name]) for name in names_of(kind)}, inspect.getdoc(kind) or "")


def closed(
    properties: Mapping[str, Any], about: str = "", optional: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with these keys and no others."""
    return {
        **({"description": about} if about else {}),
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def of(hints: Mapping[str, Any], about: str = "", optional: tuple[str, ...] = ()) -> dict[str, Any]:
    """The same with types, or schemas, for values."""
    schemas = {n: hint if isinstance(hint, dict) else form(hint) for n, hint in hints.items()}
    return closed(schemas, about, optional)


def either(*schemas: Any) -> dict[str, Any]:
    return {"anyOf": list(schemas)}


def many(item: Any) -> dict[str, Any]:
    return {"type": "array", "items": item}


NULL = TYPES[type(None)]
FINDINGS = many(part("Finding", of(FINDING, "Something that is wrong with an input.")))
SPLIT = part(
    "Split",
    of(
        {
            "examples": int,
            "bytes": int,
            "tokens": int | None,
            "sample": Sample | None,
            "coarse": int,
        },
        "A split of the data. Tokens are null where they were not counted.",
    ),
)
SPLITS = {"type": "object", "additionalProperties": SPLIT}
ROWS = part(
    "Rows",
    of(
        {
            "changed": many(of({"before": str, "after": str})),
            "added": list[str],
            "removed": list[str],
        },
        "With --rows: the rows, as file and line.",
    ),
)
DIFFERENCE = {field.name: form(int) for field in fields(Difference)}
CHANGE = part(
    "DataChange",
    of(
        {
            "against": str,
            "splits": {
                "type": "object",
                "additionalProperties": of({**DIFFERENCE, "rows": ROWS}, optional=("rows",)),
            },
            "tokens": either(NULL, of({"before": int, "now": int})),
            "unknown": str | None,
            "rewritten": bool,
        },
        "How the data differs from that of the recorded job.",
    ),
)
REFUSAL = either(NULL, of({"code": str, "message": str}))
GATE = part(
    "Gate",
    of(
        {
            "claim": str,
            "set": str,
            "can_show": bool | None,
            "has": int,
            "unit": str,
            "needed": int | None,
            "why": str,
        },
        "What the rows of a test set can show about a gate.",
    ),
)
PROMPT = of(
    {"name": str, "passed": bool, "answers": many(of({"text": str, "passed": bool}))},
)
SIDE = part(
    "Side",
    of(
        {"name": str, "provider": str, "model": str, "passed": int, "prompts": many(PROMPT)},
        "One of the models, and its answer to each prompt.",
    ),
)
EFFECT = part(
    "Effect",
    of(
        {
            "set": str,
            "against": str,
            "model": str,
            "rows": int,
            "effect": float,
            "low": float | None,
            "high": float | None,
            "better": int,
            "worse": int,
            "word": str,
        },
        "A comparison on a test set; 0.02 is two points.",
    ),
)
SET = of(
    {"name": str, "models": tuple[SetMeasured, ...], "comparisons": tuple[SetCompared, ...]},
    "A test set.",
)
MOVED = part(
    "Moved",
    of(
        {"field": str, "outcome": Outcome, "before": {}, "after": {}, "rule": str | None},
        "What happens to a setting at the provider.",
    ),
)
# By kind: what a document holds beside `schema` and `document`.
DOCUMENTS: dict[str, dict[str, Any]] = {
    "comparison": of(
        {"sides": many(SIDE), "comparison": Comparison | None, "sets": many(SET)},
        "`compare`: models on prompts and test sets.",
    ),
    "data_check": of(
        {"valid": bool, "counts": dict[str, int], "findings": FINDINGS, "splits": SPLITS},
        "`data check`: what is wrong with data. `counts` has all findings by code.",
    ),
    "data_convert": of({"file": str, "examples": int}, "`data convert`: the file written."),
    "data_diff": of(
        {**DIFFERENCE, "unread": of({"before": int, "after": int}), "rows": ROWS},
        "`data diff`: how many rows differ. `unread` rows are not examples.",
        optional=("rows",),
    ),
    "data_fix": of(
        {"file": str, **typing.get_type_hints(Fixing)}, "`data fix`: the file written, and how."
    ),
    "data_split": of(
        {"files": many(of({"file": str, "rows": int}))},
        "`data split`: the files written, first the one to train on.",
    ),
    "data_stats": {
        **of({"estimate": Estimate | None}, "`data stats`: each split, and what training costs."),
        "additionalProperties": described(Statistics),
    },
    "drift": of(
        {
            "spec": str,
            "endpoint": str,
            "drift": list[str],
            "acknowledged": list[str],
            "notes": list[str],
        },
        "`drift`: what is gone, or ends within the days asked for; what of it the user "
        "acknowledged; and announced ends, if no days were given.",
    ),
    "explanation": {**described(Explanation), "description": "`explain`: what a code means."},
    "forgotten": of({"endpoint": str, "what": str}, "`forget`: what was dropped."),
    "history": {**described(History), "description": "`history`: the runs of a spec."},
    "import": of(
        {
            "job": str,
            "status": str,
            "spec": str | None,
            "was_there": bool,
            "missing": list[str],
        },
        "`import`: one document a job, with the spec written for it.",
    ),
    "init": of(
        {"files": list[str], "open": list[str], "notes": list[str]},
        "`init`: the files written, and the settings that only you know.",
    ),
    "mock": of({"base_url": str}, "`mock`: printed once the server answers."),
    "output": of(
        {
            "what": {"enum": ["model", "job", "file", "effect"]},
            "value": either(form(str), many(EFFECT)),
        },
        "`output`: a value of the record.",
    ),
    "plan": of(
        {
            "spec": str,
            "endpoint": str,
            "fingerprint": str,
            "changes": bool,
            "steps": many(of({"step": Step, "action": Action, "reason": str})),
            "difference": either(NULL, CHANGE),
            "estimate": Estimate | None,
            "tests": many(GATE),
            "refusal": REFUSAL,
            "unchecked": REFUSAL,
            "foreseen": FINDINGS,
            "online": of({"findings": FINDINGS, "notes": list[str]}, "With --online."),
            "moved": many(MOVED),
        },
        "`plan`: what `apply` would do.",
        optional=("online",),
    ),
    "provider": of(
        {"profile": {"type": "object", "description": "See `ftrunner schema provider`."}},
        "`providers show`.",
    ),
    "providers": of({"profiles": many({"type": "object"})}, "`providers`: every profile."),
    "removal": of(
        {
            "endpoint": str,
            "resources": many(of({"noun": str, "id": str})),
            "models": list[str],
            "files": list[str],
            "kept": list[str],
        },
        "`destroy`: what was deleted, and what was kept.",
    ),
    "status": of(
        {
            "endpoint": str,
            "record": {"type": "object", "description": "As in the lock file; see `schema lock`."},
            "progress": either(
                of(
                    {
                        "step": int,
                        "total_steps": int | None,
                        "metric": str | None,
                        "value": float | None,
                        "seconds_left": float | None,
                    },
                    "As far as runs on this machine saw it.",
                ),
                form(type(None)),
            ),
            "process": either(
                of(
                    {"pid": int, "host": str, "since": float, "at_work": bool},
                    "The process that works on the spec, or was killed.",
                ),
                NULL,
            ),
        },
        "`status`: what is recorded at the endpoint, how far the job's training is, and which "
        "process has not ended its work.",
    ),
    "validation": of(
        {
            "spec": str,
            "valid": bool,
            "findings": FINDINGS,
            "counts": dict[str, int],
            "foreseen": FINDINGS,
            "splits": SPLITS,
        },
        "`validate`: what is wrong with a spec and its data.",
    ),
    "verification": of(
        {"spec": str, "matches": bool, "model": str | None}, "`verify`: whether the lock fits."
    ),
}


def generated() -> dict[str, Any]:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "ftrunner document",
        "description": "What commands print with --json, other than the events of a run.",
        "type": "object",
        "properties": {
            "schema": {"const": DOCUMENT_VERSION},
            "document": {"enum": list(DOCUMENTS)},
        },
        "required": ["schema", "document"],
        "allOf": [
            {
                "if": {"properties": {"document": {"const": kind}}},
                "then": {"$ref": f"#/$defs/{kind}"},
            }
            for kind in DOCUMENTS
        ],
        "$defs": {
            **{kind: _named(kind, schema) for kind, schema in DOCUMENTS.items()},
            **{name: PARTS[name] for name in sorted(PARTS)},
        },
    }


def _named(kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The schema, with the two keys that every document has."""
    both = {"schema": {"const": DOCUMENT_VERSION}, "document": {"const": kind}}
    return {**schema, "properties": {**both, **schema["properties"]}}


def rendered() -> str:
    return json.dumps(generated(), indent=2, ensure_ascii=False) + "\n"


def test_the_schema_is_fresh() -> None:
    fresh = SCHEMA.read_text(encoding="utf-8") == rendered()

    assert fresh, "stale: run `python -m tests.meta.test_document_schema`"


def test_every_document_that_a_command_prints_is_described() -> None:
    printed = {
        kind
        for path in (*COMMANDS.glob("*.py"), CHECKS)
        for kind in re.findall(r'(?:document|result)\(\s*"(\w+)"', path.read_text("utf-8"))
    }

    assert printed == set(DOCUMENTS)


if __name__ == "__main__":
    SCHEMA.write_text(rendered(), encoding="utf-8")
