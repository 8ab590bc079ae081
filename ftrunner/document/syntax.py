"""What is not YAML, explained: what probably is wrong, where, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import yaml

from ftrunner.document.source import Source, Span
from ftrunner.findings import Finding
from ftrunner.text import ODD_SPACES, left_behind, name_of

# For a path in double quotes, as Windows writes it.
ESCAPES = "in \"double quotes\" \\ begins an escape: write / between folders, or 'single quotes'"


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
    message = f"this is not YAML: {error.problem}"
    if error.context and error.context_mark and error.context_mark.line < span.line:
        message += f" {error.context} that begins on line {error.context_mark.line + 1}"
    hint = _hint(source.lines[span.line - 1])
    return source.finding_at("FT106", span, message, hint=hint)


def stray_line(source: Source, lines: Iterable[str]) -> Finding | None:
    """The first of the text's lines that some tool left in the file."""
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
