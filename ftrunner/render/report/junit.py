"""A report as JUnit XML: each test prompt and each gate is a case, and so is the training.

The form is what Jenkins' junit-10.xsd allows; GitHub's and GitLab's readers take the same. GitLab
shows only a case's name and its failure's text, so both say all that matters. A `failure` is an
answer or a gate that is not as expected, an `error` that there is no tuned model, and `skipped` a
gate that stays open.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from ftrunner.engine.report.report import Report
from ftrunner.engine.report.verdict import Tone
from ftrunner.state.results import KeptAnswer, KeptGate, KeptPrompt
from ftrunner.text import one_line, printable

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LONGEST = 2_000
_MOST_ANSWERS = 5
_KINDS = ("failure", "error", "skipped")


def junit(report: Report) -> str:
    """The document."""
    root = ET.Element("testsuites", name=_plain(report.results.name))
    suites = (
        ("training", _training(report)),
        ("test prompts", (_prompt(report, prompt) for prompt in report.results.prompts)),
        ("gates", (_gate(report, gate) for gate in report.results.gates)),
    )
    for title, cases in suites:
        _add_suite(root, report, title, list(cases))
    for kind in ("tests", "failures", "errors"):
        root.set(kind, str(sum(int(suite.get(kind, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_suite(root: ET.Element, report: Report, title: str, cases: list[ET.Element]) -> None:
    if not cases:
        return
    numbers = {kind: sum(case.find(kind) is not None for case in cases) for kind in _KINDS}
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_plain(f"{report.results.name}: {title}"),
        tests=str(len(cases)),
        failures=str(numbers["failure"]),
        errors=str(numbers["error"]),
        skipped=str(numbers["skipped"]),
        file=_plain(report.file),
    )
    with suppress(OverflowError, ValueError, OSError):
        at = datetime.fromtimestamp(report.results.at, UTC)
        suite.set("timestamp", at.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.extend(cases)


def _case(report: Report, name: str, *, seconds: float | None = None) -> ET.Element:
    classname = _plain(f"ftrunner.{report.results.name}")
    case = ET.Element("testcase", classname=classname, name=_plain(name))
    if seconds is not None:
        case.set("time", f"{seconds:.3f}")
    return case


def _add(case: ET.Element, kind: str, type_: str, message: str, text: str = "") -> None:
    element = ET.SubElement(case, kind, type=type_, message=_plain(message))
    element.text = _clean(text or message)


def _training(report: Report) -> Iterator[ET.Element]:
    """Whether there is a tuned model at all; silence does not count as passed."""
    job = report.results.training
    case = _case(report, "there is a tuned model", seconds=report.seconds)
    if job is None or job.model is None or report.results.model is None:
        _add(case, "error", "training", report.verdict.sentence)
    elif report.verdict.tone is Tone.OPEN and not (report.results.prompts or report.results.gates):
        _add(case, "skipped", "untested", report.verdict.sentence)
    yield case


def _prompt(report: Report, prompt: KeptPrompt) -> ET.Element:
    times = [answer.seconds for answer in prompt.answers if answer.seconds is not None]
    case = _case(report, prompt.name, seconds=sum(times) if times else None)
    failed = [answer for answer in prompt.answers if not answer.passed]
    text = _answers(report, prompt, failed)
    if not prompt.passed:
        _add(case, "failure", "expectation", _summary(prompt, failed), text)
    elif failed:
        flaky = ET.SubElement(
            case, "flakyFailure", type="expectation", message=_plain(_summary(prompt, failed))
        )
        flaky.text = _clean(text)
    return case


def _summary(prompt: KeptPrompt, failed: list[KeptAnswer]) -> str:
    missing = next((c for answer in failed for c in answer.checks if not c.passed), None)
    why = f": {missing.expected}: {missing.why or 'not so'}" if missing else ""
    if len(prompt.answers) < 2:
        return f"the answer is not as expected{why}"
    return f"{len(failed)} of {len(prompt.answers)} answers are not as expected{why}"


def _answers(report: Report, prompt: KeptPrompt, failed: list[KeptAnswer]) -> str:
    lines = [_place(report, report.lines.get(prompt.name)), f"prompt: {prompt.question}"]
    for answer in failed[:_MOST_ANSWERS]:
        lines.append(f"answer: {printable(answer.text, bound=_LONGEST)}")
        lines += [
            f"  {check.expected}: {check.why or 'not so'}"
            for check in answer.checks
            if not check.passed
        ]
    return "\n".join(lines)


def _place(report: Report, line: int | None) -> str:
    return f"{report.file}:{line}" if line else report.file


def _gate(report: Report, gate: KeptGate) -> ET.Element:
    case = _case(report, f"gate: {gate.claim}")
    place = _place(report, report.gate_lines.get(gate.claim))
    if gate.result == "failed":
        _add(case, "failure", "gate", gate.why, f"{place}\n{gate.claim}: {gate.why}")
    elif gate.result == "undecided":
        why = f"not enough evidence: {gate.why}"
        _add(case, "skipped", "not enough evidence", why, f"{place}\n{why}")
    elif gate.result == "skipped":
        _add(case, "skipped", "skipped", gate.why)
    return case


def _plain(text: str) -> str:
    return _clean(one_line(text, bound=400))


def _clean(text: str) -> str:
    """Without what XML 1.0 forbids, and what could steer a terminal."""
    return _FORBIDDEN.sub("\ufffd", printable(text, bound=20 * _LONGEST))
