"""Which files paths and globs name, those of a spec's dataset above all, and what is wrong with
how they are named.
"""

from __future__ import annotations

import glob
import os
import shlex
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from ftrunner.dataset.files.reader import SUFFIXES, DataFile, reason
from ftrunner.document.source import Source
from ftrunner.findings import Finding, Location, Severity
from ftrunner.fsio import nearest_path, open_regular
from ftrunner.spec.model import Dataset, Fraction, Spec
from ftrunner.text import escaped

TRAIN = "train"
VALIDATION = "validation"
BOTH = "train and validation"
# How the name of a table ends, as far as it is plain; a test set may be one.
_TABLES = (".csv", ".tsv", ".txt")

SplitFiles = dict[str, tuple[DataFile, ...]]
# Makes the finding about the pattern with this index: (index, code, message, hint).
Report = Callable[[int, str, str, str | None], Finding]


def find_sources(spec: Spec) -> tuple[SplitFiles, tuple[Finding, ...]]:
    """The files of each split that has its own, in the spec's folder, and findings about the rest.

    Findings point into the spec's text, where it has one.
    """
    files: SplitFiles = {}
    findings: list[Finding] = []
    for split, patterns in _patterns(spec.dataset).items():
        report = _reporter(split, patterns, spec.source)
        files[split], missing = find_files(patterns, spec.folder, report)
        findings.extend(missing)
    findings.extend(_in_both(files, spec))
    return files, tuple(findings)


def _patterns(dataset: Dataset) -> dict[str, Sequence[str]]:
    if dataset.validation is None or isinstance(dataset.validation, Fraction):
        return {TRAIN: dataset.train}
    return {TRAIN: dataset.train, VALIDATION: dataset.validation}


def _reporter(split: str, patterns: Sequence[str], source: Source | None) -> Report:
    def report(index: int, code: str, message: str, hint: str | None) -> Finding:
        if source is None:
            if code == "FT204" and patterns[index].lower().endswith(_TABLES):
                hint = f"{hint}; a test set may be a table: `ftrunner validate SPEC` checks it"
            return Finding(code, message, Location(patterns[index]), hint)
        if code == "FT201":
            hint = "the path is relative to the folder of the spec"
            if "\\" in patterns[index]:
                hint = f"write / between folders: {patterns[index].replace(chr(92), '/')}"
        path = ("dataset", split, index) if len(patterns) > 1 else ("dataset", split)
        return source.finding(code, path, message, hint=hint)

    return report


def _in_both(files: SplitFiles, spec: Spec) -> list[Finding]:
    report = _reporter(VALIDATION, _patterns(spec.dataset).get(VALIDATION, ())[:1], spec.source)
    hint = "name another file, or write validation: {fraction: 0.1, seed: 7}"
    trained = {file.real for file in files[TRAIN]}
    return [
        report(0, "FT208", f"'{file.display}' is trained on and validated with", hint)
        for file in files.get(VALIDATION, ())
        if file.real in trained
    ]


def find_files(
    patterns: Sequence[str], folder: Path, report: Report, *, any_name: bool = False
) -> tuple[tuple[DataFile, ...], tuple[Finding, ...]]:
    """The files that `patterns` (paths or globs, relative to `folder`) name, in path order.

    Each pattern that names nothing usable becomes a finding, made by `report`. A file that has
    several names, by links, is there once, which is a warning. With `any_name` files may be called
    as they like.
    """
    files: dict[Path, DataFile] = {}
    others: dict[Path, dict[str, int]] = {}
    findings: list[Finding] = []
    for index, pattern in enumerate(patterns):
        paths = _expand(pattern, folder)
        if not paths:
            findings.append(report(index, "FT201", f"no file matches '{pattern}'", None))
        for path in paths:
            file = DataFile(escaped(path.as_posix()), path)
            fault = _fault(file, any_name=any_name)
            if fault is not None:
                findings.append(report(index, *fault))
            elif files.setdefault(file.real, file) != file:
                others.setdefault(file.real, {}).setdefault(file.display, index)
    findings += [_also_named(files[real], names, report) for real, names in others.items()]
    return tuple(sorted(files.values())), tuple(findings)


def _also_named(file: DataFile, names: Mapping[str, int], report: Report) -> Finding:
    """That `file` has other names, each with the index of its pattern."""
    first, index = next(iter(names.items()))
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    message = f"'{file.display}' is the same file as '{first}'{more}: it is read once"
    finding = report(index, "FT257", message, "name it once; links lead to it from elsewhere")
    return replace(finding, severity=Severity.WARNING)


def _expand(pattern: str, folder: Path) -> list[Path]:
    if "\0" in pattern:
        return []
    literal = folder / pattern
    if not glob.has_magic(pattern) or literal.exists():
        return [literal]
    return sorted(_matching(Path(pattern).parts, folder))


def _matching(parts: Sequence[str], folder: Path) -> list[Path]:
    """What a pattern in `parts` matches, as `glob.glob` does, in bounded time: links may lead round
    in circles, so at each part a folder is looked into once, whatever names it has.
    """
    *leading, last = parts
    folders = [folder]
    for part in leading:
        folders = list(_below(folders)) if part == "**" else _once(_named(part, folders))
    if last == "**":
        folders, last = list(_below(folders)), "*"
    return list(_named(last, folders))


def _named(part: str, folders: Iterable[Path]) -> Iterator[Path]:
    for folder in folders:
        # Path.glob refuses absolute patterns.
        yield from (folder / name for name in glob.glob(part, root_dir=folder))  # noqa: PTH207


def _below(folders: Iterable[Path]) -> Iterator[Path]:
    """The folders and all that are below them, each once; hidden ones are left out.

    A folder goes by its own name, where it is below, rather than by that of a link to it.
    """
    own, linked = deque(folders), deque[Path]()
    seen: set[tuple[int, int]] = set()
    while own or linked:
        folder = (own or linked).popleft()
        identity = _identity(folder)
        if identity is None or identity in seen:
            continue
        seen.add(identity)
        yield folder
        for path in _subfolders(folder):
            (linked if path.is_symlink() else own).append(path)


def _subfolders(folder: Path) -> list[Path]:
    """What a folder holds that is a folder or leads to one, and is not hidden, in order."""
    with suppress(OSError), os.scandir(folder) as entries:
        names = sorted(each.name for each in entries if each.is_dir())
        return [folder / name for name in names if not name.startswith(".")]
    return []


def _once(folders: Iterable[Path]) -> list[Path]:
    """`folders` without other names of the same ones, and without what is not a folder."""
    found: dict[tuple[int, int], Path] = {}
    for folder in folders:
        if identity := _identity(folder):
            found.setdefault(identity, folder)
    return list(found.values())


def _identity(path: Path) -> tuple[int, int] | None:
    """What identifies the folder; None for what is not a folder, or may not be seen."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISDIR(status.st_mode) else None


def _meant(file: DataFile, *, any_name: bool) -> str:
    """The nearest path, as far as its name was written."""
    near = nearest_path(file.path, (*SUFFIXES, *_TABLES) if any_name else SUFFIXES)
    written = Path(file.display).parts
    return f"; did you mean '{escaped(str(Path(*near.parts[-len(written) :])))}'?" if near else ""


def _fault(file: DataFile, *, any_name: bool) -> tuple[str, str, str | None] | None:
    """Why `file` cannot be a data file at all: code, message and hint."""
    try:
        if file.path.is_dir():
            hint = f"name the files, or use a glob: {file.display}/*.jsonl"
            return "FT202", f"'{file.display}' is a directory, not a file", hint
        if not file.path.exists():
            return (
                "FT201",
                f"there is no file '{file.display}'{_meant(file, any_name=any_name)}",
                None,
            )
        open_regular(file.path).close()
    except OSError as error:
        return "FT203", f"'{file.display}' cannot be read: {reason(error)}", None
    if not any_name and not file.path.name.lower().endswith(SUFFIXES):
        return "FT204", f"'{file.display}' is not named .jsonl or .json", _rename(file)
    return None


def _rename(file: DataFile) -> str:
    """What to do about a file's name."""
    name = file.path.name
    first = next((name[: -len(end)] for end in (".txt", ".bak") if name.lower().endswith(end)), "")
    if first.lower().endswith(SUFFIXES):
        return f"its name has two endings: rename it to {first}"
    if name.lower().endswith(_TABLES):
        source = shlex.quote(file.display)
        target = shlex.quote(str(Path(file.display).with_suffix(".jsonl")))
        return f"`ftrunner data convert {source} {target}` makes training data of a table"
    return "one JSON object a line is wanted; if it holds that, rename it to .jsonl"
