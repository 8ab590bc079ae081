"""Asking a model: several questions at a time, each answer stored as it comes.

An answer that is stored already is not asked for again, so a killed test goes on where it was.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from threading import Lock
from typing import Any

from ftrunner.api.errors import (
    ApiError,
    AuthenticationFailed,
    BadRequest,
    CannotConnect,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
)
from ftrunner.api.wire import ChatCompletion
from ftrunner.engine.checks.preflight import is_surely_gone
from ftrunner.engine.context import Run
from ftrunner.engine.steps.contenders import is_recorded, known_models
from ftrunner.engine.steps.readiness import is_not_ready
from ftrunner.errors import RunFailed
from ftrunner.evaluation.answer import Answer
from ftrunner.evaluation.answer_store import (
    AnswerStore,
    StoredAnswer,
    question_key,
    store_path,
    stored_keys,
)
from ftrunner.evaluation.pace import Pace, in_order
from ftrunner.evaluation.sets.rows import Row
from ftrunner.evaluation.spending import Account
from ftrunner.events import ModelNotReady, WaitingForProcess
from ftrunner.spec.testing import JsonObject
from ftrunner.text import did_you_mean
from ftrunner.urls import leads_here

USUAL_WORKERS = 8
_WORDS = re.compile(r"[\w-]+")
_FEW = 2  # more tries, for a model that was not trained just now
# Failures that all other questions would have, too.
_FATAL = (AuthenticationFailed, PermissionDenied, NotFound, CannotConnect)
# So many failures one after the other are not about the questions.
_MOST_IN_A_ROW = 25


@dataclass(frozen=True, slots=True)
class Question:
    """One try of one prompt or row; `name` is for messages.

    `request` is what the row itself says of the request, beside what the tests say for all.
    """

    name: str
    messages: tuple[Mapping[str, Any], ...]
    attempt: int
    request: JsonObject = field(default_factory=dict)

    @classmethod
    def of_row(cls, row: Row, attempt: int) -> Question:
        """One try of a row of a test set."""
        return cls(f"the row at {row.place}", row.messages, attempt, row.request)


class Reuse(Enum):
    """Which answers are used: stored ones where there are, none that is stored, or only those."""

    STORED = "stored"
    NONE = "none"
    ONLY = "only"


class NoAnswer(RunFailed):
    """A question got no answer."""


class _NotAsked(NoAnswer):
    """The question was not asked: its answer is not stored, or what may be spent is spent."""


class _Unanswerable(NoAnswer):
    """No other question would be answered either."""


def answers(run: Run, model: str, questions: Iterable[Question], reuse: Reuse) -> Iterator[Answer]:
    """What the model says to each question, in their order.

    Raises NoAnswer where it does not answer one: no answer is not a failed answer.
    """
    with _asker(run, model, reuse, None) as asker:
        found = in_order(asker.answer, questions, workers=workers(run), known=asker.stored)
        yield from (stored.answer for stored in found)


def attempts(
    run: Run,
    model: str,
    questions: Iterable[Question],
    reuse: Reuse,
    account: Account | None = None,
) -> Generator[StoredAnswer | None, None, None]:
    """The same with None where a question fails for good, or what may be spent is spent.

    Raises NoAnswer where no question would be answered.
    """
    with _asker(run, model, reuse, account) as asker:
        yield from in_order(asker.attempt, questions, workers=workers(run), known=asker.stored)


def workers(run: Run) -> int:
    """How many questions go out at a time; one at an address on this machine unless it is set."""
    if run.spec.tests.run.concurrency is not None:
        return run.spec.tests.run.concurrency
    here = run.target.is_rehearsal or leads_here(run.target.base_url)
    return 1 if here else USUAL_WORKERS


class _Asker:
    """Answers questions to one model; several threads may call it."""

    def __init__(
        self,
        run: Run,
        model: str,
        store: AnswerStore | None,
        reuse: Reuse,
        account: Account | None,
    ) -> None:
        self._run = run
        self._model = model
        self._store = store
        self._reuse = reuse
        self._account = account
        settings = run.spec.tests.run
        self._pace = Pace(
            run.clock,
            requests=settings.requests_per_minute,
            tokens=settings.tokens_per_minute,
        )
        self._under_way: dict[str, Future[StoredAnswer]] = {}
        self._lock = Lock()
        self._has_answered = False
        self._failed_in_a_row = 0

    def attempt(self, question: Question) -> StoredAnswer | None:
        """The answer, or None where this question has none. Raises NoAnswer if none would."""
        try:
            return self.answer(question)
        except _NotAsked:
            return None
        except NoAnswer as error:
            if isinstance(error, _Unanswerable) or self._is_one_too_many(error):
                raise
            return None

    def answer(self, question: Question) -> StoredAnswer:
        """The answer. Raises NoAnswer."""
        return self.stored(question) or self._once(self._key(question), question)

    def stored(self, question: Question) -> StoredAnswer | None:
        """The answer that is stored, where stored ones are used."""
        if self._store is None or self._reuse is Reuse.NONE:
            return None
        found = self._store.get(self._key(question))
        self._has_answered = self._has_answered or found is not None
        return found

    def _key(self, question: Question) -> str:
        return _key(self._run, self._model, question)

    def _once(self, key: str, question: Question) -> StoredAnswer:
        """The answer to a question that may be asked by several threads at once, asked once."""
        with self._lock:
            waiting = self._under_way.get(key)
            if waiting is None:
                mine = self._under_way[key] = Future()
        if waiting is not None:
            return waiting.result()
        try:
            found = self._fetched(key, question)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(found)
        return found

    def _fetched(self, key: str, question: Question) -> StoredAnswer:
        if self._reuse is Reuse.ONLY:
            raise not_stored(self._run, self._model, question.name)
        answer = self._paid_for(question)
        stored = StoredAnswer(key=key, at=self._run.clock.now(), answer=answer)
        return self._store.put(stored) if self._store else stored

    def _paid_for(self, question: Question) -> Answer:
        if self._account is None:
            return self._asked(question)
        spending, price = self._account.spending, self._account.price
        if not spending.begin():
            raise _NotAsked("tests.run.max_cost is spent", code="FT518")
        cost = 0.0
        try:
            answer = self._asked(question)
            cost = price.of(answer.tokens_in, answer.tokens_out)
        finally:
            spending.end(cost)
        return answer

    def _asked(self, question: Question) -> Answer:
        """A model that has just been trained may take a while to be there."""
        for pause in (*self._patience(), None):
            self._pace.wait()
            started = self._run.clock.monotonic()
            try:
                completion = self._run.client.chat(
                    self._model, question.messages, _request(self._run, question)
                )
            except ApiError as error:
                if pause is None or self._has_answered or not _may_come(error):
                    raise self._unanswered(question, error) from error
                self._run.emit(ModelNotReady(self._model, error.message))
                self._run.clock.sleep(pause)
            else:
                self._has_answered, self._failed_in_a_row = True, 0
                answer = _as_answer(completion, self._run.clock.monotonic() - started)
                self._pace.used((answer.tokens_in or 0) + (answer.tokens_out or 0))
                return answer
        raise AssertionError("unreachable: the last try returns or raises")

    def _patience(self) -> Sequence[float]:
        """Seconds to wait between tries: long for a model that was trained and not tested yet."""
        job, tests = self._run.journal.record.job, self._run.journal.record.tests
        is_trained = job is not None and job.answers_as == self._model
        is_new = is_trained and (tests is None or tests.model != self._model)
        schedule = self._run.schedules.first_answer
        return schedule if is_new else schedule[:_FEW]

    def _is_one_too_many(self, error: NoAnswer) -> bool:
        """Whether so many questions failed one after the other that it is not about them."""
        if self._has_answered and isinstance(error.__cause__, BadRequest):
            return False
        with self._lock:
            self._failed_in_a_row += 1
            return self._failed_in_a_row >= _MOST_IN_A_ROW

    def _unanswered(self, question: Question, error: ApiError) -> NoAnswer:
        again = f"{self._run.command('test')} asks again without training"
        message = f"{self._model} does not answer {question.name}: {error.message}"
        if isinstance(error, NotFound) and not is_recorded(self._run, self._model):
            if is_surely_gone(error, self._model):
                message = f"{self._run.target.profile.title} has no model {self._model!r}"
            near = did_you_mean(self._model, known_models(self._run))
            again = f"check the name, and that your key may use this model{near}"
            return _Unanswerable(message, code="FT501", hint=again)
        name = _refused(self._run, error)
        if name is not None:
            again = f"correct `tests.request.{name}`; then {again}"
        if is_not_ready(error):
            again = f"it is still being made ready: {again}, as often as it takes"
        if isinstance(error, NotFound):
            again += f"; {self._run.command('drift')} says whether the model is still there"
        quota = isinstance(error, RateLimited) and not error.is_transient
        for_all = name is not None and not self._has_answered
        is_fatal = quota or for_all or isinstance(error, _FATAL) or is_not_ready(error)
        kind = _Unanswerable if is_fatal else NoAnswer
        return kind(message, code="FT501", hint=again)


def _refused(run: Run, error: ApiError) -> str | None:
    """The key of `tests.request` that the provider refuses; None for other errors."""
    if not isinstance(error, BadRequest):
        return None
    named = {error.param} if error.param else set(_WORDS.findall(error.message))
    return next((name for name in run.spec.tests.request if name in named), None)


def is_stored(run: Run, model: str) -> Callable[[Question], bool]:
    """Whether an answer of the model to a question is stored, and not too old."""
    oldest = run.clock.now() - run.spec.tests.run.answers_from
    keys = stored_keys(store_path(run.answers, run.target.endpoint, model), oldest)
    return lambda question: bool(keys) and _key(run, model, question) in keys


def _key(run: Run, model: str, question: Question) -> str:
    endpoint, request = run.target.endpoint, _request(run, question)
    return question_key(endpoint, model, question.messages, request, question.attempt)


def _request(run: Run, question: Question) -> JsonObject:
    return {**question.request, **run.spec.tests.request}


def not_stored(run: Run, model: str, what: str) -> NoAnswer:
    """That there is no stored answer to a question."""
    return _NotAsked(
        f"there is no stored answer of {model} to {what}",
        code="FT502",
        hint=f"{run.command('test')} asks for what is missing",
    )


@contextmanager
def _asker(run: Run, model: str, reuse: Reuse, account: Account | None) -> Iterator[_Asker]:
    with _store(run, model) as store:
        yield _Asker(run, model, store, reuse, account)


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
        redact=lambda line: run.redactor.bytes(line),
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
