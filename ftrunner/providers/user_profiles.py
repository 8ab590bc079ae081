"""Profiles that users write: a YAML file each, checked as a spec is, in full or on top of another.

`extends: NAME` starts from a shipped profile; a file named after a shipped profile starts from
that one. Mappings are merged key by key, everything else is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from ftrunner.document.document import Document, read_document
from ftrunner.document.reading import read_text
from ftrunner.document.schema import check_structure
from ftrunner.document.source import KeyPath, Source
from ftrunner.errors import InvalidInput
from ftrunner.findings import Finding, Location, has_errors
from ftrunner.providers.profile import JobState, Profile, convert, document_of
from ftrunner.providers.template_faults import template_faults
from ftrunner.text import did_you_mean

_SUFFIXES = (".yaml", ".yml")
_EXTENDS = "extends"
_ENDS = (JobState.SUCCEEDED, JobState.FAILED)
_PATTERNS = (("models", "pattern"), ("suffix", "pattern"))
# In place of the hints for specs, where a file cannot be read or says nothing.
_HINTS = dict.fromkeys(
    ("FT101", "FT102", "FT103", "FT104"),
    "a profile may be as short as `extends: openai`; `ftrunner schema provider` describes the rest",
)

Shipped = Callable[[str], str]


def read_folder(folder: Path, shipped: Mapping[str, Shipped]) -> dict[str, Profile]:
    """The profiles in `folder`, by name; none where the folder does not exist.

    `shipped` gives the text of each profile that may be extended. Raises InvalidInput with the
    findings of all files.
    """
    if not folder.is_dir():
        return {}
    read = [_read(path, shipped) for path in _files(folder)]
    findings = [finding for one in read if not isinstance(one, Profile) for finding in one]
    if findings:
        raise InvalidInput(findings)
    return {profile.name: profile for profile in read if isinstance(profile, Profile)}


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES)
    except OSError as error:
        message = f"the profiles in {folder} cannot be listed: {error.strerror}"
        hint = "let the folder be read, or move it away"
        raise InvalidInput([Finding("FT101", message, Location(str(folder)), hint)]) from error


def _read(path: Path, shipped: Mapping[str, Shipped]) -> Profile | list[Finding]:
    document = _document(path)
    if isinstance(document, Finding):
        return [replace(document, hint=_HINTS.get(document.code, document.hint))]
    if not isinstance(document.root, dict):
        return [*document.findings, *check_structure(document, kind="provider")]
    whole = _extended(document, path.stem, shipped)
    findings = [*whole.findings, *check_structure(whole, kind="provider")]
    if not has_errors(findings):
        findings += _rules(whole, path.stem)
    return findings if has_errors(findings) else _converted(whole)


def _document(path: Path) -> Document | Finding:
    file = str(path)
    text = read_text(path, file)
    return text if isinstance(text, Finding) else read_document(Source(file, text), {}, {})


def _extended(document: Document, stem: str, shipped: Mapping[str, Shipped]) -> Document:
    """The document on top of what it extends, named after its file where it has no name."""
    root = {"name": stem, **document.root}
    base = root.pop(_EXTENDS, stem if stem in shipped else None)
    if base is None:
        return replace(document, root=root)
    if not isinstance(base, str) or base not in shipped:
        return replace(document, findings=(*document.findings, _unknown(document, base, shipped)))
    return replace(document, root=merged(document_of(shipped[base](base)), root))


def _unknown(document: Document, base: object, shipped: Mapping[str, Shipped]) -> Finding:
    near = did_you_mean(str(base), shipped)
    return document.source.finding(
        "FT330",
        (_EXTENDS,),
        f"there is no profile {document.source.shown((_EXTENDS,), base)} to extend{near}",
        hint=f"the profiles are: {', '.join(shipped)}",
    )


def merged(base: Any, change: Any) -> Any:
    """`change` on top of `base`: mappings key by key, anything else as a whole."""
    if not (isinstance(base, Mapping) and isinstance(change, Mapping)):
        return change
    both = {key: merged(base[key], change[key]) for key in change if key in base}
    return {**base, **change, **both}


def _rules(document: Document, stem: str) -> Iterator[Finding]:
    """What the schema cannot say."""
    root, source = document.root, document.source
    if root["name"] != stem:
        message = f"the profile is named {root['name']!r}, its file {stem!r}"
        hint = "call both the same: `provider:` names the profile, and people look for the file"
        yield source.finding("FT332", ("name",), message, hint=hint)
    for state in _ENDS:
        if state not in root["statuses"].values():
            message = f"no status word means {state}: a job would be waited on for ever"
            hint = f"add the provider's word: `statuses: {{WORD: {state}}}`"
            yield source.finding("FT333", ("statuses",), message, hint=hint, at="key")
    for path, pattern in _patterns(root):
        fault = _regex_fault(pattern)
        if fault:
            message = f"this is not a regular expression: {fault}"
            hint = "write one as Python's `re` reads it; quote it in 'single quotes'"
            yield source.finding("FT332", path, message, hint=hint)
    for path, message, hint in template_faults(root.get("serving") or {}):
        yield source.finding("FT335", path, message, hint=hint)


def _patterns(root: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str | None]]:
    """Every regular expression of a profile, with its path."""
    for section, key in _PATTERNS:
        yield (section, key), (root.get(section) or {}).get(key)
    for index, known in enumerate(root.get("refusals") or ()):
        yield ("refusals", index, "says"), known.get("says")


def _regex_fault(pattern: str | None) -> str | None:
    try:
        re.compile(pattern or "")
    except (re.error, OverflowError, RecursionError) as error:
        return str(error)
    return None


def _converted(document: Document) -> Profile | list[Finding]:
    try:
        return convert(document.root)
    except msgspec.ValidationError as error:
        return [document.source.finding("FT332", (), f"the profile cannot be used: {error}")]
