"""A report as tables for programs: an answer a row as CSV, an object a line as JSON Lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from ftrunner.engine.report.report import Report
from ftrunner.state.results import KeptAnswer, KeptRow, RunResults
from ftrunner.text import printable

_BOM = "\ufeff"  # without it Excel takes UTF-8 for another encoding
_LONGEST_CELL = 32_000  # a spreadsheet's cell holds 32,767 characters
# What a spreadsheet takes for the beginning of a formula; East Asian versions take the wide ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_COLUMNS = (
    "kind", "set", "name", "model", "attempt", "passed", "score", "seconds", "tokens_in",
    "tokens_out", "question", "reference", "answer", "missing",
)  # fmt: skip


def as_csv(report: Report) -> str:
    """An answer a row: those to prompts, and those to the rows of test sets."""
    file = StringIO()
    file.write(_BOM)
    writer = csv.writer(file)
    writer.writerow(_COLUMNS)
    for row in _answers(report):
        writer.writerow([_cell(row.get(column)) for column in _COLUMNS])
    return file.getvalue()


def _cell(value: Any) -> Any:
    """A text is never a formula, and holds nothing that a spreadsheet refuses."""
    if not isinstance(value, str):
        return "" if value is None else value
    text = printable(value, bound=_LONGEST_CELL).replace("\r", "\n")
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def as_jsonl(report: Report) -> str:
    """The verdict, each gate, each comparison, and each answer, all in ASCII."""
    return "".join(f"{json.dumps(row, ensure_ascii=True)}\n" for row in _rows(report))


def _rows(report: Report) -> Iterator[dict[str, Any]]:
    results = report.results
    yield {
        "kind": "verdict",
        "name": results.name,
        "word": report.verdict.word,
        "sentence": report.verdict.sentence,
        "notes": list(report.notes),
        "outcome": results.outcome,
        "rehearsal": results.rehearsal,
        "model": results.model,
        "current": results.current,
        "at": results.at,
        "training": asdict(results.training) if results.training else None,
        "cost": asdict(results.cost),
        "provenance": asdict(results.provenance),
        "commit": report.origin.commit if report.origin else None,
    }
    for gate in results.gates:
        yield {"kind": "gate", **asdict(gate)}
    for each in results.sets:
        for found in each.comparisons:
            fields = asdict(found)
            for name in ("changed", "differences"):
                del fields[name]
            yield {"kind": "comparison", "set": each.name, "rows": each.rows, **fields}
    yield from _answers(report)


def _answers(report: Report) -> Iterator[dict[str, Any]]:
    results = report.results
    for prompt in results.prompts:
        asked = {"kind": "prompt", "name": prompt.name, "question": prompt.question}
        yield from _attempts({**asked, "model": results.model}, prompt.answers)
        if not prompt.answers:
            yield {**asked, "model": results.model, "passed": prompt.passed}
    models = {(each.name, m.name): m.model for each in results.sets for m in each.models}
    rows = [*report.rows()] or [*_changed(results)]
    for row in rows:
        about = {
            "kind": "row",
            "set": row.set,
            "name": row.place,
            "question": row.question,
            "reference": row.reference,
        }
        for name, answers in row.answers.items():
            yield from _attempts({**about, "model": models.get((row.set, name), name)}, answers)


def _changed(results: RunResults) -> Iterator[KeptRow]:
    """The rows that the results have: those that changed."""
    for each in results.sets:
        for found in each.comparisons:
            for row in found.changed:
                yield KeptRow(
                    set=each.name,
                    id=row.id,
                    place=row.place,
                    question=row.question,
                    reference=row.reference,
                    answers={"tuned": row.tuned, found.name: row.other},
                )


def _attempts(
    about: Mapping[str, Any], answers: Sequence[KeptAnswer | None]
) -> Iterator[dict[str, Any]]:
    for attempt, answer in enumerate(answers, start=1):
        yield {**about, "attempt": attempt, **_fields(answer)}


def _fields(answer: KeptAnswer | None) -> dict[str, Any]:
    if answer is None:
        return {"passed": None, "answer": None}
    missing = [f"{c.expected}: {c.why or 'not so'}" for c in answer.checks if not c.passed]
    return {
        "passed": answer.passed,
        "score": answer.score,
        "seconds": answer.seconds,
        "tokens_in": answer.tokens_in,
        "tokens_out": answer.tokens_out,
        "answer": answer.text,
        "missing": "; ".join(missing),
    }
