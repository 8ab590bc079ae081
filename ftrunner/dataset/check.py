"""Checking one block of lines: from bytes to a tally, in any process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ftrunner.dataset.cost.tokens import load_counter
from ftrunner.dataset.edit.convert import why_not
from ftrunner.dataset.fast_path.acceptor import Acceptor
from ftrunner.dataset.files.prepared import Selection
from ftrunner.dataset.foreign import shapes
from ftrunner.dataset.foreign.shapes import Shape
from ftrunner.dataset.formats import Format, looks_like
from ftrunner.dataset.lines import explain, line, rules
from ftrunner.dataset.lines.conversation import Example, Line
from ftrunner.dataset.lines.facts import ExampleFacts, Facts
from ftrunner.dataset.lines.faults import Fault
from ftrunner.dataset.lines.forms import Form
from ftrunner.dataset.totals.accumulate import Noted, gather
from ftrunner.dataset.totals.block_stats import BlockStats
from ftrunner.findings import Severity


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
        facts = self.accepted(block, rows)
        faults: list[Fault] = []
        blank: list[int] = []
        for index, row in enumerate(rows):
            if facts[index] is not None:
                continue
            if line.is_blank(row):
                rows[index] = b""
                blank.append(index + 1)
            else:
                found, facts[index] = self.examine(row)
                faults.extend(fault.at_line(index + 1) for fault in found)
        return gather(rows, facts, faults, blank, self._noted, self._settings.validation)

    def accepted(self, block: bytes, rows: Sequence[bytes]) -> list[Facts | None]:
        """The fast path: facts of those rows of a block that are surely in order."""
        if self._acceptor is None:
            return [None] * len(rows)
        return list(self._acceptor.accept(block, rows))

    def facts(self, row: bytes) -> Facts | None:
        """The facts of one line, with or without its carriage return; None where it has none."""
        row = row.removesuffix(b"\r")
        [facts] = self.accepted(row + b"\n", [row])
        return facts or self.examine(row)[1]

    def examine(self, row: bytes) -> tuple[list[Fault], Facts | None]:
        """The full path: all faults of a line, and its facts where its schema accepts it."""
        faults, example = self.read(row)
        if example is None:
            return faults, None
        faults.extend(rules.apply(self._rules, example, self._severities))
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

    def _refused(self, line: Line) -> Iterator[Fault]:
        seen = looks_like(line)
        if seen is Format.TEXT and self._settings.format is not Format.TEXT:
            known = shapes.recognised(line) or shapes.SHAPES["text"]
            yield _other_shape(known, self._settings.format, line)
        elif seen is not None and not self._settings.format.may_look_like(seen):
            yield _other_format(seen, self._settings.format)
        else:
            found = list(explain.faults(line, self.form))
            shape = shapes.instead_of(self._settings.format, line) if found else None
            wanted = self._settings.format
            yield from [_other_shape(shape, wanted, line)] if shape else found

    def _passes(self, roles: tuple[str, ...]) -> bool:
        """Whether a conversation of these roles, its texts being harmless, has no fault."""
        line = {"messages": [{"role": role, "content": "a"} for role in roles]}
        if any(self._refused(line)):
            return False
        example = Example(line, self._settings.format)
        return not any(rules.apply(self._rules, example, self._severities))


def _rows(block: bytes) -> list[bytes]:
    """The block's lines. `bytes.find` skips what `bytes.split` looks at byte by byte."""
    rows = []
    start = 0
    while (end := block.find(b"\n", start)) >= 0:
        rows.append(block[start:end])
        start = end + 1
    return rows


def _other_format(seen: Format, wanted: Format) -> Fault:
    message = f"this looks like {seen.label}, and {wanted.label} is wanted"
    if seen.method is wanted.method:
        hint = "one dataset holds one format"
        if seen.is_plain:
            hint = f"{hint}; `ftrunner data convert SOURCE TARGET` converts it to chat data"
    else:
        hint = f"set method: {seen.method}, or name another file"
    return Fault("FT220", message, hint=hint)


def _other_shape(shape: Shape, wanted: Format, line: Line) -> Fault:
    message = f"this is {shape.label}, and {wanted.label} is wanted"
    hint = shape.advice
    if wanted is Format.REINFORCEMENT and shape.makes is Format.CHAT:
        hint = 'ask in {"messages": [{"role": "user", …}]}; keys beside it are for the grader'
    elif shape.makes is not None:
        hint = _conversion(shape.makes, wanted, why_not(line, shape))
    return Fault("FT220", message, hint=hint)


def _conversion(makes: Format, wanted: Format, why_not: str | None) -> str:
    """What `data convert` does about lines that become the format `makes`."""
    if why_not is not None:
        return f"`ftrunner data convert` makes {makes.label} of such lines, not of this: {why_not}"
    hint = f"`ftrunner data convert SOURCE TARGET` makes {makes.label} of it"
    return hint if makes.method is wanted.method else f"{hint}, for method: {makes.method}"
