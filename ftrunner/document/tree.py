"""The text becomes a tree of mappings, lists and unresolved scalars, with every position kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import yaml

from ftrunner.document.bounds import span_of
from ftrunner.document.source import KeyPath, Mark, Source, Span
from ftrunner.findings import Finding
from ftrunner.text import ODD_SPACES, name_of

_MERGE = "<<"
NOT_YAML = "FT106"
# Where a space of YAML was meant: before a key, and between a key and its value.
_ODD_SPACE = re.compile(f"(?:^|:)([{ODD_SPACES}])")


class Leaf(NamedTuple):
    """A scalar as it is written; a plain one gets its type from its text, after interpolation."""

    text: str
    plain: bool


Tree = dict[str, "Tree"] | list["Tree"] | Leaf


@dataclass(frozen=True, slots=True)
class Parsed:
    """The tree, the source with its marks, and what is wrong with keys."""

    root: Tree
    source: Source
    findings: tuple[Finding, ...]


def read_tree(source: Source) -> Parsed:
    """The tree of a text that passed `check_bounds`. Of a repeated key the first value stays."""
    node = yaml.compose(source.text, Loader=yaml.CSafeLoader)
    if node is None:  # nothing but comments
        return Parsed(Leaf("", plain=True), source, ())
    walk = _Walk(source)
    root = walk.read(node, ())
    marked = replace(source, marks=walk.marks)
    return Parsed(root, marked, tuple(walk.findings))


class _Walk:
    def __init__(self, source: Source) -> None:
        self._source = source
        self.marks: dict[KeyPath, Mark] = {}
        self.findings: list[Finding] = []

    def read(self, node: yaml.Node, path: KeyPath, key: Span | None = None) -> Tree:
        is_plain = isinstance(node, yaml.ScalarNode) and not node.style
        self.marks[path] = Mark(span_of(node), key, is_plain)
        if isinstance(node, yaml.MappingNode):
            return {
                name: self.read(value, (*path, name), span_of(key_node))
                for name, key_node, value in self._entries(node, path)
            }
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return Leaf(node.value, is_plain)

    def _entries(
        self, node: yaml.MappingNode, path: KeyPath
    ) -> Iterator[tuple[str, yaml.Node, yaml.Node]]:
        lines: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self._report(key, path, "FT111", "a key must be text", "quote the key")
            elif odd := _odd_space(key):
                message = f"{name_of(odd)} is not a space in YAML, and so a part of this key"
                self._report(key, path, NOT_YAML, message, "write ordinary spaces")
            elif key.value == _MERGE:
                hint = "write the keys out, or give a whole value an alias"
                self._report(key, path, "FT111", "merge keys (<<) are not supported", hint)
            elif key.value in lines:
                message = f"{key.value!r} is given twice; the first is on line {lines[key.value]}"
                self._report(key, (*path, key.value), "FT112", message, "keep one of the two")
            else:
                lines[key.value] = key.start_mark.line + 1
                yield key.value, key, value

    def _report(self, key: yaml.Node, path: KeyPath, code: str, message: str, hint: str) -> None:
        finding = self._source.finding_at(code, span_of(key), message, hint=hint, path=path)
        self.findings.append(finding)


def _odd_space(key: yaml.ScalarNode) -> str | None:
    """The character in an unquoted key that was meant as a space around it."""
    found = _ODD_SPACE.search(key.value) if not key.style else None
    return found[1] if found else None
