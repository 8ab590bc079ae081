"""The verdict of a report: one word, how it is to be taken, and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobRecord, Record
from ftrunner.state.results import RunResults


class Tone(StrEnum):
    """How a verdict is to be taken."""

    GOOD = "good"
    BAD = "bad"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome in a word or a few, and in a sentence."""

    word: str
    tone: Tone
    sentence: str


# The word of a comparison, from the gravest on.
_WORDS = {
    "worse": Tone.BAD,
    "a little worse": Tone.BAD,
    "not enough evidence": Tone.OPEN,
    "not worse": Tone.GOOD,
    "as good": Tone.GOOD,
    "a little better": Tone.GOOD,
    "better": Tone.GOOD,
}
_MOST_COMPARISONS = 3
_UNTESTED = Verdict(
    "Not tested", Tone.OPEN, "The spec has no tests; the model is current as it is."
)


def verdict(record: Record, results: RunResults) -> Verdict:
    """What is known of the recorded job and of the tests of its model."""
    job, tests = record.job, record.tests
    if job is None:
        return Verdict(
            "No job yet", Tone.OPEN, "Nothing was trained here, or its record was dropped."
        )
    if job.state is not JobState.SUCCEEDED:
        return _of_job(job)
    if tests is None or tests.model != job.answers_as:
        prompts = len(results.prompts)
        answered = f"; {_prompts(prompts)} answered so far" if prompts else ""
        return Verdict("Not tested yet", Tone.OPEN, f"The model is trained{answered}.")
    return _of_results(results)


def _of_job(job: JobRecord) -> Verdict:
    cause = f": {job.error}" if job.error else "."
    if job.state is JobState.FAILED:
        return Verdict("Training failed", Tone.BAD, f"The job {job.id} failed{cause}")
    if job.state is JobState.CANCELLED:
        return Verdict("Training cancelled", Tone.BAD, f"The job {job.id} was cancelled{cause}")
    last = f"The job {job.id} was {job.status} when it was last looked at."
    return Verdict("Training has not ended", Tone.OPEN, last)


def _prompts(number: int) -> str:
    return f"{number:,} test prompt{'' if number == 1 else 's'}"


def _of_results(results: RunResults) -> Verdict:
    sentence = _sentence(results)
    words = {found.word for each in results.sets for found in each.comparisons}
    gravest = next((word for word in _WORDS if word in words), None)
    if results.outcome == "no_tests":
        return _UNTESTED
    if results.outcome == "not_enough_evidence":
        return Verdict("Not enough evidence", Tone.OPEN, sentence)
    if results.outcome == "failed":
        is_worse = gravest is not None and _WORDS[gravest] is Tone.BAD
        return Verdict("Worse" if is_worse else "Failed", Tone.BAD, sentence)
    if gravest is None or (len(words) > 1 and results.gates):
        return Verdict("Passed", Tone.GOOD, sentence)
    return Verdict(gravest.capitalize(), _WORDS[gravest], sentence)


def _sentence(results: RunResults) -> str:
    """What follows, and what the comparisons show, as far as it does not say so itself."""
    compared = [(each.name, found.sentence) for each in results.sets for found in each.comparisons]
    shown = [f"{name}: {said}" for name, said in compared if said not in results.sentence]
    first = results.sentence or _of_prompts(results)
    return " ".join(_as_sentence(text) for text in (first, *shown[:_MOST_COMPARISONS]) if text)


def _of_prompts(results: RunResults) -> str:
    if not results.prompts:
        return ""
    passed = sum(prompt.passed for prompt in results.prompts)
    return f"the tuned model passes {passed:,} of {_prompts(len(results.prompts))}"


def _as_sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def tone_of(word: str) -> Tone:
    """How the word of a comparison is to be taken."""
    return _WORDS.get(word, Tone.OPEN)
