"""How a spec changes at another provider, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ftrunner.providers.facts import ANSWERS, billing
from ftrunner.providers.hyperparameter_translation import Change, Outcome
from ftrunner.providers.port_spec import Move
from ftrunner.providers.serving import ServingKind
from ftrunner.text import one_line

_SHOWN = 60  # characters of a value


def as_text(move: Move) -> str:
    """One line a setting: its outcome, what it was and becomes, and the rule; then what to know."""
    lines = [f"At {move.target.title}:"]
    lines += [f"  {change.outcome:<11}{_line(change)}" for change in _ordered(move.changes)]
    lines += [f"  {'note':<11}{text}" for text in _then(move)]
    return "\n".join(lines)


def _then(move: Move) -> Iterator[str]:
    target, serving = move.target, move.target.serving
    if serving.kind is not ServingKind.NONE:
        cost = billing(serving, move.spec.deployment)
        yield f"the tuned model answers {ANSWERS[serving.kind]}{f', {cost}' if cost else ''}"
    if target.lacks("metadata") or target.lacks("metadata_echo"):
        yield (
            "this provider stores no metadata; after a lost response the job is recognised by "
            "file, model and settings"
        )


def as_fields(move: Move) -> list[dict[str, Any]]:
    """The same as plain values."""
    return [
        {
            "field": change.field,
            "outcome": str(change.outcome),
            "before": _plain(change.before),
            "after": _plain(change.after),
            "rule": change.rule,
        }
        for change in _ordered(move.changes)
    ]


def _ordered(changes: Iterable[Change]) -> list[Change]:
    return sorted(changes, key=lambda change: list(Outcome).index(change.outcome))


def _line(change: Change) -> str:
    rule = f" ({change.rule})" if change.rule else ""
    before = "" if change.before is None else f" {_value(change.before)}"
    if change.outcome is not Outcome.TRANSLATED:
        return f"{change.field}{before}{rule}"
    if change.after is None:
        return f"{change.field}{before} → nothing{rule}"
    return f"{change.field}{before} → {_said(change)}{rule}"


def _said(change: Change) -> str:
    if change.field.startswith("hyperparameters."):
        name, value = change.after
        return f"{name} {_value(value)}"
    return _value(change.after)


def _plain(value: Any) -> Any:
    """Of what may hold anything, such as headers, only the names are shown."""
    if isinstance(value, Mapping):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{{', '.join(sorted(value))}}}"
    if isinstance(value, tuple):
        return f"{len(value)} of them"
    return one_line(value if isinstance(value, str) else json.dumps(value), bound=_SHOWN)
