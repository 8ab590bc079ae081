"""Reads training files as a stream: one JSON object per line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from mockserver.data.records import Refusal, TrainingData
from mockserver.data.tokens import Tokenizer
from mockserver.learning import data_entropy
from mockserver.rules.examples import InvalidFileError, Method, check_examples, check_number
from mockserver.rules.training_data import DataRules

ENTROPY_SAMPLE = 2000
"""How many examples from the start are used to measure the entropy of the completions."""


def read_examples(path: Path) -> Iterator[Any]:
    """Each line's JSON value without blank lines; raises `InvalidFileError` for invalid JSON."""
    with path.open("rb") as lines:
        number = 0
        for place, line in enumerate(lines, start=1):
            if place == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.strip():
                continue
            number += 1
            yield _parsed(line, number, place)


@dataclass(frozen=True, slots=True)
class Survey:
    """The measurements of a job's files, and the reason if validation will reject them."""

    data: TrainingData
    refusal: Refusal | None


def survey(
    training: Path,
    validation: Path | None,
    *,
    method: Method,
    model: str,
    tokens: Tokenizer,
    rules: DataRules,
) -> Survey:
    """Read a job's files completely; files that will be rejected are not measured."""
    checks = [("training_file", training)]
    if validation is not None:
        checks.append(("validation_file", validation))
    for param, path in checks:
        refusal = _refusal(path, method, param, rules)
        if refusal is not None:
            return Survey(TrainingData(), refusal)
    return Survey(_measured(training, validation, model, tokens), None)


def _refusal(path: Path, method: Method, param: str, rules: DataRules) -> Refusal | None:
    try:
        number = check_examples(read_examples(path), method, param, rules)
        if param == "training_file":
            check_number(number, rules)
    except InvalidFileError as found:
        return Refusal(code=found.code, message=str(found), param=param)
    return None


def _measured(
    training: Path, validation: Path | None, model: str, tokens: Tokenizer
) -> TrainingData:
    counted = examples = 0
    sample: list[Any] = []
    for example in read_examples(training):
        examples += 1
        counted += tokens.example(example, model)
        if examples <= ENTROPY_SAMPLE:
            sample.append(example)
    return TrainingData(
        examples=examples,
        tokens=counted,
        entropy=data_entropy(sample),
        validation_examples=sum(1 for _ in read_examples(validation)) if validation else 0,
    )


def _parsed(line: bytes, number: int, place: int) -> Any:
    try:
        return msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise InvalidFileError(
            "invalid_file_format",
            f"Invalid file format. Example {number} cannot be parsed. Error: line contains "
            f"invalid json: (line {place})",
        ) from None
