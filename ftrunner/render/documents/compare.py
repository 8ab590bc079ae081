"""What the models at two providers say to the same prompts, for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ftrunner.evaluation.verdict import PromptVerdict
from ftrunner.text import one_line

_ANSWER = 300  # characters of an answer that are shown


@dataclass(frozen=True, slots=True)
class Side:
    """One provider's model and its verdicts, in the order of the spec's prompts."""

    provider: str
    model: str
    verdicts: tuple[PromptVerdict, ...]

    @property
    def passed(self) -> int:
        return sum(verdict.passed for verdict in self.verdicts)


def as_text(sides: Sequence[Side]) -> str:
    """Prompt by prompt, one line a provider's answer; then who passed how many."""
    width = max(len(side.provider) for side in sides)
    lines: list[str] = []
    for together in zip(*(side.verdicts for side in sides), strict=True):
        prompt = together[0].prompt
        lines.append(f"{prompt.name}  {one_line(str(prompt.messages[-1].get('content', '')))}")
        for side, verdict in zip(sides, together, strict=True):
            lines += _answers(f"{side.provider:<{width}}", verdict)
    for side in sides:
        told = f"{side.passed} of {len(side.verdicts)} passed"
        lines.append(f"{side.provider:<{width}}  {told} · {one_line(side.model)}")
    return "\n".join(lines)


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


def as_fields(sides: Sequence[Side]) -> dict[str, Any]:
    """The same as a document."""
    return {
        "sides": [
            {
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
        ]
    }
