"""Step 4: prompts and rows go to the tuned model, and the answers become a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from ftrunner.engine.context import Run
from ftrunner.engine.steps.announce import announce, set_record
from ftrunner.engine.steps.ask import Question, Reuse, answers
from ftrunner.engine.steps.keep_results import Tested, keep_test_results
from ftrunner.engine.steps.measure import measure
from ftrunner.errors import ExitCode, RunFailed
from ftrunner.evaluation.sets.gates import GateOutcome, Measured, exit_code, judge_gates
from ftrunner.evaluation.sets.kept import kept_gates, kept_sets
from ftrunner.evaluation.verdict import (
    AnswerVerdict,
    PromptVerdict,
    judge,
    prompt_digest,
    tests_digest,
)
from ftrunner.evaluation.wording import of_tests
from ftrunner.events import AnswerGiven, AskingProgressed, Checked, TestsFinished, VerdictReached
from ftrunner.spec.testing import TUNED, Prompt
from ftrunner.state.lock import Current, JobRecord, PromptResult, TestsRecord
from ftrunner.state.results import KeptSet

_MANY = 10  # questions, of which it is said how far they are
_OUTCOMES = {
    ExitCode.DONE: "passed",
    ExitCode.TESTS_FAILED: "failed",
    ExitCode.NOT_ENOUGH_EVIDENCE: "not_enough_evidence",
}


def test(run: Run, job: JobRecord, reuse: Reuse) -> ExitCode:
    """Ask `job`'s model all prompts and rows, record the verdict, and return its exit code.

    The lock's `current` moves to the model only where it is DONE: every prompt passed, and every
    gate holds. Raises RunFailed where the model does not answer: no answer is not a failed answer.
    """
    model = job.answers_as
    if model is None:
        raise RunFailed(f"{job.id} has no tuned model to test", code="FT354")
    found = _found(run, model, reuse)
    _record(run, job, model, found)
    if found.prompts or found.sets:
        _report(run, job, found)
    return found.code


@dataclass(frozen=True, slots=True)
class _Found:
    """What the answers showed."""

    began: float
    prompts: tuple[PromptVerdict, ...]
    sets: tuple[KeptSet, ...] = ()
    gates: tuple[GateOutcome, ...] = ()
    measured: Measured = field(default_factory=dict)

    @property
    def prompts_passed(self) -> int:
        return sum(verdict.passed for verdict in self.prompts)

    @property
    def code(self) -> ExitCode:
        all_passed = self.prompts_passed == len(self.prompts)
        return exit_code(self.gates, prompts_passed=all_passed)

    @property
    def sentence(self) -> str:
        several = len(self.sets) > 1
        shown = [
            f"{each.name}: {_of_set(each)}" if several else _of_set(each) for each in self.sets
        ]
        return of_tests(self.prompts_passed, len(self.prompts), self.gates, shown)


def _of_set(found: KeptSet) -> str:
    """How the models compare on a set; how the tuned model did where it is compared with none."""
    if found.comparisons:
        return found.comparisons[0].sentence
    return f"{found.models[0].passed:,} of {found.rows:,} rows passed"


def _found(run: Run, model: str, reuse: Reuse) -> _Found:
    began = run.clock.now()
    prompts = tuple(verdicts(run, model, reuse))
    if prompts:
        passed = sum(verdict.passed for verdict in prompts)
        run.emit(TestsFinished(model, passed=passed, failed=len(prompts) - passed))
    tests = run.spec.tests
    if not tests.sets:
        return _Found(began, prompts)
    measured = measure(run, model, reuse)
    return _Found(
        began,
        prompts,
        kept_sets(tests, measured.sets, measured.where),
        judge_gates(
            tests, measured.sets, skipped=measured.skipped, price=measured.where[TUNED].price
        ),
        measured.sets,
    )


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
    began, passed, done = run.clock.monotonic(), 0, 0
    for prompt in prompts:
        judged = []
        for attempt, answer in enumerate(islice(given, prompt.repeat), start=1):
            verdict = judge(prompt.expect, answer)
            judged.append(verdict)
            run.emit(_as_event(prompt, verdict, attempt))
            passed, done = passed + verdict.passed, done + 1
            if len(questions) >= _MANY:
                seconds = run.clock.monotonic() - began
                run.emit(_progress(model, passed, done, len(questions), seconds))
        yield PromptVerdict(prompt, tuple(judged))


def _progress(model: str, passed: int, done: int, total: int, seconds: float) -> AskingProgressed:
    return AskingProgressed(
        set="prompts",
        who=TUNED,
        model=model,
        done=done,
        total=total,
        passed=passed,
        stored=0,
        missing=0,
        seconds=seconds,
    )


def _record(run: Run, job: JobRecord, model: str, found: _Found) -> None:
    sets = {one.name: set_record(one) for one in found.sets}
    passed = found.code is ExitCode.DONE
    tests = TestsRecord(
        model=model,
        digest=tests_digest(run.spec.tests, {name: one.tests for name, one in sets.items()}),
        passed=passed,
        results={verdict.prompt.name: _result(verdict) for verdict in found.prompts},
        sets=sets,
        gates={outcome.claim: outcome.result.value for outcome in found.gates},
    )
    current = Current(model=model, job=job.id, fingerprint=job.fingerprint, run=job.run)
    run.journal.tested(tests, current if passed else None)


def _report(run: Run, job: JobRecord, found: _Found) -> None:
    gates = kept_gates(found.gates)
    if found.sets:
        announce(run, found.sets, gates)
    tested = Tested(
        job=job,
        outcome=_OUTCOMES[found.code],
        sentence=found.sentence,
        moved=found.code is ExitCode.DONE,
        prompts=found.prompts,
        sets=found.sets,
        gates=gates,
        measured=found.measured,
        began=found.began,
    )
    file = keep_test_results(run, tested)
    if found.sets:
        run.emit(VerdictReached(tested.outcome, tested.sentence, file))


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
