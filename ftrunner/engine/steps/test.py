"""Step 4: the test prompts go to the tuned model, and its answers become a verdict."""

from __future__ import annotations

from typing import Any

from ftrunner.api.errors import ApiError, BadRequest, NotFound, ServerError
from ftrunner.api.wire import ChatCompletion
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.waiting import MODEL_TO_ANSWER
from ftrunner.engine.steps.readiness import is_not_ready
from ftrunner.errors import RunFailed
from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.verdict import (
    AnswerVerdict,
    PromptVerdict,
    judge,
    prompt_digest,
    tests_digest,
)
from ftrunner.events import AnswerGiven, Checked, ModelNotReady, TestsFinished
from ftrunner.spec.model import Prompt
from ftrunner.state.lock import Current, JobRecord, PromptResult, TestsRecord


def test(run: Run, job: JobRecord) -> bool:
    """Ask `job`'s model every prompt and record the verdict; whether all prompts passed.

    The lock's `current` moves to the model only on a pass. Raises RunFailed where the model does
    not answer: no answer is not a failed answer.
    """
    model = job.answers_as
    if model is None:
        raise RunFailed(f"{job.id} has no tuned model to test", code="FT354")
    verdicts = [ask(run, model, prompt) for prompt in run.spec.tests.prompts]
    failed = sum(not verdict.passed for verdict in verdicts)
    _record(run, job, model, verdicts)
    if verdicts:
        run.emit(TestsFinished(model, passed=len(verdicts) - failed, failed=failed))
    return failed == 0


def ask(run: Run, model: str, prompt: Prompt) -> PromptVerdict:
    """The verdict on what `model` says to `prompt`, as often as that is asked; nothing is recorded.

    Raises RunFailed where it does not answer.
    """
    answers = []
    for attempt in range(1, prompt.repeat + 1):
        verdict = judge(prompt, _answer(run, model, prompt))
        answers.append(verdict)
        run.emit(_as_event(prompt, verdict, attempt))
    return PromptVerdict(prompt, tuple(answers))


def _answer(run: Run, model: str, prompt: Prompt) -> Answer:
    """What the model says. One that has just been trained may take a while to be there."""
    request: dict[str, Any] = dict(run.spec.tests.request)
    for pause in (*MODEL_TO_ANSWER, None):
        try:
            started = run.clock.monotonic()
            completion = run.client.chat(model, prompt.messages, request)
            return _as_answer(completion, run.clock.monotonic() - started)
        except ApiError as error:
            if pause is None or not _may_come(error):
                raise _unanswered(run, model, prompt, error) from error
            run.emit(ModelNotReady(model, error.message))
            run.clock.sleep(pause)
    raise AssertionError("unreachable: the last try returns or raises")


def _may_come(error: ApiError) -> bool:
    if isinstance(error, NotFound | ServerError):
        return True
    return isinstance(error, BadRequest) and is_not_ready(error)


def _unanswered(run: Run, model: str, prompt: Prompt, error: ApiError) -> RunFailed:
    again = f"{run.command('test')} asks again without training"
    if is_not_ready(error):
        again = f"it is still being made ready: {again}, as often as it takes"
    return RunFailed(
        f"{model} does not answer the prompt {prompt.name!r}: {error.message}",
        code="FT501",
        hint=f"{again}; {run.command('drift')} says whether the model is still there"
        if isinstance(error, NotFound)
        else again,
    )


def _as_answer(completion: ChatCompletion, seconds: float) -> Answer:
    return Answer(
        content=completion.content,
        tool_calls=tuple(completion.tool_calls),
        refusal=completion.refusal,
        finish_reason=completion.finish_reason,
        seconds=seconds,
        tokens_out=completion.usage.get("completion_tokens"),
    )


def _record(run: Run, job: JobRecord, model: str, verdicts: list[PromptVerdict]) -> None:
    passed = all(verdict.passed for verdict in verdicts)
    tests = TestsRecord(
        model=model,
        digest=tests_digest(run.spec.tests),
        passed=passed,
        results={verdict.prompt.name: _result(verdict) for verdict in verdicts},
    )
    current = Current(model=model, job=job.id, fingerprint=job.fingerprint, run=job.run)
    run.journal.tested(tests, current if passed else None)


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
