"""Step 4: the test prompts go to the tuned model, and its answers become a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from ftrunner.engine.context import Run
from ftrunner.engine.steps.ask import Question, Reuse, answers
from ftrunner.engine.steps.keep_results import Tested, keep_results
from ftrunner.errors import RunFailed
from ftrunner.evaluation.verdict import (
    AnswerVerdict,
    PromptVerdict,
    judge,
    prompt_digest,
    tests_digest,
)
from ftrunner.evaluation.wording import of_prompts
from ftrunner.events import AnswerGiven, Checked, TestsFinished
from ftrunner.spec.testing import Prompt
from ftrunner.state.lock import Current, JobRecord, PromptResult, TestsRecord


def test(run: Run, job: JobRecord, reuse: Reuse) -> bool:
    """Ask `job`'s model every prompt and record the verdict; whether all prompts passed.

    The lock's `current` moves to the model only on a pass. Raises RunFailed where the model does
    not answer: no answer is not a failed answer.
    """
    model = job.answers_as
    if model is None:
        raise RunFailed(f"{job.id} has no tuned model to test", code="FT354")
    found = list(verdicts(run, model, reuse))
    failed = sum(not verdict.passed for verdict in found)
    _record(run, job, model, found)
    if found:
        _keep(run, job, found, failed)
        run.emit(TestsFinished(model, passed=len(found) - failed, failed=failed))
    return failed == 0


def verdicts(run: Run, model: str, reuse: Reuse) -> Iterator[PromptVerdict]:
    """The verdict on what `model` says to each prompt, as often as it is asked, in their order.

    Nothing is recorded. Raises RunFailed where it does not answer.
    """
    prompts = run.spec.tests.prompts
    questions = [
        Question(f"the prompt {prompt.name!r}", prompt.messages, attempt)
        for prompt in prompts
        for attempt in range(1, prompt.repeat + 1)
    ]
    given = answers(run, model, questions, reuse)
    for prompt in prompts:
        judged = []
        for attempt, answer in enumerate(islice(given, prompt.repeat), start=1):
            verdict = judge(prompt.expect, answer)
            judged.append(verdict)
            run.emit(_as_event(prompt, verdict, attempt))
        yield PromptVerdict(prompt, tuple(judged))


def _record(run: Run, job: JobRecord, model: str, verdicts: list[PromptVerdict]) -> None:
    passed = all(verdict.passed for verdict in verdicts)
    tests = TestsRecord(
        model=model,
        digest=tests_digest(run.spec.tests, {}),
        passed=passed,
        results={verdict.prompt.name: _result(verdict) for verdict in verdicts},
    )
    current = Current(model=model, job=job.id, fingerprint=job.fingerprint, run=job.run)
    run.journal.tested(tests, current if passed else None)


def _keep(run: Run, job: JobRecord, verdicts: list[PromptVerdict], failed: int) -> None:
    tested = Tested(
        job=job,
        outcome="failed" if failed else "passed",
        sentence=of_prompts(len(verdicts) - failed, len(verdicts)),
        moved=not failed,
        prompts=verdicts,
    )
    keep_results(run, tested)


def _result(verdict: PromptVerdict) -> PromptResult:
    return PromptResult(
        passed=verdict.passed,
        passes=verdict.passes,
        answers=len(verdict.answers),
        digest=prompt_digest(verdict.prompt),
    )


def _as_event(prompt: Prompt, verdict: AnswerVerdict, attempt: int) -> AnswerGiven:
    return AnswerGiven(
        prompt=prompt.name,
        question=str(prompt.messages[-1].get("content", "")),
        answer=verdict.answer,
        attempt=attempt,
        repeat=prompt.repeat,
        passed=verdict.passed,
        checks=tuple(Checked(c.expected, c.passed, c.why) for c in verdict.checks),
    )
