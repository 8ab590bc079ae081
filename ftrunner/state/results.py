"""What a run showed, as it is kept in `results.json` in the run's folder.

Everything that a report needs and that cannot be read again later: answers, figures, gates, and
where it all came from. It holds no secret. Shares and differences are from -1 to 1: 0.02 is two
points. Times are Unix seconds, money is US dollars. Of a test set only the rows that two models
answer differently are here; `rows.jsonl` beside the file has all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

FILE = "results.json"
ROWS_FILE = "rows.jsonl"
VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCheck:
    """One expectation and whether the answer met it; `why` says why not."""

    expected: str
    passed: bool
    why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """One answer and how it was judged. `at` is when it came, which may be before this run."""

    text: str
    passed: bool
    score: float
    label: str | None = None
    checks: tuple[KeptCheck, ...] = ()
    seconds: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPrompt:
    """One hand-written prompt, which must pass: at least `pass_at_least` of its answers."""

    name: str
    question: str
    passed: bool
    pass_at_least: int
    answers: tuple[KeptAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure of one model with its interval. Without one, `reason` says why; `n` counts rows."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """How often the model gave a label where another one was right.

    `counts` has a row for each of `labels`, and in it a column for each of them and a last one for
    answers that name no label.
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptModel:
    """What one model answered to a set. `name` is tuned, or what the spec calls the opponent.

    `metrics` are by name: passed, score, accuracy, macro_f1, precision.LABEL, recall.LABEL,
    fields.KEY. `unmeasured` counts answers that could not be had. `oldest` and `newest` are when
    the first and the last of its answers came.
    """

    name: str
    model: str
    provider: str
    passed: int
    answers: int
    unmeasured: int = 0
    metrics: Mapping[str, Figure] = field(default_factory=dict)
    confusion: Confusion | None = None
    latency_p50: float | None = None
    latency_p95: float | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    tokens_out_median: float | None = None
    cost: float | None = None
    oldest: float | None = None
    newest: float | None = None
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSlice:
    """The effect among rows in which `column` is `value`: exploratory, it never decides."""

    column: str
    value: str
    n: int
    effect: float
    low: float | None = None
    high: float | None = None
    word: str = "not enough evidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedRow:
    """A row that the two models answered differently; `difference` is tuned minus the other.

    An answer is null where it could not be had.
    """

    id: str
    place: str
    question: str
    difference: float
    reference: str | None = None
    cluster: str | None = None
    slices: Mapping[str, str] = field(default_factory=dict)
    tuned: tuple[KeptAnswer | None, ...] = ()
    other: tuple[KeptAnswer | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRow:
    """A line of `rows.jsonl`: one row of a set, and each model's answers to it."""

    set: str
    id: str
    place: str
    question: str
    reference: str | None = None
    cluster: str | None = None
    slices: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, tuple[KeptAnswer | None, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptComparison:
    """The tuned model against another one on a set.

    `word` is one of better, worse, as good, not worse, not enough evidence. `sentence` says it all
    in one. About `enough` rows in all would settle an open question. `margin` is the difference
    that does not matter to the user; asking each row more often could narrow the interval by the
    share `narrowing` at most. `differences` has one for each row, in their order; null where it
    could not be measured. `changed` lists rows, those that got worse first, and `left_out` more are
    not in it.
    """

    name: str
    model: str
    effect: float
    low: float | None
    high: float | None
    word: str
    sentence: str
    better: int
    worse: int
    p_value: float | None = None
    enough: int | None = None
    reason: str | None = None
    margin: float | None = None
    narrowing: float | None = None
    differences: tuple[float | None, ...] = ()
    slices: tuple[KeptSlice, ...] = ()
    changed: tuple[ChangedRow, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSet:
    """One test set. `leaked` rows are in the training data, and were left out.

    The first of `models` is the tuned one. `file` is as in the spec, `digest` the hash of the rows
    and of what is expected of them.
    """

    name: str
    file: str
    rows: int
    repeat: int
    leaked: int = 0
    clusters: int | None = None
    models: tuple[KeptModel, ...] = ()
    comparisons: tuple[KeptComparison, ...] = ()
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptGate:
    """One gate: `claim` in words, `result` passed, failed, undecided or skipped, and `why`.

    `value` is the plain figure or difference; `bound` is what was compared with `threshold`: a
    bound of the interval, or a bare value. An undecided gate is `excused` where the spec lets it
    stay open; about `enough` rows in all would settle it. `oldest` is when the first of the answers
    came whose latency was judged.
    """

    claim: str
    result: str
    why: str
    name: str = ""
    set: str | None = None
    excused: bool = False
    value: float | None = None
    bound: float | None = None
    threshold: float | None = None
    enough: int | None = None
    oldest: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSplit:
    """One split of the training data; what changed in it since the job `against`."""

    rows: str
    sha256: str | None = None
    bytes: int | None = None
    examples: int | None = None
    tokens: int | None = None
    against: str | None = None
    added: int | None = None
    removed: int | None = None
    changed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTraining:
    """The job. `events` are the run logs with its metrics, relative to this file's folder."""

    job: str
    base_model: str
    status: str
    model: str | None = None
    created_at: float | None = None
    trained_tokens: int | None = None
    error: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCost:
    """What it cost: `training` is an estimate from low to high, `answers` are those to test sets.

    `asked` of those answers came during the run; `reused` counts those that were stored already,
    and so cost nothing now. `answers` and the tokens are of all of them.
    """

    training: tuple[float, float] | None = None
    answers: float | None = None
    asked: int = 0
    reused: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the results come from; `run.json` beside the file has git's commit.

    `request` is what was passed through to chat completions, `tests` the hash of all tests.
    """

    ftrunner: str
    spec: str
    spec_sha256: str
    provider: str
    endpoint: str
    tests: str
    fingerprint: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResults:
    """The results of one run of one spec.

    `outcome` is passed, failed, not_enough_evidence, or no_tests. `sentence` is the verdict for
    people. `current` is the model that is current after the run; `moved` says that it is the one
    that was tested. `rehearsal` says that the mock provider answered.
    """

    name: str
    run: str
    at: float
    rehearsal: bool
    outcome: str
    sentence: str
    provenance: Provenance
    version: int = VERSION
    scenario: str | None = None
    model: str | None = None
    current: str | None = None
    moved: bool = False
    confidence: float = 0.95
    prompts: tuple[KeptPrompt, ...] = ()
    sets: tuple[KeptSet, ...] = ()
    gates: tuple[KeptGate, ...] = ()
    data: Mapping[str, KeptSplit] = field(default_factory=dict)
    training: KeptTraining | None = None
    cost: KeptCost = KeptCost()


def encode(results: RunResults) -> bytes:
    """The file's bytes: one value a line, keys in the order of the classes."""
    return msgspec.json.format(encode_row(results), indent=1) + b"\n"


def encode_row(value: KeptRow | RunResults) -> bytes:
    """One line, as in `rows.jsonl`. Half a surrogate pair, which a tool call may hold, is a `?`."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(msgspec.to_builtins(value), ensure_ascii=False).encode(errors="replace")


def decode(data: bytes) -> RunResults:
    """The results that `data` holds. Raises ValueError for what is torn or of another version."""
    try:
        found = _DECODER.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError(str(error)) from error  # which it is only in new versions
    if found.version != VERSION:
        raise ValueError(f"its version is {found.version}; this ftrunner reads {VERSION}")
    return found


# Made while one thread imports: msgspec 0.21 crashes where two threads learn a type at once.
_DECODER = msgspec.json.Decoder(RunResults)
