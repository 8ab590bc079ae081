"""Which files a spec's dataset means, and what is wrong with how it names them."""

from __future__ import annotations

from collections.abc import Sequence

from ftrunner.dataset.files.reader import DataFile, Report, find_files
from ftrunner.document.source import Source
from ftrunner.findings import Finding, Location
from ftrunner.spec.model import Dataset, Fraction, Spec

TRAIN = "train"
VALIDATION = "validation"
BOTH = "train and validation"

SplitFiles = dict[str, tuple[DataFile, ...]]


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
