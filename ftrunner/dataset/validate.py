"""Checking a dataset: its files, every line, and what the splits must be as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from ftrunner.dataset import limits, lines, models
from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.faults import bounded
from ftrunner.dataset.formats import expected
from ftrunner.dataset.prepared import Preparation, PreparedStream, Selection
from ftrunner.dataset.reader import DataFile, ReadError, Report, find_files, read_head
from ftrunner.dataset.report import DatasetReport, SplitReport
from ftrunner.dataset.scan import Scan, scan_files
from ftrunner.dataset.tally import Share
from ftrunner.diagnostics import Finding, Location
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Dataset, Fraction, Method
from ftrunner.spec.source import Source

TRAIN = "train"
VALIDATION = "validation"


def check_dataset(
    dataset: Dataset,
    *,
    folder: Path,
    method: Method,
    profile: Profile,
    model: str | None = None,
    source: Source | None = None,
    executor: Executor | None = None,  # noqa: ARG001 - blocks are checked in this process yet
    count_tokens: bool = False,
) -> DatasetReport:
    """Read every file of `dataset` once and report all that is wrong with it.

    Paths are relative to `folder`. Findings about a path point into `source`, the spec's text,
    where given. Tokens are counted with the vocabulary of `model` only when asked for. Never
    raises for anything a file may hold or lack.
    """
    files, missing = _find(dataset, folder, source)
    known = models.facts(model) if model and count_tokens else models.ModelFacts()
    cut = dataset.validation if isinstance(dataset.validation, Fraction) else None
    settings = Settings(
        expected(method, _first_line(chain(*files.values()))),
        validation=Selection(cut.fraction, cut.seed, picked=True) if cut else None,
        encoding=known.encoding,
        example_tokens=known.example_tokens or profile.limits.example_tokens,
    )
    results = list(_Splits(settings, profile).scan(files))
    return DatasetReport(
        train=results[0].report,
        validation=results[1].report if len(results) > 1 else None,
        findings=bounded(chain(missing, *(result.findings for result in results))),
        counts=sum((result.counts for result in results), Counter(f.code for f in missing)),
        tokens_unknown=_why_no_tokens(model, known.encoding) if count_tokens else None,
    )


@dataclass(frozen=True, slots=True)
class _Result:
    """One split checked; `report` is None where there was no file to read."""

    report: SplitReport | None
    findings: tuple[Finding, ...]
    counts: Counter[str]


def _find(
    dataset: Dataset, folder: Path, source: Source | None
) -> tuple[dict[str, tuple[DataFile, ...]], tuple[Finding, ...]]:
    """The files of each split that has files of its own, and findings about those missing."""
    files: dict[str, tuple[DataFile, ...]] = {}
    findings: list[Finding] = []
    for split, patterns in _patterns(dataset).items():
        files[split], missing = find_files(patterns, folder, _reporter(split, patterns, source))
        findings.extend(missing)
    return files, tuple(findings)


def _patterns(dataset: Dataset) -> dict[str, Sequence[str]]:
    if dataset.validation is None or isinstance(dataset.validation, Fraction):
        return {TRAIN: dataset.train}
    return {TRAIN: dataset.train, VALIDATION: dataset.validation}


def _reporter(split: str, patterns: Sequence[str], source: Source | None) -> Report:
    def report(index: int, code: str, message: str, hint: str | None) -> Finding:
        if source is None:
            return Finding(code, message, Location(patterns[index]), hint)
        path = ("dataset", split, index) if len(patterns) > 1 else ("dataset", split)
        return source.finding(code, path, message, hint=hint)

    return report


def _first_line(files: Iterable[DataFile]) -> Mapping[str, Any] | None:
    """The first line of the first file that can be read, where it is an object."""
    for file in files:
        with suppress(ReadError):
            return lines.parse(read_head(file).split(b"\n", 1)[0]).value
    return None


class _Splits:
    """The splits of one dataset under one profile."""

    def __init__(self, settings: Settings, profile: Profile) -> None:
        self._settings = settings
        self._profile = profile
        self._checker = Checker(settings)

    def scan(self, files: Mapping[str, tuple[DataFile, ...]]) -> Iterator[_Result]:
        """Each split's result, train first."""
        if self._settings.validation is not None:
            yield from self._cut(files[TRAIN], self._settings.validation)
            return
        for split, sources in files.items():
            preparation = self._preparation(split)
            scan = scan_files(sources, self._checker, [preparation])
            yield self._result(preparation, sources, scan, scan.train)

    def _cut(self, sources: tuple[DataFile, ...], picked: Selection) -> Iterator[_Result]:
        """Both splits out of one reading of the training files."""
        train = self._preparation(TRAIN, replace(picked, picked=False))
        validation = self._preparation(VALIDATION, picked)
        scan = scan_files(sources, self._checker, [train, validation])
        yield self._result(train, sources, scan, scan.train)
        rest = replace(scan, findings=(), counts=Counter())
        yield self._result(validation, sources, rest, scan.validation)

    def _preparation(self, split: str, selection: Selection | None = None) -> Preparation:
        return Preparation(split, selection, byte_order_mark=self._profile.byte_order_mark)

    def _result(
        self,
        preparation: Preparation,
        sources: tuple[DataFile, ...],
        scan: Scan,
        share: Share,
    ) -> _Result:
        if not sources:
            return _Result(None, scan.findings, scan.counts)
        stream = preparation.finish(sources, share.examples)
        # With no example at all, the findings say why; counting them would say it again.
        countable = share.examples or not scan.findings
        broken = limits.faults(stream, self._profile) if countable else ()
        findings = tuple(fault.finding(sources[0].display) for fault in broken)
        return _Result(
            self._report(stream, share),
            (*scan.findings, *findings),
            scan.counts + Counter(finding.code for finding in findings),
        )

    def _report(self, stream: PreparedStream, share: Share) -> SplitReport:
        counted = self._settings.encoding is not None
        return SplitReport(
            stream,
            self._settings.format,
            share.examples,
            share.tokens if counted else None,
            share.billed if counted else None,
            share.longest if counted else None,
            dict(share.roles),
        )


def _why_no_tokens(model: str | None, encoding: str | None) -> str | None:
    if encoding is not None:
        return None
    return f"the vocabulary of {model} is not published" if model else "no model is named"
