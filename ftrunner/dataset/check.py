"""Checking one block of lines: a pure function from bytes to a tally, for any process to run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ftrunner.dataset import conversation, explain, lines, rules
from ftrunner.dataset.conversation import Line
from ftrunner.dataset.faults import Fault, bounded
from ftrunner.dataset.formats import Format, looks_like
from ftrunner.dataset.prepared import Selection
from ftrunner.dataset.tally import Share, Tally
from ftrunner.dataset.tokens import TokenCounter, load_counter
from ftrunner.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Settings:
    """What lines are checked for. Picklable, so that it can go to another process.

    Rows that `validation` holds count for the validation split, all others for training.
    `encoding` is None where tokens are not counted.
    """

    format: Format
    validation: Selection | None = None
    severities: Mapping[str, Severity] = field(default_factory=dict)
    encoding: str | None = None
    example_tokens: int | None = None


class Checker:
    """Checks blocks by its settings; holds what is slow to make, and no state of a dataset."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def _counter(self) -> TokenCounter | None:
        return load_counter(self.settings.encoding) if self.settings.encoding else None

    def block(self, block: bytes) -> Tally:
        """What `block`, whole lines each ended by a newline, adds up to."""
        rows = block.split(b"\n")[:-1]
        train, validation = _Gathering(), _Gathering()
        faults: list[Fault] = []
        for number, row in enumerate(rows, start=1):
            share = validation if self._in_validation(row) else train
            faults.extend(fault.at_line(number) for fault in self._row(row, share))
        return Tally(
            len(rows),
            train.share(),
            validation.share(),
            bounded(faults),
            Counter(fault.code for fault in faults),
        )

    def _in_validation(self, row: bytes) -> bool:
        return self.settings.validation is not None and self.settings.validation.holds(row)

    def _row(self, row: bytes, share: _Gathering) -> Iterator[Fault]:
        if lines.is_blank(row):
            yield Fault("FT217", "the line is blank", hint=BLANK_HINT, severity=Severity.WARNING)
            return
        share.examples += 1
        parsed = lines.parse(row)
        yield from parsed.faults
        if parsed.value is not None:
            yield from self._line(parsed.value, share)

    def _line(self, line: Line, share: _Gathering) -> Iterator[Fault]:
        format_ = self.settings.format
        seen = looks_like(line)
        if seen is not None and not format_.may_look_like(seen):
            yield _other_format(seen, format_)
            return
        refused = list(explain.faults(line, format_))
        yield from refused
        if not refused:
            yield from rules.apply(rules.RULES, line, format_, self.settings.severities)
            share.messages(line, format_)
            yield from self._tokens(line, share)

    def _tokens(self, line: Line, share: _Gathering) -> Iterator[Fault]:
        if self._counter is None:
            return
        tokens = self._counter.line(line, self.settings.format)
        limit = self.settings.example_tokens
        share.count(tokens, tokens if limit is None else min(tokens, limit))
        if limit is not None and tokens > limit:
            message = f"{tokens:,} tokens, and training reads {limit:,}: the answer is cut off"
            yield Fault("FT242", message, hint="shorten the conversation, or split it")


BLANK_HINT = "remove it: some providers refuse blank lines"


def _other_format(seen: Format, wanted: Format) -> Fault:
    message = f"this looks like {seen.label}, and {wanted.label} is wanted"
    if seen.method is wanted.method:
        hint = "one dataset holds one format; `ftrunner data convert` makes chat data of it"
    else:
        hint = f"set method: {seen.method}, or name another file"
    return Fault("FT220", message, hint=hint)


@dataclass(slots=True)
class _Gathering:
    """A Share in the making."""

    examples: int = 0
    tokens: int = 0
    billed: int = 0
    longest: int = 0
    roles: Counter[str] = field(default_factory=Counter)

    def messages(self, line: Line, format_: Format) -> None:
        self.roles.update(m.role for m in conversation.every_message(line, format_))

    def count(self, tokens: int, billed: int) -> None:
        self.tokens += tokens
        self.billed += billed
        self.longest = max(self.longest, tokens)

    def share(self) -> Share:
        return Share(self.examples, self.tokens, self.billed, self.longest, self.roles)
