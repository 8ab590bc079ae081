"""The spec's text with the place of every key and value, so that anybody can point into it.

Lines kept here are masked: nothing that is built from a `Source` shows a key. A value that came
from the environment is not in the text; `shown` gives its reference instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import yaml

from ftrunner.findings import Excerpt, Finding, Location, Severity, json_path

KeyPath = tuple[str | int, ...]

# YAML 1.1 ends a line at these; `str.splitlines` at more.
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_SHOWN_LENGTH = 60


class Span(NamedTuple):
    """A stretch of text; lines and columns count from 1, the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Mark(NamedTuple):
    """Where a value is, and the key it is under."""

    value: Span
    key: Span | None = None


@dataclass(frozen=True)
class Source:
    """A spec's text. `hidden` maps values that must not be shown to what is shown for them, `given`
    to what the environment gave for them. It has places once it `is_parsed`: is known as YAML.
    """

    file: str
    text: str = field(repr=False)
    is_parsed: bool = False
    hidden: Mapping[KeyPath, str] = field(default_factory=dict, repr=False)
    given: Mapping[KeyPath, tuple[str, ...]] = field(default_factory=dict, repr=False)
    secrets: frozenset[KeyPath] = field(default=frozenset(), repr=False)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The text's lines, masked."""
        lines = _LINE_BREAK.split(self.text)
        for path in self.secrets:
            _star(lines, self.marks[path].value)
        return tuple(map(mask, lines))

    @cached_property
    def marks(self) -> Mapping[KeyPath, Mark]:
        """The place of every value. Few texts have a finding that needs one."""
        return marks_of(self.text) if self.is_parsed else {}

    def locate(self, path: KeyPath, at: Literal["key", "value"] = "value") -> Location:
        """Where `path` is, or the nearest parent that the text has."""
        span = self._span(path, at)
        return Location(self.file, span.line, span.column, json_path(path))

    def excerpt(self, path: KeyPath, at: Literal["key", "value"] = "value") -> Excerpt | None:
        """The masked line of `path`, with the columns of its key or value."""
        return self._excerpt(self._span(path, at))

    def finding(
        self,
        code: str,
        path: KeyPath,
        message: str,
        *,
        hint: str | None = None,
        at: Literal["key", "value"] = "value",
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding about the key or value at `path`; keys in its words are masked."""
        return self.finding_at(
            code, self._span(path, at), message, hint=hint, path=path, severity=severity
        )

    def finding_at(
        self,
        code: str,
        span: Span,
        message: str,
        *,
        hint: str | None = None,
        path: KeyPath = (),
        severity: Severity = Severity.ERROR,
    ) -> Finding:
        """A finding about a stretch of the text, for faults that leave no tree to point into."""
        return Finding(
            code=code,
            message=mask(message),
            location=Location(self.file, span.line, span.column, mask(json_path(path))),
            hint=mask(hint) if hint else None,
            severity=severity,
            excerpt=self._excerpt(span),
        )

    def raw(self, path: KeyPath) -> str:
        """The first line of the value as it is written, masked."""
        excerpt = self.excerpt(path)
        if excerpt is None:
            return ""
        return excerpt.text[excerpt.column - 1 : excerpt.column - 1 + excerpt.length]

    def shown(self, path: KeyPath, value: Any) -> str:
        """`value` as a message may quote it: short, masked, a reference where it is hidden."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.hidden:
                return self.hidden[path[:length]]
        text = mask(repr(value))
        return text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 1]}…"

    def is_hidden(self, path: KeyPath) -> bool:
        """Whether the value at `path` came from the environment or is a key."""
        return path in self.hidden

    def hides(self, path: KeyPath) -> bool:
        """Whether anything at or inside `path` must not be shown."""
        return any(hidden[: len(path)] == path for hidden in self.hidden)

    def _span(self, path: KeyPath, at: str) -> Span:
        for length in range(len(path), -1, -1):
            mark = self.marks.get(path[:length])
            if mark is not None:
                return _choose(mark, at if length == len(path) else "key")
        return Span(1, 1, 1, 2)

    def _excerpt(self, span: Span) -> Excerpt | None:
        if span.line > len(self.lines):
            return None
        text = self.lines[span.line - 1]
        end = span.end_column if span.end_line == span.line else len(text.rstrip()) + 1
        return Excerpt(text, span.column, max(1, end - span.column))


def _choose(mark: Mark, at: str) -> Span:
    """The key where it is asked for, or where the value takes no room (`train:` and nothing)."""
    value = mark.value
    is_empty = (value.line, value.column) == (value.end_line, value.end_column)
    return mark.key if mark.key is not None and (at == "key" or is_empty) else value


def _star(lines: list[str], span: Span) -> None:
    for number in _numbers(span, len(lines)):
        line = lines[number - 1]
        start = span.column - 1 if number == span.line else 0
        end = span.end_column - 1 if number == span.end_line else len(line)
        lines[number - 1] = line[:start] + "*" * (end - start) + line[end:]


def _numbers(span: Span, count: int) -> Iterable[int]:
    return range(span.line, min(span.end_line, count) + 1)


def span_of(item: yaml.Event | yaml.Node) -> Span:
    """Where an event or a node is."""
    start: Any = item.start_mark  # the stubs allow for None, which parsers never give
    end: Any = item.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def marks_of(text: str) -> dict[KeyPath, Mark]:
    """The place of every value of a text that bears a tree; of a repeated key the first."""
    marks: dict[KeyPath, Mark] = {}
    root = yaml.compose(text, Loader=yaml.CSafeLoader)
    if root is not None:
        _mark(marks, root, ())
    return marks


def _mark(
    marks: dict[KeyPath, Mark], node: yaml.Node, path: KeyPath, key: Span | None = None
) -> None:
    marks[path] = Mark(span_of(node), key)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _mark(marks, item, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if isinstance(name, yaml.ScalarNode) and (*path, name.value) not in marks:
                _mark(marks, value, (*path, name.value), span_of(name))


# Issued keys have a short prefix and a long tail without spaces.
_KEY = re.compile(r"(?<![\w-])(?:sk|rk|pk|gsk|xai|hf|tgp|ghp|nvapi)[-_][\w-]{12,}")
_NAMES = r"(?:api[-_]?key|authorization|secret|password|access[-_]?token|auth[-_]?token)"
_SECRET_NAME = re.compile(rf"(?:.*[-_])?{_NAMES}", re.IGNORECASE)
# A secret's name and value on one line, whatever the YAML around it is worth. A default that says
# nothing, as in the hint `${env:WANDB_API_KEY:-value}`, is not a secret.
_SECRET_LINE = re.compile(
    rf"({_NAMES}[\"']?[ \t]*:[ \t]*)(?![ \t]|.?\$\{{|-(?:value)?\}})(\S.*)", re.IGNORECASE
)
_USER_IN_URL = re.compile(r"(?<=://)[^/\s@\"']+(?=@)")
# No one names a variable like this; keys without a known prefix look so.
_PASTED = re.compile(r"(?=.*[0-9])(?=.*[^A-Z0-9_])\S{20,}")


def looks_like_key(text: str) -> bool:
    """Whether `text` holds something that has the form of an issued key."""
    return _KEY.search(text) is not None


def is_secret_name(name: str) -> bool:
    """Whether a value called `name` is a key by its name: `api_key`, `Authorization`."""
    return _SECRET_NAME.fullmatch(name) is not None


def looks_pasted(text: str) -> bool:
    """Whether `text` is rather a key than the name of the variable that should be there."""
    return looks_like_key(text) or _PASTED.fullmatch(text) is not None


def mask(text: str) -> str:
    """`text` with every key in it starred out, character for character, so columns stay."""
    for secret in (_KEY, _USER_IN_URL):
        text = secret.sub(lambda match: "*" * len(match[0]), text)
    return _SECRET_LINE.sub(lambda match: match[1] + "*" * len(match[2]), text)
