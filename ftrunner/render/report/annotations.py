"""A report as GitHub workflow commands, which become annotations beside the spec.

GitHub shows ten of a kind for a step, so the gravest come first: gates, then prompts, then rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.engine.report.report import Report
from ftrunner.engine.report.verdict import Tone
from ftrunner.render.findings.github import as_command, bounded
from ftrunner.render.report.figures import count
from ftrunner.state.results import KeptPrompt, RunResults
from ftrunner.text import one_line

_LEVELS = {Tone.GOOD: "notice", Tone.BAD: "error", Tone.OPEN: "warning"}
_GATES = {"failed": ("error", "gate failed"), "undecided": ("warning", "not enough evidence")}
_LONGEST = 500


def as_commands(report: Report) -> str:
    """The commands, a line each: errors, then warnings, then notices."""
    found: dict[str, list[str]] = {"error": [], "warning": [], "notice": []}
    for level, title, message, line in _annotations(report):
        text = one_line(message, bound=_LONGEST)
        command = as_command(level, text, file=report.file, line=line, title=title)
        found[level].append(command)
    lines = [
        line for level, commands in found.items() for line in bounded(level, commands, "the report")
    ]
    return "".join(f"{line}\n" for line in lines)


# Level, title, message, and line in the spec.
_Annotation = tuple[str, str, str, int | None]


def _annotations(report: Report) -> Iterator[_Annotation]:
    verdict, results = report.verdict, report.results
    name = one_line(results.name)
    rehearsal = " (a rehearsal)" if results.rehearsal else ""
    yield _LEVELS[verdict.tone], f"{name}: {verdict.word}{rehearsal}", verdict.sentence, None
    for gate in results.gates:
        if gate.result in _GATES:
            level, word = _GATES[gate.result]
            line = report.gate_lines.get(gate.claim)
            yield level, f"{name}: {word}", f"{gate.claim}: {gate.why}", line
    for prompt in results.prompts:
        if not prompt.passed:
            title = f"{name}: {one_line(prompt.name, bound=80)} failed"
            yield "error", title, _why(prompt), report.lines.get(prompt.name)
    yield from _comparisons(name, results)
    for note in report.notes:
        yield "notice", name, note, None


def _comparisons(name: str, results: RunResults) -> Iterator[_Annotation]:
    for each in results.sets:
        for found in each.comparisons:
            if found.worse:
                title = f"{name}: {one_line(each.name)} against {one_line(found.name)}"
                yield "notice", title, f"{count(found.worse, 'row')} got worse", None


def _why(prompt: KeptPrompt) -> str:
    for answer in prompt.answers:
        for check in answer.checks:
            if not check.passed:
                said = one_line(answer.text, bound=200)
                return f"{check.expected}: {check.why or 'not so'}; the answer: {said}"
    return "its answers are not as expected"
