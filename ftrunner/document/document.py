"""A YAML text becomes plain values: references replaced, scalars typed, keys kept out of sight."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ftrunner.document.interpolate import Interpolator
from ftrunner.document.scalars import resolve
from ftrunner.document.source import KeyPath, Source, is_secret_name, looks_like_key, looks_pasted
from ftrunner.document.tree import NOT_YAML, Parsed, Tree, read_tree
from ftrunner.findings import Finding

MAX_CHARACTERS = 10_000_000

_KEY_VARIABLE: KeyPath = ("api_key_env",)


@dataclass(frozen=True, slots=True)
class Document:
    """The spec as values of JSON's types, the source that knows what to hide, and findings."""

    root: Any
    source: Source
    findings: tuple[Finding, ...]


def read_document(
    source: Source, environment: Mapping[str, str], variables: Mapping[str, str]
) -> Document | Finding:
    """The values of a text; a value whose references fail stays as it is written.

    A finding where the text is unfit for a tree; where the values, each counted wherever an alias
    repeats it, are too long in all; or where keys have other spaces than those of YAML, so that
    nothing is where it was meant.
    """
    parsed = read_tree(source)
    if isinstance(parsed, Finding):
        return parsed
    displaced = next((each for each in parsed.findings if each.code == NOT_YAML), None)
    return displaced or _resolved(parsed, Interpolator(environment, variables))


def _resolved(parsed: Parsed, interpolator: Interpolator) -> Document | Finding:
    resolver = _Resolver(parsed.source, interpolator)
    try:
        root = resolver.value(parsed.root, ())
    except _TooLongError as error:
        message = (
            f"with aliases and references expanded the spec has over {MAX_CHARACTERS:,} characters"
        )
        hint = "keep long texts in the dataset's files"
        return parsed.source.finding("FT109", error.path, message, hint=hint)
    literal = frozenset(resolver.keys)
    hidden = {**resolver.hidden, **dict.fromkeys(resolver.keys, "a key")}
    source = replace(parsed.source, hidden=hidden, given=resolver.given, secrets=literal)
    findings = parsed.findings + tuple(resolver.findings)
    return Document(root, source, findings + tuple(_refuse_keys(source)))


@dataclass(slots=True)
class _TooLongError(Exception):
    path: KeyPath


class _Resolver:
    """Turns a tree into values; notes which of them must not be shown."""

    def __init__(self, source: Source, interpolator: Interpolator) -> None:
        self._source = source
        self._expand = cache(interpolator.expand)  # an alias repeats its text many times
        self._characters = 0
        self.keys: list[KeyPath] = []  # of values that are keys by their form or name, written out
        self.hidden: dict[KeyPath, str] = {}
        self.given: dict[KeyPath, tuple[str, ...]] = {}
        self.findings: list[Finding] = []

    def value(self, tree: Tree, path: KeyPath) -> Any:
        if isinstance(tree, dict):
            return {key: self.value(value, (*path, key)) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.value(item, (*path, index)) for index, item in enumerate(tree)]
        text = tree.text
        if "${" in text:
            text = self._expanded(text, path)
        elif text and _is_key(text, path):
            self.keys.append(path)
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise _TooLongError(path)
        return resolve(text) if tree.plain else text

    def _expanded(self, text: str, path: KeyPath) -> str:
        expansion = self._expand(text)
        for fault in expansion.faults:
            finding = self._source.finding(fault.code, path, fault.message, hint=fault.hint)
            self.findings.append(finding)
        if expansion.faults:
            return text
        if expansion.is_secret:
            self.hidden[path] = text
            self.given[path] = expansion.given
        return expansion.text


def _is_key(text: str, path: KeyPath) -> bool:
    """Whether a value is a key by its form or by its name."""
    if path == _KEY_VARIABLE:
        return looks_pasted(text)
    # Prompts and the schemas of answers may well have a property that is called password.
    is_named = path[:1] != ("tests",) and is_secret_name(str(path[-1]) if path else "")
    return is_named or looks_like_key(text)


def _refuse_keys(source: Source) -> Iterator[Finding]:
    for path in sorted(source.secrets, key=lambda path: source.locate(path).line or 0):
        message = "a key does not belong in a spec, which is kept in git"
        hint = "put it in the environment and name the variable: `api_key_env: OPENAI_API_KEY`"
        if path[:1] == ("extra_headers",):
            hint = "put it in the environment and refer to it: ${env:NAME}"
        yield source.finding("FT119", path, message, hint=hint)
