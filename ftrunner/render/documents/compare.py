"""What two models say to the same prompts, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ftrunner.evaluation.comparison import Comparison
from ftrunner.evaluation.statistics.words import Word, settled_by
from ftrunner.evaluation.verdict import PromptVerdict
from ftrunner.events import SetCompared, SetMeasured, fields_of
from ftrunner.render.run.sets import compared, heading, row
from ftrunner.text import one_line

_ANSWER = 300  # characters of an answer that are shown


@dataclass(frozen=True, slots=True)
class Side:
    """One model and its verdicts, in the order of the spec's prompts. `name` is its column's."""

    name: str
    provider: str
    model: str
    verdicts: tuple[PromptVerdict, ...]

    @property
    def passed(self) -> int:
        return sum(verdict.passed for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class SetTable:
    """How both models did on a test set, and how they compare."""

    models: tuple[SetMeasured, ...]
    comparisons: tuple[SetCompared, ...]


def as_text(
    sides: Sequence[Side], comparison: Comparison | None, sets: Sequence[SetTable] = ()
) -> str:
    """Prompt by prompt, one line an answer; then how many passed, and what that shows; the sets."""
    lines = _prompts_as_text(sides, comparison) if comparison else []
    return "\n".join([*lines, *(line for table in sets for line in _table(table))])


def _table(table: SetTable) -> Iterator[str]:
    first, *_ = table.models
    shown = [heading(first), *(line for model in table.models for line in row(model))]
    shown += [line for found in table.comparisons for line in compared(found)]
    for line in shown:
        yield "".join(part if isinstance(part, str) else part[0] for part in line).rstrip()


def _prompts_as_text(sides: Sequence[Side], comparison: Comparison) -> list[str]:
    width = max(len(side.name) for side in sides)
    lines: list[str] = []
    for together in zip(*(side.verdicts for side in sides), strict=True):
        prompt = together[0].prompt
        lines.append(f"{prompt.name}  {one_line(str(prompt.messages[-1].get('content', '')))}")
        for side, verdict in zip(sides, together, strict=True):
            lines += _answers(f"{side.name:<{width}}", verdict)
    for side in sides:
        passed = f"{side.passed} of {len(side.verdicts)} passed"
        lines.append(f"{side.name:<{width}}  {passed} · {one_line(side.model)}")
    return [*lines, sentence(sides[0].name, sides[1].name, comparison)]


def sentence(first: str, second: str, found: Comparison) -> str:
    """The verdict in one sentence: the word, the effect with its interval, what changed."""
    changes = f"{found.better} better, {found.worse} worse of {_prompts(found.prompts)}"
    changes += f" (p = {found.p_value:.3f})"
    if found.reason or found.interval is None:
        return f"not enough evidence: {found.reason}: {changes}"
    low, high = _points(found.interval.low), _points(found.interval.high)
    bounds = f"{low} to {high} at {100 * found.confidence:g} %"
    if found.word is Word.UNDECIDED:
        settles = f"; {settled_by(found.enough, 'prompt')}" if found.enough else ""
        effect = f"{_points(found.effect)} points ({bounds})"
        return f"not enough evidence: {first} against {second} {effect}: {changes}{settles}"
    by = f"{abs(100 * found.effect):.1f} points ({bounds})"
    return f"{first} is {found.word} than {second} by {by}: {changes}"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", "−")


def _prompts(number: int) -> str:
    return f"{number} prompt{'' if number == 1 else 's'}"


def _answers(provider: str, verdict: PromptVerdict) -> list[str]:
    lines = []
    for answer in verdict.answers:
        mark = "✓" if answer.passed else "✗"
        lines.append(f"  {provider}  {mark} {one_line(answer.answer, bound=_ANSWER)}")
        lines += [
            f"  {' ' * len(provider)}    {check.expected}: {check.why or 'not so'}"
            for check in answer.checks
            if not check.passed
        ]
    return lines


def as_fields(
    sides: Sequence[Side], comparison: Comparison | None, sets: Sequence[SetTable] = ()
) -> dict[str, Any]:
    """The same as a document."""
    return {
        "sides": [
            {
                "name": side.name,
                "provider": side.provider,
                "model": side.model,
                "passed": side.passed,
                "prompts": [
                    {
                        "name": verdict.prompt.name,
                        "passed": verdict.passed,
                        "answers": [
                            {"text": answer.answer, "passed": answer.passed}
                            for answer in verdict.answers
                        ],
                    }
                    for verdict in side.verdicts
                ],
            }
            for side in sides
        ],
        "comparison": None if comparison is None else asdict(comparison),
        "sets": [
            {
                "name": table.models[0].set,
                "models": [fields_of(model) for model in table.models],
                "comparisons": [fields_of(found) for found in table.comparisons],
            }
            for table in sets
        ],
    }
