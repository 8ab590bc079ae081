"""Asking a model: several questions at a time, each answer stored as it comes.

An answer that is stored already is not asked for again, so a killed test goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ftrunner.api.errors import ApiError, BadRequest, NotFound, RateLimited, ServerError
from ftrunner.api.wire import ChatCompletion
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.waiting import MODEL_TO_ANSWER
from ftrunner.engine.steps.readiness import is_not_ready
from ftrunner.errors import RunFailed
from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.answer_store import AnswerStore, question_key, store_path
from ftrunner.evaluation.pace import Pace, in_order
from ftrunner.events import ModelNotReady, WaitingForProcess
from ftrunner.urls import leads_here

USUAL_WORKERS = 8
_KNOWN_TO_ANSWER = MODEL_TO_ANSWER[:2]


@dataclass(frozen=True, slots=True)
class Question:
    """One try of one prompt; `name` is for messages."""

    name: str
    messages: tuple[Mapping[str, Any], ...]
    attempt: int


class Reuse(Enum):
    """Which answers are used: stored ones where there are, none that is stored, or only those."""

    STORED = "stored"
    NONE = "none"
    ONLY = "only"


def answers(run: Run, model: str, questions: Iterable[Question], reuse: Reuse) -> Iterator[Answer]:
    """What the model says to each question, in their order.

    Raises RunFailed where it does not answer one: no answer is not a failed answer.
    """
    settings = run.spec.tests.run
    pace = Pace(
        run.clock,
        requests=settings.requests_per_minute,
        tokens=settings.tokens_per_minute,
    )
    with _store(run, model) as store:
        asker = _Asker(run, model, store, pace, reuse)
        yield from in_order(asker.answer, questions, workers=workers(run))


def workers(run: Run) -> int:
    """How many questions go out at a time; one at an address on this machine unless it is set."""
    if run.spec.tests.run.concurrency is not None:
        return run.spec.tests.run.concurrency
    here = run.target.is_rehearsal or leads_here(run.target.base_url)
    return 1 if here else USUAL_WORKERS


@dataclass(frozen=True, slots=True)
class _Asker:
    """Answers one question; several threads may call it."""

    run: Run
    model: str
    store: AnswerStore | None
    pace: Pace
    reuse: Reuse

    def answer(self, question: Question) -> Answer:
        key = self._key(question)
        stored = self.store.get(key) if self.store and self.reuse is not Reuse.NONE else None
        if stored is not None:
            return stored
        if self.reuse is Reuse.ONLY:
            raise self._not_stored(question)
        answer = self._asked(question)
        if self.store:
            self.store.put(key, answer)
        return answer

    def _key(self, question: Question) -> str:
        endpoint, request = self.run.target.endpoint, self.run.spec.tests.request
        return question_key(endpoint, self.model, question.messages, request, question.attempt)

    def _asked(self, question: Question) -> Answer:
        """A model that has just been trained may take a while to be there."""
        for pause in (*self._patience(), None):
            self.pace.wait()
            started = self.run.clock.monotonic()
            try:
                completion = self.run.client.chat(
                    self.model, question.messages, self.run.spec.tests.request
                )
            except ApiError as error:
                if pause is None or not _may_come(error):
                    raise self._unanswered(question, error) from error
                self.run.emit(ModelNotReady(self.model, error.message))
                self.run.clock.sleep(pause)
            else:
                answer = _as_answer(completion, self.run.clock.monotonic() - started)
                self.pace.used((answer.tokens_in or 0) + (answer.tokens_out or 0))
                return answer
        raise AssertionError("unreachable: the last try returns or raises")

    def _patience(self) -> Sequence[float]:
        """Seconds to wait between tries: short for a model that answered its tests before."""
        tests = self.run.journal.record.tests
        answered = tests is not None and tests.model == self.model
        return _KNOWN_TO_ANSWER if answered else MODEL_TO_ANSWER

    def _unanswered(self, question: Question, error: ApiError) -> RunFailed:
        again = f"{self.run.command('test')} asks again without training"
        if is_not_ready(error):
            again = f"it is still being made ready: {again}, as often as it takes"
        if isinstance(error, NotFound):
            again += f"; {self.run.command('drift')} says whether the model is still there"
        message = f"{self.model} does not answer the prompt {question.name!r}: {error.message}"
        return RunFailed(message, code="FT501", hint=again)

    def _not_stored(self, question: Question) -> RunFailed:
        return RunFailed(
            f"there is no stored answer of {self.model} to the prompt {question.name!r}",
            code="FT502",
            hint=f"{self.run.command('test')} asks for what is missing",
        )


@contextmanager
def _store(run: Run, model: str) -> Iterator[AnswerStore | None]:
    """The model's stored answers; a scenario has none, since it is about what goes wrong."""
    if run.target.scenario is not None:
        yield None
        return
    store = AnswerStore(
        store_path(run.answers, run.target.endpoint, model),
        clock=run.clock,
        max_age=run.spec.tests.run.answers_from,
        redact=lambda line: run.client.redactor.bytes(line),
    )
    with store.opened(lambda holder: run.emit(WaitingForProcess(str(holder) if holder else None))):
        yield store


def _may_come(error: ApiError) -> bool:
    if isinstance(error, NotFound | ServerError | RateLimited):
        return True
    return isinstance(error, BadRequest) and is_not_ready(error)


def _as_answer(completion: ChatCompletion, seconds: float) -> Answer:
    return Answer(
        content=completion.content,
        tool_calls=tuple(completion.tool_calls),
        refusal=completion.refusal,
        finish_reason=completion.finish_reason,
        seconds=seconds,
        tokens_in=completion.usage.get("prompt_tokens"),
        tokens_out=completion.usage.get("completion_tokens"),
        system_fingerprint=completion.system_fingerprint,
    )
