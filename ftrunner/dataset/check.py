"""Checking one block of lines: from bytes to a tally, in any process."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module

from ftrunner.dataset.cost.tokens import load_counter
from ftrunner.dataset.fast_path.acceptor import Acceptor
from ftrunner.dataset.fast_path.suspects import Search
from ftrunner.dataset.files.prepared import Selection
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import line, rules
from ftrunner.dataset.lines.conversation import Example, Line
from ftrunner.dataset.lines.facts import ExampleFacts, Facts
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.forms import Form, validator
from ftrunner.dataset.totals.accumulate import Noted, gather
from ftrunner.dataset.totals.block_stats import BlockStats
from ftrunner.findings import Severity

# Knows the data of other tools: most files have no line that it is needed for.
_REFUSALS = "ftrunner.dataset.refusals"


@dataclass(frozen=True, slots=True)
class Settings:
    """What lines are checked for. Hashable and picklable, so that it can go to other processes.

    Rows that `validation` holds count for the validation split, all others for training.
    Codes whose severity is null are not faults; `images` is the most of an example.
    `encoding` is None where tokens are not counted. `questions` are the last user messages of
    the spec's test prompts, each with the prompt's name. `roles` and `message_keys` are as those of
    a `Form`. `hashed` asks for the digests of rows.
    """

    format: Format
    validation: Selection | None = None
    severities: tuple[tuple[str, Severity | None], ...] = ()
    images: int | None = None
    encoding: str | None = None
    example_tokens: int | None = None
    questions: tuple[tuple[str, str], ...] = ()
    roles: tuple[str, ...] | None = None
    message_keys: tuple[tuple[str, str], ...] = ()
    hashed: bool = False

    @property
    def form(self) -> Form:
        """What a line may hold."""
        return Form(self.format, self.roles, self.message_keys)


class Checker:
    """Checks blocks by its settings; holds what is slow to make, and no state of a dataset."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.form = settings.form
        self._severities = dict(settings.severities)
        self._rules = rules.at_most(settings.images)
        self._looking_for = lru_cache(self._rules_for)
        self._search = Search()
        self._acceptor = Acceptor(self._passes) if settings.format is Format.CHAT else None
        self._noted = Noted(
            load_counter(settings.encoding) if settings.encoding else None,
            settings.example_tokens,
            settings.questions,
            self._severities,
            hashed=settings.hashed,
        )

    def block(self, block: bytes) -> BlockStats:
        """What `block`, whole lines each ended by a newline, adds up to."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n")
        rows = _rows(block)
        suspect = self._search.rows(block, rows)
        facts = self._accepted(block, rows, suspect)
        faults: list[Fault] = []
        blank: list[int] = []
        for index, row in enumerate(rows):
            if facts[index] is not None:
                continue
            if line.is_blank(row):
                rows[index] = b""
                blank.append(index + 1)
            else:
                found, facts[index] = self.examine(row, suspect.get(index, ()))
                faults.extend(fault.at_line(index + 1) for fault in found)
        return gather(rows, facts, faults, blank, self._noted, self._settings.validation)

    def accepted(self, block: bytes, rows: Sequence[bytes]) -> list[Facts | None]:
        """The fast path: facts of those rows of a block that are surely in order."""
        return self._accepted(block, rows, self._search.rows(block, rows))

    def _accepted(
        self, block: bytes, rows: Sequence[bytes], suspect: Collection[int]
    ) -> list[Facts | None]:
        if self._acceptor is None:
            return [None] * len(rows)
        return list(self._acceptor.accept(block, rows, suspect))

    def facts(self, row: bytes) -> Facts | None:
        """The facts of one line, with or without its carriage return; None where it has none."""
        row = row.removesuffix(b"\r")
        [facts] = self.accepted(row + b"\n", [row])
        if facts is not None:
            return facts
        example = self.read(row)[1]
        return None if example is None else ExampleFacts(example)

    def examine(
        self, row: bytes, suspects: Collection[str | None] = (None,)
    ) -> tuple[list[Fault], Facts | None]:
        """The full path: all faults of a line, and its facts where its schema accepts it.

        Of the rules about texts only those apply whose codes are in `suspects`; all if None is.
        """
        faults, example = self.read(row)
        if example is None:
            return faults, None
        mine = self._rules if None in suspects else self._looking_for(frozenset(suspects))
        faults.extend(rules.apply(mine, example, self._severities))
        return faults, ExampleFacts(example)

    def read(self, row: bytes) -> tuple[list[Fault], Example | None]:
        """What is wrong with the form of a line, and the line where its schema accepts it."""
        parsed = line.parse(row)
        faults = list(parsed.faults)
        if parsed.value is None:
            return faults, None
        refused = list(self._refused(parsed.value))
        if refused:
            return faults + refused, None
        return faults, Example(parsed.value, self._settings.format)

    def _refused(self, line: Line) -> Iterable[Fault]:
        """Why a line is not of the format wanted; what says so is loaded for the first of them."""
        if validator(self.form).is_valid(line):
            return ()
        found: Iterable[Fault] = import_module(_REFUSALS).refusals(line, self.form)
        return found

    def _passes(self, roles: tuple[str, ...]) -> bool:
        """Whether a conversation of these roles, its texts being harmless, has no fault."""
        line = {"messages": [{"role": role, "content": "a"} for role in roles]}
        if any(self._refused(line)):
            return False
        example = Example(line, self._settings.format)
        return not any(rules.apply(self._rules_for(()), example, self._severities))

    def _rules_for(self, suspects: Collection[str | None]) -> list[rules.Rule]:
        """The rules that may find something in texts with these suspects."""
        return [r for r in self._rules if not r.is_about_texts or r.code in suspects]


def _rows(block: bytes) -> list[bytes]:
    """The block's lines. `bytes.find` skips what `bytes.split` looks at byte by byte."""
    rows = []
    start = 0
    while (end := block.find(b"\n", start)) >= 0:
        rows.append(block[start:end])
        start = end + 1
    return rows
