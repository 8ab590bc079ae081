"""A report as Markdown for a pull request's comment or a job's summary.

A comment holds 65,536 characters, so the verdict, gates and figures come first and examples as far
as there is room. What a model wrote is only in fences, which nothing in it can close; a name that
was given is in a code span, where GitHub reads no mention, link or image.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from ftrunner.engine.report.report import Report
from ftrunner.engine.report.verdict import Tone
from ftrunner.render.report.figures import count, interval, moment, money, points, seconds
from ftrunner.state.results import ChangedRow, KeptAnswer, KeptComparison, KeptPrompt, RunResults
from ftrunner.text import one_line, printable

MOST_BYTES = 60_000
_LONGEST = 800  # characters of an answer
_MOST_LINES = 40  # rows of a table
_MARKS = {Tone.GOOD: "✅", Tone.BAD: "❌", Tone.OPEN: "❔"}
_RESULTS = {
    "passed": "✅ passed",
    "failed": "❌ failed",
    "undecided": "❔ not enough evidence",
    "skipped": "– skipped",
}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&$:-])")
# What GitHub makes a mention, a reference or a link of, in text as in HTML.
_LINKED = re.compile(r"[@#](?=\w)|:(?=//)|\bwww(?=\.)", re.IGNORECASE)


def markdown(report: Report) -> str:
    """The text, at most 60,000 bytes of it."""
    foot = _foot(report)
    begin = "".join(_as_many(_head(report), MOST_BYTES - len(foot.encode())))
    room = MOST_BYTES - len(begin.encode()) - len(foot.encode())
    return begin + _fitted(list(_examples(report)), room) + foot


def head(report: Report, most: int) -> str:
    """The verdict, gates and effects alone, at most that many bytes."""
    lines = _head(report)
    next(lines)  # the marker
    return "".join(_as_many(lines, most))


def _as_many(lines: Iterable[str], room: int) -> Iterator[str]:
    """The first of the lines, as long as there is room for them."""
    for line in lines:
        room -= len(line.encode())
        if room < 0:
            return
        yield line


def marker(name: str) -> str:
    """The first line, by which a comment of this spec is found again."""
    return f"<!-- ftrunner:{re.sub('[^A-Za-z0-9._-]', '-', name)[:80]} -->\n"


def code(text: str, *, bound: int = 200) -> str:
    """`text` as a code span that a table may hold, too."""
    shown = one_line(text, bound=bound).replace("|", "\\|") or " "
    ticks = "`" * (_longest_run(shown) + 1)
    pad = " " if shown.startswith("`") or shown.endswith("`") else ""
    return f"{ticks}{pad}{shown}{pad}{ticks}"


def fence(text: str, *, bound: int = _LONGEST) -> str:
    """`text` in a fence that is longer than any run of backticks in it."""
    shown = printable(text, bound=bound)
    ticks = "`" * max(3, _longest_run(shown) + 1)
    return f"{ticks}text\n{shown}\n{ticks}\n"


def plain(text: str) -> str:
    """A sentence of ours that names what was given: nothing in it is markup or a mention."""
    return _SPECIAL.sub(r"\\\1", _unlinked(one_line(text, bound=1_000)))


def _unlinked(text: str) -> str:
    return _LINKED.sub(lambda found: f"{found[0]}\u2060", text)


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _head(report: Report) -> Iterator[str]:
    results, verdict = report.results, report.verdict
    yield marker(results.name)
    yield f"## {_MARKS[verdict.tone]} {verdict.word}: {code(results.name)}\n\n"
    if results.rehearsal:
        yield "_A rehearsal: the mock provider answered, nothing was paid._\n\n"
    yield f"{plain(verdict.sentence)}\n\n"
    for note in report.notes:
        yield f"> {plain(note)}\n\n"
    yield from _gates(results)
    yield from _effects(results)


def _gates(results: RunResults) -> Iterator[str]:
    if not results.gates:
        return
    yield "| Gate | Result | Why |\n| --- | --- | --- |\n"
    for gate in results.gates[:_MOST_LINES]:
        result = _RESULTS.get(gate.result, "unknown")
        excused = ", allowed to stay open" if gate.excused else ""
        yield f"| {plain(gate.claim)} | {result}{excused} | {plain(gate.why)} |\n"
    yield _more(len(results.gates) - _MOST_LINES, "gate")
    yield "\n"


def _effects(results: RunResults) -> Iterator[str]:
    compared = [(each, found) for each in results.sets for found in each.comparisons]
    if not compared:
        return
    yield f"| Set | Against | Rows | Difference | {100 * results.confidence:g} % interval "
    yield "| Better / worse | Reading |\n| --- | --- | --: | --: | --: | --: | --- |\n"
    for each, found in compared[:_MOST_LINES]:
        yield (
            f"| {code(each.name)} | {code(found.name)} | {each.rows:,} | {points(found.effect)} "
            f"| {interval(found.low, found.high)} | {found.better:,} / {found.worse:,} "
            f"| {found.word} |\n"
        )
    yield _more(len(compared) - _MOST_LINES, "comparison")
    yield "\n"


def _more(number: int, noun: str) -> str:
    return f"\n{count(number, noun)} more.\n" if number > 0 else ""


# A block: its title, its examples, and how many more there are of them.
_Block = tuple[str, list[str], int]


def _examples(report: Report) -> Iterator[_Block]:
    results = report.results
    failed = [prompt for prompt in results.prompts if not prompt.passed]
    if results.prompts:
        passed = len(results.prompts) - len(failed)
        title = f"Test prompts: {passed:,} of {len(results.prompts):,} passed"
        yield title, [_prompt(report, prompt) for prompt in failed], 0
    for each in results.sets:
        for found in each.comparisons:
            worse = [row for row in found.changed if row.difference < 0]
            if worse:
                title = f"{found.worse:,} got worse: {one_line(each.name)} against {found.name}"
                rows = [_changed(found, row) for row in worse]
                yield title, rows, found.worse - len(worse)


def _prompt(report: Report, prompt: KeptPrompt) -> str:
    line = report.lines.get(prompt.name)
    where = f" ({code(f'{report.file}:{line}')})" if line else ""
    shown = "".join(map(_answer, [a for a in prompt.answers if not a.passed][:3]))
    return f"**{code(prompt.name)}**{where}\n\n{fence(prompt.question)}\n{shown}\n"


def _changed(found: KeptComparison, row: ChangedRow) -> str:
    sides = ((found.name, row.other), ("tuned", row.tuned))
    shown = "".join(f"{code(name)}:\n\n{_answer(answers[0])}" for name, answers in sides if answers)
    return f"**{code(row.place)}**\n\n{fence(row.question)}\n{shown}\n"


def _answer(answer: KeptAnswer | None) -> str:
    if answer is None:
        return "_no answer_\n\n"
    missing = "".join(
        f"- ✗ {code(check.expected)}{f': {code(check.why)}' if check.why else ''}\n"
        for check in answer.checks
        if not check.passed
    )
    return f"{fence(answer.text)}\n{missing}\n"


def _fitted(blocks: list[_Block], room: int) -> str:
    """The blocks, each folded, with as many examples as there is room for; the rest is counted."""
    found = []
    for title, examples, more in blocks:
        opening, closing = f"<details><summary>{_html(title)}</summary>\n\n", "</details>\n\n"
        room -= len(f"{opening}{closing}".encode()) + 40
        if room < 0:
            break
        shown = list(_as_many(examples, room))
        room -= sum(len(example.encode()) for example in shown)
        left = len(examples) - len(shown) + more
        rest = f"{left:,} more {'is' if left == 1 else 'are'} in the report.\n\n" if left else ""
        is_empty = not (shown or left)
        found.append(f"{title}\n\n" if is_empty else f"{opening}{''.join(shown)}{rest}{closing}")
    return "".join(found)


def _html(text: str) -> str:
    """A summary is HTML: a name in it is shown as it is."""
    return html.escape(_unlinked(one_line(text)), quote=False)


def _foot(report: Report) -> str:
    results, job = report.results, report.results.training
    facts = [moment(results.at)] if results.at else []
    if job:
        facts.append(f"job {code(job.job)}")
        facts.append(f"{code(job.base_model)} → {code(job.model or 'no model')}")
    if job and job.trained_tokens:
        facts.append(f"{job.trained_tokens:,} tokens")
    if report.seconds:
        facts.append(f"trained in {seconds(report.seconds)}")
    if results.cost.training and not results.rehearsal:
        facts.append(money(results.cost.training).replace("$", "\\$"))
    if report.origin and report.origin.commit:
        changed = " with changes" if report.origin.modified else ""
        facts.append(f"commit {report.origin.commit[:10]}{changed}")
    return f"<sub>{' · '.join(facts)} · ftrunner {plain(results.provenance.ftrunner)}</sub>\n"
