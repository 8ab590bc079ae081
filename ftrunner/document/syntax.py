"""What is not YAML, explained: what probably is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import yaml

from ftrunner.document.slips import Stop, point, slip
from ftrunner.document.source import Source, Span
from ftrunner.findings import Finding
from ftrunner.text import left_behind

_ANYWHERE = "look for a missing colon, quote or bracket here or on the line above"


def syntax_fault(source: Source, error: yaml.MarkedYAMLError) -> Finding:
    """The finding of a text at which the parser stopped."""
    span = _within(source, _fault_point(error))
    stray = stray_line(source, source.lines)
    if stray is not None:
        return stray
    tabbed = next(_tab_indents(source, span.line), None)
    if tabbed is not None:
        message = "a tab indents this line; YAML takes spaces only"
        return source.finding_at("FT107", tabbed, message, hint="use two spaces for each level")
    mark = error.context_mark
    begin = span if mark is None else _within(source, point(mark.line + 1, mark.column + 1))
    found = slip(Stop(source, span, begin))
    where, message, hint = found or (span, "this is not YAML from here on", _ANYWHERE)
    return source.finding_at("FT106", where, message, hint=hint)


def stray_line(source: Source, lines: Iterable[str]) -> Finding | None:
    """The first of the text's lines that some tool left in the file."""
    for number, line in enumerate(lines, 1):
        left = left_behind(line)
        if left is not None:
            what, hint = left
            span = Span(number, 1, number, len(line) + 1)
            return source.finding_at("FT106", span, f"this line is {what}", hint=hint)
    return None


def _fault_point(error: yaml.MarkedYAMLError) -> Span:
    """Where the fault is: for a key without its colon at the key, not where that was noticed."""
    is_key = "simple key" in (error.context or "")
    mark = error.context_mark if is_key else error.problem_mark
    return point(1, 1) if mark is None else point(mark.line + 1, mark.column + 1)


def _within(source: Source, span: Span) -> Span:
    """`span`, or for a fault at the text's end the end of the last line that says something."""
    if any(line.strip() for line in source.lines[span.line - 1 :]):
        return span
    said = (number for number, line in enumerate(source.lines, 1) if line.strip())
    number = max(said, default=1)
    return point(number, len(source.lines[number - 1].rstrip()) + 1)


def _tab_indents(source: Source, line: int) -> Iterator[Span]:
    """The tab in the indentation of the line where parsing stopped, or of the one above."""
    for number in (line, line - 1):
        text = source.lines[number - 1] if 0 < number <= len(source.lines) else ""
        indent = text[: len(text) - len(text.lstrip())]
        if "\t" in indent:
            yield point(number, indent.index("\t") + 1)
