"""Test prompts and sets, the models to compare with, and the gates: frozen and typed.

Meanings, ranges and defaults are in `schemas/spec.schema.json`; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = Mapping[str, Any]

TUNED = "tuned"
BASE = "base"
CURRENT = "current"


@dataclass(frozen=True, slots=True)
class Assertion:
    """One expectation about an answer: `kind` is a key of `evaluation.assertions`."""

    kind: str
    value: Any
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Prompt:
    """One test: the messages to send and what the answer must be like.

    The prompt is asked `repeat` times and passes when `pass_at_least` answers do.
    """

    name: str
    messages: tuple[JsonObject, ...]
    expect: tuple[Assertion, ...]
    repeat: int = 1
    pass_at_least: int = 1


@dataclass(frozen=True, slots=True)
class Sample:
    """Ask only `count` rows: always the same ones, and few others when rows are added."""

    count: int
    seed: int = 0


@dataclass(frozen=True, slots=True)
class TestSet:
    """Rows that are measured together; not every row has to pass.

    `columns` says which columns of a flat file are the `user` message, the `system` message and
    the reference `answer`; `user` and `system` are templates for them instead. `cluster` is a
    column whose equal values belong together; `slices` are columns whose values are reported apart.
    """

    name: str
    file: str
    expect: tuple[Assertion, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    user: str | None = None
    system: str | None = None
    sample: Sample | None = None
    cluster: str | None = None
    weigh: str = "row"
    slices: tuple[str, ...] = ()
    repeat: int = 1


@dataclass(frozen=True, slots=True)
class Opponent:
    """A model to compare with: `base`, `current`, or one by another name, maybe elsewhere.

    `model` is the name that chat takes; None for `current`, and for `base` where the profile says
    how the base model chats.
    """

    name: str
    model: str | None = None
    provider: str | None = None
    base_url: str | None = None
    api_key_env: str | None = None

    @property
    def is_elsewhere(self) -> bool:
        """Whether it is at another endpoint, or takes another key."""
        return bool(self.provider or self.base_url or self.api_key_env)


@dataclass(frozen=True, slots=True)
class Gate:
    """One claim that must hold for the tuned model to become current.

    Exactly one of `better_than`, `not_worse_than`, `at_least` and the bounds on latency, cost and
    length is set. A bound without `set` is about the answers to all sets.
    """

    name: str
    set: str | None = None
    better_than: str | None = None
    by: float = 0.0
    not_worse_than: str | None = None
    margin: float | None = None
    metric: str = "passed"
    at_least: float | None = None
    point: bool = False
    latency_p50: float | None = None
    latency_p95: float | None = None
    cost_per_answer: float | None = None
    tokens_out_median: float | None = None

    @property
    def opponent(self) -> str | None:
        """The model the claim compares with; None for a claim about the tuned model alone."""
        return self.better_than or self.not_worse_than


@dataclass(frozen=True, slots=True)
class Asking:
    """How prompts and rows are asked. `answers_from` is how old a stored answer may be, in seconds.

    `max_cost` is the most US dollars to spend on answers. `unmeasured` is the share of answers that
    may be missing before every gate is open.
    """

    concurrency: int | None = None
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    answers_from: float = 30 * 24 * 3600.0
    max_cost: float | None = None
    unmeasured: float = 0.01


@dataclass(frozen=True, slots=True)
class Tests:
    """Prompts that must each pass, sets that are measured, and the gates about them.

    `request` is passed through to chat completions with each. `undecided` is "fail", "pass", or
    the names of the gates that may remain open.
    """

    prompts: tuple[Prompt, ...] = ()
    request: JsonObject = field(default_factory=dict)
    run: Asking = field(default_factory=Asking)
    sets: Mapping[str, TestSet] = field(default_factory=dict)
    against: tuple[Opponent, ...] = ()
    gates: tuple[Gate, ...] = ()
    undecided: str | tuple[str, ...] = "fail"
    confidence: float = 0.95

    def may_stay_open(self, gate: Gate) -> bool:
        """Whether `undecided` excuses this gate where the answers do not decide it."""
        if isinstance(self.undecided, str):
            return self.undecided == "pass"
        return gate.name in self.undecided
