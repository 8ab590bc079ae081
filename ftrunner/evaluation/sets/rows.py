"""The rows of a test set: read from its file one after the other, checked, sampled."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from heapq import heappush, heappushpop
from typing import Any, NoReturn

from xxhash import xxh3_64_intdigest

from ftrunner.canonical import content_hash
from ftrunner.dataset.files.reader import MAX_LINE, DataFile, ReadError, read_blocks, read_head
from ftrunner.dataset.files.sources import TRAIN, find_files, find_sources
from ftrunner.dataset.files.values import ValueFault, examples_in, values
from ftrunner.dataset.lines import faulty
from ftrunner.dataset.lines.faults import LINES_NAMED, Cause, Fault, FileRows, folded
from ftrunner.evaluation.answer import BadReference
from ftrunner.evaluation.sets.columns import BadRow, asked_of, lacking
from ftrunner.evaluation.sets.expected import NoReference, expected_of
from ftrunner.evaluation.sets.leaks import conversation_key, trained_keys
from ftrunner.findings import Finding, Severity
from ftrunner.spec.model import Spec, point
from ftrunner.spec.template import ITEM, UnknownReference, text_of
from ftrunner.spec.testing import Assertion, JsonObject, TestSet

# The most rows of a set that are asked; a `sample` may be of as many.
MOST_ROWS = 50_000
_SETS = ("tests", "sets")
_SAMPLE = "add `sample: {count: 2000}`: the same rows are asked each time"


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it is asked and judged. `id` is the hash of what its line holds."""

    id: str
    place: str
    messages: tuple[JsonObject, ...]
    request: JsonObject
    expect: tuple[Assertion, ...]
    cluster: str | None
    slices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SetRows:
    """The rows of a set that are asked, without those that the training data has."""

    set: TestSet
    rows: tuple[Row, ...]
    leaked: int

    @property
    def digest(self) -> str:
        """The hash of all that decides what is asked and expected, but for the spec's own words."""
        digest = sha256()
        for row in self.rows:
            digest.update(bytes.fromhex(row.id))
        return digest.hexdigest()


def read_sets(spec: Spec) -> tuple[Mapping[str, SetRows], tuple[Finding, ...]]:
    """The rows of every set of `spec`, and all that is wrong with them.

    A set with an error is not there. Never raises for anything a file may hold or lack.
    """
    sets: dict[str, SetRows] = {}
    findings: list[Finding] = []
    for name, test_set in spec.tests.sets.items():
        reading = _Reading(spec, test_set)
        reading.read()
        found = list(reading.findings())
        if not any(finding.is_error for finding in found):
            sets[name] = SetRows(test_set, reading.rows, 0)
        findings += found
    return _without_leaks(spec, sets, findings), tuple(findings)


def _without_leaks(
    spec: Spec, sets: Mapping[str, SetRows], findings: list[Finding]
) -> Mapping[str, SetRows]:
    """The sets without the rows that the training data has, which are added to the findings."""
    keys = {
        name: [conversation_key(row.messages) for row in one.rows] for name, one in sets.items()
    }
    wanted = {key for of_set in keys.values() for key in of_set}
    files, _ = find_sources(spec) if wanted else ({}, ())
    trained = trained_keys(files.get(TRAIN, ()), wanted)
    kept: dict[str, SetRows] = {}
    for name, one in sets.items():
        pairs = zip(one.rows, keys[name], strict=True)
        rows = tuple(row for row, key in pairs if key not in trained)
        leaked = len(one.rows) - len(rows)
        if leaked:
            findings.append(_leaks(spec, name, leaked, len(one.rows)))
        if rows:
            kept[name] = replace(one, rows=rows, leaked=leaked)
    return kept


def _leaks(spec: Spec, name: str, leaked: int, of: int) -> Finding:
    message = f"{leaked:,} of {of:,} rows of '{name}' are in the training data"
    hint = "they are left out of the comparison; take them out of the file"
    path = (*_SETS, name, "file")
    if leaked == of:
        hint = "nothing is left to compare: test with rows that are not trained on"
        return point(spec, path, code="FT515", message=message, hint=hint)
    finding = point(spec, path, code="FT515", message=message, hint=hint)
    return replace(finding, severity=Severity.WARNING)


class _Reading:
    """One reading of the file of a set: its rows, and what is wrong with it."""

    def __init__(self, spec: Spec, test_set: TestSet) -> None:
        self._spec = spec
        self._set = test_set
        self._findings: list[Finding] = []
        self._causes: Counter[Cause] = Counter()
        self._lacking: dict[Cause, BadRow] = {}
        self._lines = 0
        self._seen: set[str] = set()
        self._repeated: list[Row] = []
        self._kept: list[tuple[int, int, Row]] = []
        self.files, missing = find_files((test_set.file,), spec.folder, self._at, any_name=True)
        self._findings += missing

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows in the file's order; of a sample those whose hashes come first."""
        in_order = sorted(self._kept, key=lambda entry: -entry[1])
        return tuple(row for *_, row in in_order)

    def read(self) -> None:
        """Read every row of the files."""
        for file in self.files:
            try:
                for line, value in _numbered(file):
                    self._lines += 1
                    self._take(file, line, value)
                    if self._is_full():
                        return
            except ReadError as error:
                message = f"'{file.display}' cannot be read: {error}"
                self._findings.append(self._at(0, "FT203", message, None))
            except ValueFault as error:
                self._findings.append(error.fault.finding(file.display))

    def findings(self) -> Iterator[Finding]:
        """All that is wrong, one finding for each cause."""
        in_all = {cause for cause in self._lacking if self._causes[cause] == self._lines}
        of_rows = [one for one in self._findings if _cause(one) not in in_all]
        files = {file.display: FileRows(self._lines, 0, self._causes) for file in self.files}
        yield from folded(of_rows, files)
        yield from (self._unknown(self._lacking[cause]) for cause in in_all)
        if self._is_full():
            yield self._at(0, "FT516", f"'{self._set.name}' has over {MOST_ROWS:,} rows", _SAMPLE)
        elif self.files and not self._lines and not self._findings:
            yield self._at(0, "FT511", f"'{self.files[0].display}' has no rows", None)
        if self._repeated:
            yield self._repeats()

    def _take(self, file: DataFile, line: int, value: Any) -> None:
        try:
            if isinstance(value, Fault):
                raise BadRow(value.code, value.message, value.hint)
            self._keep(_row(self._set, f"{file.display}:{line}", value))
        except BadRow as bad:
            fault = Fault(bad.code, bad.message, bad.column, line, hint=self._advice(bad))
            self._causes[fault.cause] += 1
            if bad.column:
                self._lacking.setdefault(fault.cause, bad)
            if self._causes[fault.cause] <= LINES_NAMED:
                self._findings.append(fault.finding(file.display))

    def _advice(self, bad: BadRow) -> str | None:
        """What to do about a row; with the line of the spec that the row does not fit."""
        if bad.column or not bad.key:
            return bad.hint
        path = (*_SETS, self._set.name, *bad.key)
        place = point(self._spec, path, code=bad.code, message="").location
        return f"{bad.hint}, {place.file}:{place.line}" if place.line else bad.hint

    def _keep(self, row: Row) -> None:
        if row.id in self._seen:
            self._repeated.append(row)
            return
        self._seen.add(row.id)
        sample = self._set.sample
        rank = xxh3_64_intdigest(row.id.encode(), seed=sample.seed % 2**64) if sample else 0
        entry = (-rank, -len(self._seen), row)
        if sample and len(self._kept) >= sample.count:
            heappushpop(self._kept, entry)
        else:
            heappush(self._kept, entry)

    def _is_full(self) -> bool:
        return len(self._kept) > MOST_ROWS

    def _at(self, _: int, code: str, message: str, hint: str | None) -> Finding:
        if code == "FT201":
            hint = "the path is relative to the folder of the spec"
        path = (*_SETS, self._set.name, "file")
        return point(self._spec, path, code=code, message=message, hint=hint)

    def _unknown(self, bad: BadRow) -> Finding:
        """That no row has a column, at the setting that names it."""
        path = (*_SETS, self._set.name, *bad.key)
        message = f"no row of '{self._set.name}' has '{bad.column}'"
        message += bad.message.partition("; ")[2] and f"; {bad.message.partition('; ')[2]}"
        return point(self._spec, path, code="FT160", message=message, hint=bad.hint)

    def _repeats(self) -> Finding:
        first = self._repeated[0].place
        message = f"{len(self._repeated):,} rows repeat earlier ones, the first at {first}"
        hint = "a repeated row is asked once and counts once"
        return replace(self._at(0, "FT514", message, hint), severity=Severity.WARNING)


def _cause(finding: Finding) -> Cause:
    return Cause.of(finding.code, finding.location.path, finding.message)


def _row(test_set: TestSet, place: str, value: Any) -> Row:
    """A line as it is asked and judged. Raises BadRow."""
    try:
        asked = asked_of(test_set, value)
        expect = expected_of(test_set.expect, asked.item)
        identity = content_hash(value)
    except UnknownReference as unknown:
        raise lacking(unknown.name.removeprefix(ITEM), asked.item, "expect") from unknown
    except NoReference as empty:
        name = empty.name.removeprefix(ITEM)
        raise BadRow("FT512", f"'{name}' is empty, and `expect` refers to it") from empty
    except BadReference as bad:
        raise BadRow("FT513", str(bad), bad.hint, key=("expect",)) from bad
    except UnicodeEncodeError as error:
        raise BadRow("FT218", "a text holds half of a surrogate pair") from error
    except RecursionError as error:
        raise BadRow("FT216", "the row is nested too deeply") from error
    slices = {name: text_of(asked.item[name]) for name in test_set.slices}
    cluster = text_of(asked.item[test_set.cluster]) if test_set.cluster else None
    return Row(identity, place, asked.messages, asked.request, expect, cluster, slices)


def _numbered(file: DataFile) -> Iterator[tuple[int, Any]]:
    """Each value of a file with the line where it begins; of JSON Lines a fault where one is bad.

    Raises ReadError and ValueFault.
    """
    first = read_head(file).lstrip().partition(b"\n")[0].strip()
    is_lines = first.startswith(b"{") and first != b"{" and examples_in(_decoded(first)) is None
    return _lines(file) if is_lines else values(file)


def _lines(file: DataFile) -> Iterator[tuple[int, Any]]:
    rows = (row for block in read_blocks(file) for row in block.split(b"\n")[:-1])
    last: tuple[int, Any] | None = None
    for number, row in enumerate(rows, start=1):
        if row.strip():
            if last:
                yield last
            last = number, _decoded(row)
    if last:
        number, value = last
        is_cut = isinstance(value, Fault) and faulty.is_cut(value.message)
        yield number, replace(value, hint=faulty.CUT_OFF) if is_cut else value


_DECODER = json.JSONDecoder(parse_constant=_refuse)


def _decoded(row: bytes) -> Any:
    """The value in a line of JSON, or the fault that it is none."""
    if len(row) > MAX_LINE:
        return Fault("FT213", "the line is too long")
    try:
        return _DECODER.decode(row.decode())
    except UnicodeDecodeError as error:
        return Fault("FT210", f"the byte 0x{row[error.start]:02x} is not UTF-8")
    except json.JSONDecodeError as error:
        cause = faulty.cause(error.doc, error)
        return Fault("FT211", cause.message, hint=cause.hint)
    except (ValueError, RecursionError):
        return Fault("FT215", "not JSON that providers read: NaN, Infinity, or nested too deeply")
