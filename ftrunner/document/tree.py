"""The text becomes a tree of mappings, lists and unresolved scalars, measured as it grows.

The parser's own composer recurses and dies on deep nesting, and a few aliases can stand for
billions of values; so the tree is built from events, within limits. The scanner reads up to 1,024
characters ahead of the events, and some versions of it have a depth limit too: where it fails, the
text before that place is measured by itself.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import yaml

from ftrunner.document.source import KeyPath, Source, Span, span_of
from ftrunner.document.syntax import stray_line, syntax_fault
from ftrunner.findings import Finding
from ftrunner.text import ODD_SPACES, left_behind, name_of

MAX_DEPTH = 100
MAX_VALUES = 100_000
NOT_YAML = "FT106"

_TOO_DEEP = "FT108"
_MERGE = "<<"
_STANDARD_TAG = "tag:yaml.org,2002:"
# Where a space of YAML was meant: before a key, and between a key and its value.
_ODD_SPACE = re.compile(f"(?:^|:)([{ODD_SPACES}])")


class Leaf(NamedTuple):
    """A scalar as it is written; a plain one gets its type from its text, after interpolation."""

    text: str
    plain: bool


Tree = dict[str, "Tree"] | list["Tree"] | Leaf


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree, the source that knows its places, and what is wrong with keys."""

    root: Tree
    source: Source
    findings: tuple[Finding, ...]


def read_tree(source: Source) -> Parsed | Finding:
    """The tree of a text, or the first thing that makes it unfit for one.

    Of a repeated key the first value stays.
    """
    first = source.text.split("\n", 1)[0]
    stray = stray_line(source, [first]) if left_behind(first) else None
    if stray is not None:
        return stray
    reader = _Reader(source, source.text)
    try:
        root = reader.read()
    except _Unfit as unfit:
        return unfit.finding
    except yaml.MarkedYAMLError as error:
        return _too_deep_before(source, error) or syntax_fault(source, error)
    if root is None:
        return _nothing_but_comments(source)
    return Parsed(root, replace(source, is_parsed=True), tuple(reader.findings))


def _too_deep_before(source: Source, error: yaml.MarkedYAMLError) -> Finding | None:
    """The depth limit passed by the text before the error, and nothing else: it is cut off."""
    if error.problem_mark is None:
        return None
    try:
        with suppress(yaml.MarkedYAMLError):
            _Reader(source, source.text[: error.problem_mark.index]).read()
    except _Unfit as unfit:
        return unfit.finding if unfit.finding.code == _TOO_DEEP else None
    return None


class _Unfit(Exception):
    """A limit is passed, or YAML is used for more than values."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


class _Reader:
    """Builds the tree of one text; counts depth, and values with aliases expanded."""

    def __init__(self, source: Source, text: str) -> None:
        self._source = source
        self._events = yaml.parse(text, Loader=yaml.CSafeLoader)
        self._anchored: dict[str, tuple[Tree, int] | None] = {}  # None while the value is open
        self._depth = 0
        self._values = 0
        self.findings: list[Finding] = []

    def read(self) -> Tree | None:
        """The value of the only document; None where there is none. Raises _Unfit."""
        root: Tree | None = None
        for event in self._events:
            if isinstance(event, yaml.NodeEvent):
                root = self._node(event, ())
            elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
                message = "the file holds more than one document"
                raise self._unfit(event, "FT110", message, "keep one spec per file")
        return root

    def _node(self, event: Any, path: KeyPath) -> Tree:
        if isinstance(event, yaml.AliasEvent):
            return self._repeated(event)
        self._count(event, 1)
        if event.anchor:
            self._open(event)
        if event.tag:
            raise self._tagged(event)
        before = self._values
        if isinstance(event, yaml.ScalarEvent):
            tree: Tree = Leaf(event.value, not event.style)
        else:
            self._enter(event)
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            tree = self._mapping(path) if is_mapping else self._list(path)
            self._depth -= 1
        if event.anchor:
            self._anchored[event.anchor] = tree, self._values - before + 1
        return tree

    def _tagged(self, event: Any) -> _Unfit:
        tag = event.tag.replace(_STANDARD_TAG, "!!")
        hint = "leave the tag out; quote the value if it must be text"
        return self._unfit(event, "FT111", f"the YAML tag {tag} is not supported", hint)

    def _enter(self, event: yaml.Event) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            message = f"nested more than {MAX_DEPTH} levels deep"
            hint = "a spec needs fewer than ten; look for an unclosed bracket"
            raise self._unfit(event, _TOO_DEEP, message, hint)

    def _list(self, path: KeyPath) -> list[Tree]:
        items: list[Tree] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return items

    def _mapping(self, path: KeyPath) -> dict[str, Tree]:
        members: dict[str, Tree] = {}
        lines: dict[str, int] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            name = self._name(self._node(event, path), event, path, lines)
            if name is None:
                self._node(next(self._events), path)  # measured, and left out
            else:
                lines[name] = span_of(event).line
                members[name] = self._node(next(self._events), (*path, name))
        return members

    def _name(self, key: Tree, event: Any, path: KeyPath, lines: dict[str, int]) -> str | None:
        """The name that a key gives to its value; None, and a finding, where it gives none."""
        if not isinstance(key, Leaf):
            self._report(event, path, "FT111", "a key must be text", "quote the key")
        elif odd := _odd_space(key):
            message = f"{name_of(odd)} is not a space in YAML, and so a part of this key"
            self._report(event, path, NOT_YAML, message, "write ordinary spaces")
        elif key.text == _MERGE:
            hint = "write the keys out, or give a whole value an alias"
            self._report(event, path, "FT111", "merge keys (<<) are not supported", hint)
        elif key.text in lines:
            message = f"{key.text!r} is given twice; the first is on line {lines[key.text]}"
            self._report(event, (*path, key.text), "FT112", message, "keep one of the two")
        else:
            return key.text
        return None

    def _open(self, event: Any) -> None:
        if event.anchor in self._anchored:
            message = f"the anchor &{event.anchor} names two values"
            hint = "give each value that an alias repeats its own name"
            raise self._unfit(event, "FT109", message, hint)
        self._anchored[event.anchor] = None

    def _repeated(self, event: Any) -> Tree:
        known = self._anchored.get(event.anchor)
        if known is None:
            is_open = event.anchor in self._anchored
            what = "is inside the value it names" if is_open else "refers to nothing before it"
            hint = "an alias repeats a finished value that is above it"
            raise self._unfit(event, "FT109", f"the alias *{event.anchor} {what}", hint)
        tree, size = known
        self._count(event, size)
        return tree

    def _count(self, event: yaml.Event, values: int) -> None:
        self._values += values
        if self._values > MAX_VALUES:
            message = f"with its aliases expanded the spec holds more than {MAX_VALUES:,} values"
            hint = "write the values out, or keep the data in the dataset's files"
            raise self._unfit(event, "FT109", message, hint)

    def _unfit(self, event: yaml.Event, code: str, message: str, hint: str) -> _Unfit:
        return _Unfit(self._source.finding_at(code, span_of(event), message, hint=hint))

    def _report(self, key: yaml.Event, path: KeyPath, code: str, message: str, hint: str) -> None:
        finding = self._source.finding_at(code, span_of(key), message, hint=hint, path=path)
        self.findings.append(finding)


def _nothing_but_comments(source: Source) -> Finding:
    message = "the file holds nothing but comments"
    hint = "`ftrunner init` writes a spec to edit"
    return source.finding_at("FT103", Span(1, 1, 1, 2), message, hint=hint)


def _odd_space(key: Leaf) -> str | None:
    """The character in an unquoted key that was meant as a space around it."""
    found = _ODD_SPACE.search(key.text) if key.plain and not key.text.isascii() else None
    return found[1] if found else None
