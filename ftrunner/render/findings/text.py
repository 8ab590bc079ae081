"""Findings as plain text: where, what, the line with a caret under the place, what next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from ftrunner.findings import Excerpt, Finding, Severity
from ftrunner.render.fold import width
from ftrunner.text import one_line, printable

PER_CODE = 20
NO_MORE: Mapping[str, int] = MappingProxyType({})

_SENTENCE_LENGTH = 1000
_LINE_WIDTH = 96
_LEFT_OF_CARET = 48
_ELLIPSIS = "…"
_SPACES = str.maketrans("\t\n\r", "   ")


def render_finding(finding: Finding) -> str:
    """One finding, without a line break at its end."""
    head = f"{finding.location}: {finding.severity} {finding.code}: {finding.message}"
    lines = [one_line(head, bound=_SENTENCE_LENGTH)]
    if finding.excerpt is not None:
        lines += _excerpt(finding.excerpt, finding.location.line)
    if finding.hint:
        lines.append(f"  hint: {one_line(finding.hint, bound=_SENTENCE_LENGTH)}")
    return "\n".join(lines)


def render_findings(
    findings: Iterable[Finding],
    totals: Mapping[str, int] = NO_MORE,
    *,
    per_code: int = PER_CODE,
) -> str:
    """All findings, the first `per_code` of each code in full, the rest counted.

    `totals` has how many findings a code has, if not all were kept. A hint is not repeated
    if the finding before has the same.
    """
    return "\n".join(_blocks(findings, totals, per_code))


def summary(findings: Iterable[Finding], totals: Mapping[str, int] = NO_MORE) -> str:
    """`2 errors, 1 warning`; empty where there is nothing to count. `totals` as above."""
    kept = Counter((finding.code, finding.severity) for finding in findings)
    left = Counter(totals) - Counter(code for code, _ in kept.elements())
    counts: Counter[Severity] = Counter()
    for (code, severity), count in kept.items():
        counts[severity] += count + left.pop(code, 0)
    return ", ".join(
        f"{counts[severity]:,} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in Severity
        if counts[severity]
    )


def _blocks(findings: Iterable[Finding], totals: Mapping[str, int], per_code: int) -> Iterator[str]:
    counts: Counter[str] = Counter()
    last: Finding | None = None
    for finding in findings:
        counts[finding.code] += 1
        if counts[finding.code] <= per_code:
            is_repeated = last and (last.code, last.hint) == (finding.code, finding.hint)
            yield render_finding(replace(finding, hint=None) if is_repeated else finding)
            last = finding
    for code, count in sorted(counts.items()):
        more = max(count, totals.get(code, 0)) - min(count, per_code)
        if more:
            yield f"{code}: {more:,} more of these are not shown."


def _excerpt(excerpt: Excerpt, line: int | None) -> Iterator[str]:
    """The line and a line with the caret; of a long line, what is around the place."""
    start = excerpt.column - 1
    is_long = len(excerpt.text) > _LINE_WIDTH
    first = max(0, start - _LEFT_OF_CARET) if is_long else 0
    last = min(len(excerpt.text), first + _LINE_WIDTH)
    before = (_ELLIPSIS if first else "") + _in_line(excerpt.text[first:start])
    marked = _in_line(excerpt.text[start : min(last, start + excerpt.length)])
    after = _in_line(excerpt.text[start + excerpt.length : last])
    ending = _ELLIPSIS if last < len(excerpt.text) else ""
    gutter = "" if line is None else f"{line} "
    yield f"  {gutter}| {before}{marked}{after}{ending}".rstrip()
    yield f"  {' ' * len(gutter)}| {' ' * width(before)}{'^' * max(1, width(marked))}"


def _in_line(text: str) -> str:
    """Printable, character for character, so that columns stay."""
    return printable(text).translate(_SPACES)
