"""The examples of a file that is not one JSON object a line: arrays, tables, old encodings.

Values come one after the other, as they are read: a file of any size takes the memory of one.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, NoReturn, TextIO

from ftrunner.dataset.files.reader import MAX_LINE, DataFile, ReadError, open_plain, reason
from ftrunner.dataset.lines import faulty
from ftrunner.dataset.lines.faults import Fault

Numbered = tuple[int, Any]  # the line where a value begins, and the value

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHUNK = 256 * 1024
_MOST = 4 * MAX_LINE
# What is between values: white space, commas, and what editors and scripts leave there.
_BETWEEN = re.compile(r"(?:[\s,\ufeff\u200b]|\\[nr])*")
_DELIMITERS = ",;\t|"
# What Excel puts before a table to say how its cells are separated.
_NAMED_DELIMITER = re.compile(r"\ufeff?\"?sep=(.)\"?\s*", re.IGNORECASE)
# The one key of an object around a list of examples may have others beside it, but not many.
_MOST_BESIDE = 3
_UNCLOSED = Fault(
    "FT211",
    "a quote opened in this row is not closed",
    hint='end the cell with a quote; a quote inside a quoted cell is written twice: ""',
)
_TOO_LONG = Fault("FT213", f"a cell is longer than {_MOST >> 20} MiB; is a quote not closed?")


class ValueFault(Exception):
    """A value that cannot be read; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def values(file: DataFile) -> Iterator[Numbered]:
    """Every example of a file, whatever holds them. Raises ReadError and ValueFault."""
    try:
        with open_plain(file) as stream:
            head = io.BufferedReader(stream)
            encoding = _encoding(head.peek(8)[:8])
            yield from _values(io.TextIOWrapper(head, encoding=encoding, newline=""))
    except UnicodeDecodeError as error:
        message = f"the byte 0x{error.object[error.start]:02x} is not UTF-8"
        hint = "`ftrunner data fix SOURCE TARGET --repair FT210` reads it as Windows-1252"
        raise ValueFault(Fault("FT210", message, hint=hint)) from error
    except (OSError, EOFError) as error:
        raise ReadError(reason(error)) from error


def _encoding(head: bytes) -> str:
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    zeros = head[::2].count(0), head[1::2].count(0)
    if max(zeros) >= 3 and min(zeros) == 0:
        return "utf-16-le" if zeros[1] else "utf-16-be"
    return "utf-8-sig"


def _values(text: TextIO) -> Iterator[Numbered]:
    first = text.read(_CHUNK)
    start = _BETWEEN.match(first)
    begins = first[start.end() if start else 0 :][:9]
    if begins.startswith(("[", "{", '"{\\', '"[{\\')):
        yield from _unwrapped(_Json(text, first))
    else:
        yield from _rows(_Again(first, text))


class _Json:
    """JSON values one after the other, however they are parted, or the items of an array."""

    def __init__(self, text: TextIO, first: str) -> None:
        self._text = text
        self._buffer = first
        self._place = 0
        self._line = 1
        self._decoder = json.JSONDecoder(parse_constant=_refuse, strict=False)

    def __iter__(self) -> Iterator[Numbered]:
        self._skip()
        in_array = self._is_array_of_examples()
        if in_array:
            self._place += 1
        while self._skip():
            if in_array and self._buffer[self._place] == "]":
                self._place += 1
                in_array = False
                continue
            yield self._line, self._value()

    def _is_array_of_examples(self) -> bool:
        """An array whose items are messages is one example, not many."""
        if self._buffer[self._place : self._place + 1] != "[":
            return False
        place, line = self._place, self._line
        self._place += 1
        if not self._skip() or self._buffer[self._place] != "{":
            self._place, self._line = place, line
            return True
        first = self._value()
        is_message = isinstance(first, dict) and bool({"role", "from"} & first.keys())
        self._place, self._line = place, line
        return not is_message

    def _skip(self) -> bool:
        """Go to where the next value begins; False at the end."""
        while True:
            found = _BETWEEN.match(self._buffer, self._place)
            end = found.end() if found else self._place
            self._line += self._buffer.count("\n", self._place, end)
            self._place = end
            if end < len(self._buffer) - 1 or not self._more():
                return end < len(self._buffer)

    def _value(self) -> Any:
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._place)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                raise ValueFault(self._fault(error)) from error
            except (ValueError, RecursionError) as error:
                message = "not JSON that providers read: NaN, Infinity, or nested too deeply"
                raise ValueFault(Fault("FT215", message, line=self._line)) from error
            if end == len(self._buffer) and self._more():
                continue  # a number may go on
            self._line += self._buffer.count("\n", self._place, end)
            self._place = end
            return value

    def _more(self) -> bool:
        """Read on; False where there is no more."""
        piece = self._text.read(max(_CHUNK, len(self._buffer) - self._place))
        if len(self._buffer) - self._place > _MOST:
            message = f"a value is longer than {_MOST >> 20} MiB"
            raise ValueFault(Fault("FT213", message, line=self._line))
        if self._place > _CHUNK:
            self._buffer, self._place = self._buffer[self._place :], 0
        self._buffer += piece
        return bool(piece)

    def _fault(self, error: json.JSONDecodeError) -> Fault:
        line = self._line + self._buffer.count("\n", self._place, error.pos)
        column = error.pos - self._buffer.rfind("\n", 0, error.pos)
        start = self._place
        value = json.JSONDecodeError(error.msg, self._buffer[start:], error.pos - start)
        message = f"not JSON: {faulty.wrong(value, unit='file')}"
        hint = faulty.CUT_OFF if faulty.is_cut(message) else None
        return Fault("FT211", message, line=line, column=column, hint=hint)


def _refuse(name: str) -> NoReturn:
    raise ValueError(name)


def _unwrapped(values_: _Json) -> Iterator[Numbered]:
    """The values, or the examples in a list that one of them is only the wrapping of."""
    for line, value in values_:
        inner = examples_in(value)
        if inner is None:
            yield line, _written_twice(value)
        else:
            yield from ((line, each) for each in inner)


def _written_twice(value: Any) -> Any:
    """An object that was written as JSON and then once more, as a text."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def examples_in(value: Any) -> list[Any] | None:
    """The examples in an object that only wraps a list of them, as `{"data": [...]}` does."""
    if not isinstance(value, dict) or len(value) > _MOST_BESIDE:
        return None
    lists = [each for key, each in value.items() if isinstance(each, list) and key in _WRAPPINGS]
    is_one = len(lists) == 1 and lists[0] and all(isinstance(each, dict) for each in lists[0])
    return [_row(each) for each in lists[0]] if is_one else None


def _row(value: dict[str, Any]) -> Any:
    """The example in a row as Hugging Face's viewer gives it, with its number beside it."""
    return value["row"] if value.keys() >= {"row", "row_idx"} else value


_WRAPPINGS = frozenset(
    ("data", "examples", "rows", "items", "train", "training", "records", "dataset", "samples")
)


class _Again:
    """A text of which the beginning was read before."""

    def __init__(self, first: str, rest: TextIO) -> None:
        self._lines = iter(io.StringIO(first, newline=""))
        self._rest = rest

    def __iter__(self) -> _Again:
        return self

    def __next__(self) -> str:
        line = next(self._lines, "")
        if not line.endswith(("\n", "\r")):
            line += self._rest.readline()
        if not line:
            raise StopIteration
        return line


def _rows(text: _Again) -> Iterator[Numbered]:
    """The rows of a table under the names of its first row; of JSON in a column what it holds."""
    first = next(text, "")
    named = _NAMED_DELIMITER.fullmatch(first)
    if named:
        first = next(text, "")
    delimiter = named[1] if named else max(_DELIMITERS, key=lambda each: len(_cells(first, each)))
    csv.field_size_limit(_MOST)
    lines = _Lines(first, text)
    reader = csv.reader(lines, delimiter=delimiter)
    header: list[str] | None = None
    before = 1 if named else 0
    line = before + 1
    try:
        for row in reader:
            if _is_unclosed(lines, delimiter):
                raise ValueFault(replace(_UNCLOSED, line=line))
            if any(cell.strip() for cell in row):
                if header is None and row[0].lstrip().startswith(("{", "[")):
                    yield line, _written_twice(row[0])
                elif header is None:
                    header = [cell.strip().lstrip("\ufeff") for cell in row]
                else:
                    yield line, _named(header, row, line)
            line = before + reader.line_num + 1
    except csv.Error as error:
        raise ValueFault(replace(_TOO_LONG, line=line)) from error


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _named(header: list[str], row: list[str], line: int) -> dict[str, str]:
    if len(row) > len(header):
        message = f"the row has {len(row):,} cells, and the table has {len(header):,} columns"
        hint = "put a cell that holds the separator in quotes"
        raise ValueFault(Fault("FT221", message, line=line, hint=hint))
    return dict(zip(header, row, strict=False))


class _Lines:
    """One line, and then the others. It keeps those of the row that is being read."""

    def __init__(self, first: str, rest: _Again) -> None:
        self._lines = chain([first] if first else (), rest)
        self._of_row: list[str] = []
        self.has_ended = False

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines, None)
        if line is None:
            self.has_ended = True
            raise StopIteration
        self._of_row.append(line)
        return line

    def take(self) -> list[str]:
        """The lines since the last time."""
        taken, self._of_row = self._of_row, []
        return taken


def _is_unclosed(lines: _Lines, delimiter: str) -> bool:
    """Whether a quote of the row that was just read is closed by one of a later row, or by none.

    The reader of tables forgives that. It asks for a line too many only inside quotes, and a
    row of several lines has text right after a quote where that one should open a cell.
    """
    row = lines.take()
    if lines.has_ended or len(row) < 2:
        return lines.has_ended
    spaced = re.sub(rf'"[ \t]+(?=[{re.escape(delimiter)}\r\n])', '"', "".join(row))
    try:
        list(csv.reader(io.StringIO(spaced, newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False
