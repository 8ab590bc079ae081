"""Adding up the lines of a block: from their bytes and facts to a tally."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import not_

from xxhash import xxh3_64_intdigest

from ftrunner.canonical import canonical_line
from ftrunner.dataset.cost.tokens import TokenCounter
from ftrunner.dataset.files.prepared import Selection
from ftrunner.dataset.lines.facts import Facts
from ftrunner.dataset.lines.faults import BLANK, KEPT_PER_CODE, Cause, Fault, bounded
from ftrunner.dataset.totals.block_stats import (
    MOST_SYSTEMS,
    BlockStats,
    SplitStats,
    SystemPrompts,
    bounded_causes,
)
from ftrunner.dataset.totals.row_hashes import trail
from ftrunner.findings import Severity

_BLANK = Fault(
    BLANK,
    "the line is blank",
    hint="remove it: some providers refuse blank lines",
    severity=Severity.WARNING,
)


class Noted:
    """What to note about lines that passed: tokens, digests, and whether a test asks the same.

    `questions` are the last user messages of test prompts, each with its prompt's name.
    """

    def __init__(
        self,
        counter: TokenCounter | None,
        example_tokens: int | None,
        questions: Iterable[tuple[str, str]],
        severities: Mapping[str, Severity | None],
        *,
        hashed: bool = True,
    ) -> None:
        severity = severities.get("FT253", Severity.WARNING)
        self._counter = counter
        self._limit = example_tokens
        self._severity = severity or Severity.WARNING
        self._hashed = hashed
        self._questions = {
            json.dumps(question, ensure_ascii=escaped)[1:-1].encode(): name
            for question, name in (questions if severity else ())
            for escaped in (True, False)
        }

    def tokens(self, facts: Sequence[Facts | None]) -> list[int]:
        """The tokens of each line, 0 for a line without facts; none where none are counted."""
        if self._counter is None:
            return []
        return [0 if known is None else known.tokens(self._counter) for known in facts]

    def digests(self, rows: Iterable[bytes]) -> bytes:
        """The sha256 of each canonical row, one after the other; nothing where none is wanted."""
        if not self._hashed:
            return b""
        return b"".join(hashlib.sha256(row).digest() for row in rows if row)

    def billed(self, tokens: Sequence[int]) -> int:
        """What training reads of examples of so many tokens."""
        limit = self._limit
        return sum(tokens) if limit is None else sum(min(count, limit) for count in tokens)

    def faults(self, facts: Sequence[Facts | None], tokens: Sequence[int]) -> Iterator[Fault]:
        """Test prompts among the lines, and lines of which training does not read all."""
        if self._questions:
            for number, known in enumerate(facts, start=1):
                if known is not None and (name := self._questions.get(known.question)):
                    yield _leak(name, self._severity).at_line(number)
        if self._limit is not None:
            for number, count in enumerate(tokens, start=1):
                if count > self._limit:
                    yield cut(count, self._limit).at_line(number)


def _leak(name: str, severity: Severity) -> Fault:
    message = f"the test prompt '{name}' is asked here: the model has seen its answer"
    hint = "test with prompts that are not trained on"
    return Fault("FT253", message, hint=hint, severity=severity)


def cut(tokens: int, limit: int) -> Fault:
    """FT242: training reads only the first `limit` of an example's tokens."""
    message = f"{tokens:,} tokens, of which training reads {limit:,}"
    return Fault(
        "FT242",
        message,
        hint="the end of the answer is lost: shorten the conversation, or split it",
    )


def gather(
    rows: Sequence[bytes],
    facts: Sequence[Facts | None],
    faults: Iterable[Fault],
    blank: Sequence[int],
    noted: Noted,
    validation: Selection | None,
) -> BlockStats:
    """The tally of a block's rows, of which those with the numbers in `blank` are blank, and empty.

    Facts are None where a row has none.
    """
    tokens = noted.tokens(facts)
    listed = [_BLANK.at_line(number) for number in blank[:KEPT_PER_CODE]]
    found = [*faults, *noted.faults(facts, tokens), *listed]
    found.sort(key=lambda fault: fault.line or 0)
    canonical = [b"" if known is None else known.row for known in facts]
    in_validation = _held(validation, rows, canonical)
    lengths = list(map(len, rows))
    longest = max(lengths, default=0)
    return BlockStats(
        len(rows),
        _share(list(map(not_, in_validation)), rows, canonical, facts, tokens, noted),
        _share(in_validation, rows, canonical, facts, tokens, noted)
        if validation
        else SplitStats(),
        bounded(found),
        Counter(fault.code for fault in found) + Counter({BLANK: len(blank) - len(listed)}),
        # That a broken row is repeated says nothing.
        trail(canonical, [b"" if known is None else known.prompt for known in facts]),
        _systems(facts),
        Counter(map(int.bit_length, lengths)),
        (longest, lengths.index(longest) + 1 if longest else 0),
        bounded_causes(_rows_by_cause(found) + Counter({_BLANK.cause: len(blank) - len(listed)})),
    )


def _rows_by_cause(faults: Iterable[Fault]) -> Counter[Cause]:
    return Counter(cause for _, cause in {(fault.line, fault.cause) for fault in faults})


def _held(
    validation: Selection | None, rows: Sequence[bytes], canonical: Sequence[bytes]
) -> list[bool]:
    """Which rows are in the validation split."""
    if validation is None:
        return [False] * len(rows)
    pairs = zip(rows, canonical, strict=True)
    return [validation.holds_canonical(known or canonical_line(row)) for row, known in pairs]


def _share(
    mine: Sequence[bool],
    rows: Sequence[bytes],
    canonical: Sequence[bytes],
    facts: Sequence[Facts | None],
    tokens: Sequence[int],
    noted: Noted,
) -> SplitStats:
    """What the rows of one split, marked in `mine`, add up to."""
    conversations = Counter(known.roles for known in compress(facts, mine) if known is not None)
    roles: Counter[str] = Counter()
    for conversation, times in conversations.items():
        for role in conversation:
            roles[role] += times
    examples = sum(map(bool, compress(rows, mine)))
    own = list(compress(tokens, mine))
    coarse = sum(known.coarse for known in compress(facts, mine) if known is not None)
    digests = noted.digests(compress(canonical, mine))
    return SplitStats(
        examples, sum(own), noted.billed(own), max(own, default=0), roles, coarse, digests
    )


def _systems(facts: Sequence[Facts | None]) -> SystemPrompts:
    prompts = [None if known is None else known.system for known in facts]
    times = Counter(prompts)
    del times[None]
    if len(times) > MOST_SYSTEMS:
        return SystemPrompts(many=True)
    return SystemPrompts(
        {
            xxh3_64_intdigest(prompt) if prompt else 0: (count, prompts.index(prompt) + 1)
            for prompt, count in times.items()
            if prompt is not None
        }
    )
