"""Chooses the fault for a request and the outcome for a new job."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mockserver.data.records import JobFate, Pace, Refusal
from mockserver.faults.chat_request import ChatText
from mockserver.faults.limiter import Headers, Limiter
from mockserver.faults.scenario import (
    Action,
    Fault,
    Habit,
    JobOutcome,
    JudgeFault,
    Match,
    Scenario,
    Twin,
)
from mockserver.jobs.training import total_work
from mockserver.learning.chance import draw
from mockserver.verdict.exchange import Exchange

T = TypeVar("T")

DEFAULT_FAILURE = Refusal(
    code="server_error", message="The job failed due to an internal error. Please try again."
)


@dataclass(slots=True)
class ArmedFault:
    """A fault, and how often it has matched and applied."""

    fault: Fault
    pattern: re.Pattern[str] | None
    matched: int = 0
    hits: int = 0


@dataclass(slots=True)
class Armed(Generic[T]):
    """Another setting of a scenario, and how often it applied."""

    what: T
    hits: int = 0


@dataclass(slots=True)
class ArmedOutcome:
    outcome: JobOutcome
    matched: int = 0
    hits: int = 0


class Faults:
    """The active faults. Without any, a request only checks `is_armed`."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self.armed: list[ArmedFault] = []
        self.outcomes: list[ArmedOutcome] = []
        self.judge: list[Armed[JudgeFault]] = []
        self.twins: list[Armed[Twin]] = []
        self.limits: list[Limiter] = []
        self.is_armed = False

    def add(self, scenario: Scenario) -> None:
        for fault in scenario.faults:
            name = fault.name or scenario.name
            named = Fault(do=fault.do, match=fault.match, name=name)
            self.armed.append(ArmedFault(named, _pattern(fault.match.path)))
        self.outcomes += [ArmedOutcome(outcome) for outcome in scenario.jobs]
        self.judge += [Armed(fault) for fault in scenario.judge]
        self.twins += [Armed(twin) for twin in scenario.twins]
        name = scenario.name or "limit"
        self.limits += [Limiter(each, name, _pattern(each.match.path)) for each in scenario.limits]
        self.is_armed = bool(self.armed or self.limits)

    def clear(self) -> None:
        self.armed.clear()
        self.outcomes.clear()
        self.judge.clear()
        self.twins.clear()
        self.limits.clear()
        self.is_armed = False

    def check(self, exchange: Exchange, chat: ChatText | None) -> tuple[Action | None, Headers]:
        """The action for a request, and the headers that limits add to its response."""
        headers: Headers = {}
        for limiter in self.limits:
            if not _matches_limit(limiter.limit.match.method, limiter.pattern, exchange):
                continue
            refusal, headers = limiter.admit(exchange.key, exchange.real, exchange.at)
            if refusal is not None:
                return refusal, headers
        return self.next_action(exchange.method, exchange.path, chat), headers

    @property
    def look_at_chat(self) -> bool:
        """Whether any fault depends on the text of a chat request."""
        return any(armed.fault.match.is_of_chat for armed in self.armed)

    def next_action(self, method: str, path: str, chat: ChatText | None = None) -> Action | None:
        """The action of the first fault that applies to this request; counts every match."""
        chosen: Action | None = None
        for armed in self.armed:
            if not _matches(armed, method, path) or not _matches_chat(armed.fault.match, chat):
                continue
            armed.matched += 1
            if chosen is None and self._due(armed):
                armed.hits += 1
                chosen = armed.fault.do
        return chosen

    def next_outcome(self, pace: Pace, speed: float) -> JobFate:
        """The outcome for a job that is being created."""
        for armed in self.outcomes:
            armed.matched += 1
            if _in_turn(armed.matched, armed.outcome.nth, armed.outcome.times):
                armed.hits += 1
                return _outcome(armed.outcome, pace, speed)
        return JobFate()

    def habit(self, likeness: float) -> Habit | None:
        """The judge's fault for an answer with this similarity to its reference."""
        for armed in self.judge:
            if armed.what.below is None or likeness < armed.what.below:
                armed.hits += 1
                return armed.what.habit
        return None

    def twin(self, model: str, *, is_base: bool) -> Twin | None:
        """The twin with this name."""
        for armed in self.twins:
            if armed.what.name == model or (is_base and armed.what.name == "*"):
                armed.hits += 1
                return armed.what
        return None

    def names(self) -> list[str]:
        """The names of everything active, without repeats."""
        return list(dict.fromkeys(name for name, _ in self._all()))

    def unfired(self) -> list[str]:
        """The names of everything that was set and never applied."""
        return [name for name, hits in self._all() if not hits]

    def _all(self) -> list[tuple[str, int]]:
        """The name and hits of everything active."""
        return [
            *((_name(armed.fault), armed.hits) for armed in self.armed),
            *((limiter.name, limiter.hits) for limiter in self.limits),
            *(("job outcome", armed.hits) for armed in self.outcomes),
            *((f"judge {armed.what.habit}", armed.hits) for armed in self.judge),
            *((f"twin {armed.what.name}", armed.hits) for armed in self.twins),
        ]

    def _due(self, armed: ArmedFault) -> bool:
        match = armed.fault.match
        if not _in_turn(armed.matched, match.nth, match.times):
            return False
        return match.probability >= 1 or self._chance() < match.probability


def _name(fault: Fault) -> str:
    """The fault's name or, without one, the requests it matches."""
    match = fault.match
    return fault.name or f"fault for {match.method or 'any method'} {match.path or 'any path'}"


def _in_turn(number: int, nth: int, times: int | None) -> bool:
    return number >= nth and (times is None or number < nth + times)


def _matches(armed: ArmedFault, method: str, path: str) -> bool:
    match = armed.fault.match
    if match.method is not None and match.method.upper() != method:
        return False
    if match.job is not None and match.job not in path.split("/"):
        return False
    return armed.pattern is None or armed.pattern.fullmatch(path) is not None


def _matches_chat(match: Match, chat: ChatText | None) -> bool:
    if not match.is_of_chat:
        return True
    if chat is None or match.model not in (None, chat.model):
        return False
    if match.prompt is not None and match.prompt not in chat.prompt:
        return False
    share = match.prompt_share
    return share is None or draw("prompt", chat.prompt) < share


def _matches_limit(method: str | None, pattern: re.Pattern[str] | None, exchange: Exchange) -> bool:
    if method is not None and method.upper() != exchange.method:
        return False
    return pattern is None or pattern.fullmatch(exchange.path) is not None


def _pattern(path: str | None) -> re.Pattern[str] | None:
    if path is None:
        return None
    quoted = re.escape(path.removeprefix("/v1"))
    return re.compile(quoted.replace(r"\*\*", ".*").replace(r"\*", "[^/]+"))


def _outcome(chosen: JobOutcome, pace: Pace, speed: float) -> JobFate:
    error = chosen.error
    refusal = (
        Refusal(code=error.code, message=error.message, param=error.param)
        if error
        else DEFAULT_FAILURE
    )
    share = chosen.cancelled_at
    return JobFate(
        stuck_in=chosen.stuck_in,
        fails_in=chosen.fails_in,
        error=refusal if chosen.fails_in else None,
        moderated=chosen.moderated,
        cancelled_after=None if share is None else share * total_work(pace),
        created_after=chosen.created_after / speed,
        shown_after=chosen.shown_after / speed,
        listed_after=chosen.listed_after / speed,
        served_after=chosen.served_after / speed,
        status_words=chosen.status_words,
        hides=tuple(chosen.hides),
        null_error=chosen.null_error,
        best_epoch=chosen.best_epoch,
    )
