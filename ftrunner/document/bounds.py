"""Limits that are checked before a tree is built, over the parser's events alone.

The C parser's composer recurses and dies on deep nesting, and a few aliases can stand for
billions of values; neither is reached by a text that passed here. The scanner reads up to 1,024
characters ahead of the events, and some versions of it have a depth limit too: where it fails, the
text before that place is measured by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import yaml

from ftrunner.document.source import Source, Span
from ftrunner.findings import Finding
from ftrunner.text import ODD_SPACES, left_behind, name_of

MAX_DEPTH = 100
MAX_VALUES = 100_000

_START = "`ftrunner init` writes a spec to edit"
_STANDARD_TAG = "tag:yaml.org,2002:"


def check_bounds(source: Source) -> Finding | None:
    """The first thing that makes the text unfit for a tree: syntax, depth, aliases, tags."""
    meter = _Meter()
    begins = _stray(source, source.lines[:1])
    if begins is not None:
        return begins
    try:
        passed = _limit_passed(source, source.text, meter)
    except yaml.MarkedYAMLError as error:
        return _too_deep_before(source, error) or _syntax_fault(source, error)
    if passed is None and meter.values == 0:
        message = f"{source.file} holds nothing but comments"
        return source.finding_at("FT103", _point(1, 1), message, hint=_START)
    return passed


def span_of(item: yaml.Event | yaml.Node) -> Span:
    """Where an event or a node is."""
    start: Any = item.start_mark  # the stubs allow for None, which parsers never give
    end: Any = item.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


# For a path in double quotes, as Windows writes it.
ESCAPES = "in \"double quotes\" \\ begins an escape: write / between folders, or 'single quotes'"

_Fault = tuple[str, str, str]


def _limit_passed(source: Source, text: str, meter: _Meter) -> Finding | None:
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        fault = meter.measure(event)
        if fault is not None:
            code, message, hint = fault
            return source.finding_at(code, span_of(event), message, hint=hint)
    return None


def _too_deep_before(source: Source, error: yaml.MarkedYAMLError) -> Finding | None:
    """The depth limit passed by the text before the error, and nothing else: it is cut off."""
    if error.problem_mark is None:
        return None
    with suppress(yaml.MarkedYAMLError):
        finding = _limit_passed(source, source.text[: error.problem_mark.index], _Meter())
        return finding if finding and finding.code == "FT108" else None
    return None


class _Meter:
    """Counts depth, documents, and values with aliases expanded."""

    def __init__(self) -> None:
        self._documents = 0
        self._open: list[tuple[str | None, int]] = []
        self._sizes: dict[str, int] = {}
        self.values = 0

    def measure(self, event: yaml.Event) -> _Fault | None:
        """Take one event in; a fault where a limit is passed."""
        if isinstance(event, yaml.DocumentStartEvent):
            return self._document()
        if isinstance(event, yaml.CollectionEndEvent):
            self._close()
            return None
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor))
        if isinstance(event, yaml.NodeEvent):
            return self._node(event)
        return None

    def _document(self) -> _Fault | None:
        self._documents += 1
        if self._documents == 1:
            return None
        return "FT110", "the file holds more than one document", "keep one spec per file"

    def _node(self, event: yaml.NodeEvent) -> _Fault | None:
        self.values += 1
        if event.anchor and (event.anchor in self._sizes or self._is_open(event.anchor)):
            message = f"the anchor &{event.anchor} names two values"
            return "FT109", message, "give each value that an alias repeats its own name"
        if isinstance(event, yaml.CollectionStartEvent):
            self._open.append((event.anchor, self.values))
        elif event.anchor:
            self._sizes[event.anchor] = 1
        if len(self._open) > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            return "FT108", message, "a spec needs fewer than ten; look for an unclosed bracket"
        tag = getattr(event, "tag", None)
        if tag:
            message = f"the YAML tag {tag.replace(_STANDARD_TAG, '!!')} is not supported"
            return "FT111", message, "leave the tag out; quote the value if it must be text"
        return self._too_many()

    def _close(self) -> None:
        anchor, before = self._open.pop()
        if anchor:
            self._sizes[anchor] = self.values - before + 1

    def _alias(self, anchor: str) -> _Fault | None:
        if anchor not in self._sizes:
            message = f"the alias *{anchor} refers to nothing before it"
            if self._is_open(anchor):
                message = f"the alias *{anchor} is inside the value it names"
            return "FT109", message, "an alias repeats a finished value that is above it"
        self.values += self._sizes[anchor]
        return self._too_many()

    def _is_open(self, anchor: str) -> bool:
        return any(anchor == name for name, _ in self._open)

    def _too_many(self) -> _Fault | None:
        if self.values <= MAX_VALUES:
            return None
        message = f"with its aliases expanded the spec holds more than {MAX_VALUES:,} values"
        return "FT109", message, "write the values out, or keep the data in the dataset's files"


def _syntax_fault(source: Source, error: yaml.MarkedYAMLError) -> Finding:
    span = _within(source, _fault_point(error))
    stray = _stray(source, source.lines)
    if stray is not None:
        return stray
    tabbed = next(_tab_indents(source, span.line), None)
    if tabbed is not None:
        message = "a tab indents this line; YAML takes spaces only"
        return source.finding_at("FT107", tabbed, message, hint="use two spaces for each level")
    message = f"this is not YAML: {error.problem}"
    if error.context and error.context_mark and error.context_mark.line < span.line:
        message += f" {error.context} that begins on line {error.context_mark.line + 1}"
    hint = _hint(source.lines[span.line - 1])
    return source.finding_at("FT106", span, message, hint=hint)


def _stray(source: Source, lines: Iterable[str]) -> Finding | None:
    """The first line that some tool left in the spec."""
    for number, line in enumerate(lines, 1):
        left = left_behind(line)
        if left is not None:
            what, hint = left
            span = Span(number, 1, number, len(line) + 1)
            return source.finding_at("FT106", span, f"this line is {what}", hint=hint)
    return None


def _hint(line: str) -> str:
    """What probably is wrong with the line at which parsing stopped."""
    odd = next((each for each in line if each in ODD_SPACES), None)
    if odd is not None:
        return f"the line has {name_of(odd)}, which is not a space in YAML: write an ordinary one"
    if "：" in line:
        return f"the line has {name_of('：')}: write an ordinary one"
    if "${" in line:
        return 'inside { } and [ ] a reference must be quoted: "${env:NAME}"'
    if re.search(r'"[^"]*\\', line):
        return ESCAPES
    if re.search(r":\s+[^\s\"'\[{|>&*][^\"']*:(?:\s|$)", line):
        return 'a text with a colon needs quotes: key: "text: more text"'
    return "look for a missing colon, quote or bracket here or on the line above"


def _fault_point(error: yaml.MarkedYAMLError) -> Span:
    """Where the fault is: for a key without its colon at the key, not where that was noticed."""
    is_key = "simple key" in (error.context or "")
    mark = error.context_mark if is_key else error.problem_mark
    return _point(1, 1) if mark is None else _point(mark.line + 1, mark.column + 1)


def _within(source: Source, span: Span) -> Span:
    """`span`, or for a fault at the text's end the end of the last line that says something."""
    if any(line.strip() for line in source.lines[span.line - 1 :]):
        return span
    said = (number for number, line in enumerate(source.lines, 1) if line.strip())
    number = max(said, default=1)
    return _point(number, len(source.lines[number - 1].rstrip()) + 1)


def _tab_indents(source: Source, line: int) -> Iterator[Span]:
    """The tab in the indentation of the line where parsing stopped, or of the one above."""
    for number in (line, line - 1):
        text = source.lines[number - 1] if 0 < number <= len(source.lines) else ""
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            yield _point(number, indent.index("\t") + 1)


def _point(line: int, column: int) -> Span:
    return Span(line, column, line, column + 1)
