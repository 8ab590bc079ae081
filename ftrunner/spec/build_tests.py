"""The tests of a document without faults as frozen values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ftrunner.spec.testing import (
    BASE,
    CURRENT,
    Asking,
    Assertion,
    Gate,
    Opponent,
    Prompt,
    Sample,
    Tests,
    TestSet,
)

COMBINED = ("all_of", "any_of")
CLAIMS = (
    "better_than",
    "not_worse_than",
    "at_least",
    "latency_p50",
    "latency_p95",
    "cost_per_answer",
    "tokens_out_median",
)
_NEGATION = "not"


def build_tests(value: Mapping[str, Any] | None) -> Tests:
    """The tests that a spec says; none where it says none."""
    if value is None:
        return Tests()
    gates = tuple(_gate(gate) for gate in value.get("gates", ()))
    undecided = value.get("undecided", "fail")
    return Tests(
        prompts=tuple(_prompt(prompt, value) for prompt in value.get("prompts", ())),
        request=value.get("request", {}),
        run=_asking(value.get("run", {})),
        sets={name: _set(name, one) for name, one in value.get("sets", {}).items()},
        against=_opponents(value.get("against"), gates),
        gates=gates,
        undecided=undecided if isinstance(undecided, str) else tuple(undecided),
        confidence=value.get("confidence", 0.95),
    )


def attempts(prompt: Mapping[str, Any], defaults: Mapping[str, Any]) -> tuple[int, int]:
    """How often a prompt is asked and how many answers must pass; its own words go first."""
    repeat = prompt.get("repeat", defaults.get("repeat", 1))
    return repeat, prompt.get("pass_at_least", defaults.get("pass_at_least", repeat))


def gate_name(gate: Mapping[str, Any]) -> str | None:
    """What `undecided` calls a gate: its name, else its set, else its claim."""
    return gate.get("name") or gate.get("set") or next((key for key in CLAIMS if key in gate), None)


def opponent_name(value: str | Mapping[str, Any]) -> str:
    """What gates call a model to compare with."""
    if isinstance(value, str):
        return value
    return str(value.get("name", value["model"]))


def _prompt(value: Mapping[str, Any], defaults: Mapping[str, Any]) -> Prompt:
    repeat, pass_at_least = attempts(value, defaults)
    return Prompt(
        name=value["name"],
        messages=tuple(_messages(value)),
        expect=_expectations(value["expect"]),
        repeat=repeat,
        pass_at_least=pass_at_least,
    )


def _messages(prompt: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "system" in prompt:
        yield {"role": "system", "content": prompt["system"]}
    if "user" in prompt:
        yield {"role": "user", "content": prompt["user"]}
    yield from prompt.get("messages", ())


def _set(name: str, value: Mapping[str, Any]) -> TestSet:
    sample = value.get("sample")
    return TestSet(
        name=name,
        file=value["file"],
        expect=_expectations(value["expect"]),
        columns=value.get("columns", {}),
        user=value.get("user"),
        system=value.get("system"),
        sample=Sample(**sample) if sample else None,
        cluster=value.get("cluster"),
        weigh=value.get("weigh", "row"),
        slices=tuple(value.get("slices", ())),
        repeat=value.get("repeat", 1),
    )


def _expectations(value: Iterable[Mapping[str, Any]]) -> tuple[Assertion, ...]:
    return tuple(_assertion(item) for item in value)


def _assertion(value: Mapping[str, Any], *, negated: bool = False) -> Assertion:
    ((kind, expected),) = value.items()
    if kind == _NEGATION:
        return _assertion(expected, negated=not negated)
    if kind in COMBINED:
        expected = _expectations(expected)
    elif isinstance(expected, list):
        expected = tuple(expected)
    return Assertion(kind, expected, negated)


def _gate(value: Mapping[str, Any]) -> Gate:
    return Gate(**{**value, "name": gate_name(value)})


def _opponents(
    value: Sequence[str | Mapping[str, Any]] | None, gates: Sequence[Gate]
) -> tuple[Opponent, ...]:
    """The models to compare with: those written, else base and current where a gate names them."""
    if value is None:
        named = {gate.opponent for gate in gates}
        return tuple(Opponent(name) for name in (BASE, CURRENT) if name in named)
    return tuple(_opponent(one) for one in value)


def _opponent(value: str | Mapping[str, Any]) -> Opponent:
    given = {} if isinstance(value, str) else value
    return Opponent(**{**given, "name": opponent_name(value)})


def _asking(value: Mapping[str, Any]) -> Asking:
    given = dict(value)
    if "answers_from" in given:
        given["answers_from"] = age(given["answers_from"])
    return Asking(**given)


_DURATION = re.compile(r"(?:(?P<h>[0-9]+)h)?(?:(?P<m>[0-9]+)m)?(?:(?P<s>[0-9]+)s)?")


def seconds(text: str) -> float:
    """The seconds in a duration that the schema accepted."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + rest)


def age(text: str) -> float:
    """The seconds in an age that the schema accepted."""
    if text.endswith("d"):
        return float(int(text[:-1]) * 24 * 3600)
    return seconds(text)
