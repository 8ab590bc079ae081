"""Reports for tests of their formats."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from ftrunner.engine.report.report import Report
from ftrunner.engine.report.verdict import Tone, Verdict
from ftrunner.state.results import KeptAnswer, KeptPrompt, RunResults

# What a hostile model may answer, each dangerous in one of the formats.
HOSTILE = {
    "script": '</pre></script><script>alert(1);document.title="owned"</script>',
    "svg": '<svg onload=alert(2)><img src="/stolen" onerror=alert(3)>"\'</title></style>',
    "cdata": "]]></failure><!-- --> &amp; &lt;",
    "bidi": "\u202egnp.exe\u2066\u200f",
    "control": "a\x00b\x1b[2J\x1b]0;owned\x07\x9b31m\ud800\ufffe",
    "long line": "x" * 100_000,
    "backticks": "````\n``````text\n</details>\n# @everyone ![x](http://example.com/x.png)",
    "formula": "=cmd|' /C calc'!A0",
    "wide formula": "＝1+1",
    "at": "@SUM(1+1)\t=1",
    "command": "::error::owned\n::set-output name=x::y\r::stop-commands::z",
    "carriage": "\r=1+1",
}
_CHOICES = frozenset({"word", "result", "outcome", "version"})


def report_of(results: RunResults, **more: Any) -> Report:
    """A report on `results`; their verdict is a failed one."""
    verdict = Verdict("Failed", Tone.BAD, "The tuned model passes 0 of 1 test prompts.")
    return Report(**{"results": results, "verdict": verdict, "file": "specs/tickets.yaml", **more})


def prompts(text: str, number: int, *, question: str = "?") -> tuple[KeptPrompt, ...]:
    """That many failed prompts, each answered with `text`."""
    given = (KeptAnswer(text=text, passed=False, score=0.0),)
    return tuple(
        KeptPrompt(name=f"p{n}", question=question, passed=False, pass_at_least=1, answers=given)
        for n in range(number)
    )


def spoilt(value: Any, text: str) -> Any:
    """`value` with every text in it replaced by `text`, but for those that are one of a few."""
    if isinstance(value, str):
        return text
    if isinstance(value, tuple):
        return tuple(spoilt(each, text) for each in value)
    if isinstance(value, dict):
        return {f"{key}{text}": spoilt(each, text) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        given = {each.name: getattr(value, each.name) for each in fields(value)}
        changed = {name: spoilt(v, text) for name, v in given.items() if name not in _CHOICES}
        return replace(value, **changed)
    return value
