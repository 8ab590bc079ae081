"""Which fault strikes a request, and which fate befalls a new job."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from mockserver.data.records import Fate, Pace, Refusal
from mockserver.faults.chat_request import Said
from mockserver.faults.limiter import Headers, Limiter
from mockserver.faults.scenario import (
    Action,
    Fault,
    Habit,
    JobFate,
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
    """A fault and how often it has matched and struck."""

    fault: Fault
    pattern: re.Pattern[str] | None
    matched: int = 0
    hits: int = 0


@dataclass(slots=True)
class Armed(Generic[T]):
    """Something else that a scenario sets, and how often it was met."""

    what: T
    hits: int = 0


@dataclass(slots=True)
class ArmedFate:
    fate: JobFate
    matched: int = 0
    hits: int = 0


class Faults:
    """The faults now in force. Where there are none, `is_armed` is all that a request looks at."""

    def __init__(self, chance: Callable[[], float]) -> None:
        self._chance = chance
        self.armed: list[ArmedFault] = []
        self.fates: list[ArmedFate] = []
        self.judge: list[Armed[JudgeFault]] = []
        self.twins: list[Armed[Twin]] = []
        self.limits: list[Limiter] = []
        self.is_armed = False

    def add(self, scenario: Scenario) -> None:
        for fault in scenario.faults:
            name = fault.name or scenario.name
            named = Fault(do=fault.do, match=fault.match, name=name)
            self.armed.append(ArmedFault(named, _pattern(fault.match.path)))
        self.fates += [ArmedFate(fate) for fate in scenario.jobs]
        self.judge += [Armed(fault) for fault in scenario.judge]
        self.twins += [Armed(twin) for twin in scenario.twins]
        name = scenario.name or "limit"
        self.limits += [Limiter(each, name, _pattern(each.match.path)) for each in scenario.limits]
        self.is_armed = bool(self.armed or self.limits)

    def clear(self) -> None:
        self.armed.clear()
        self.fates.clear()
        self.judge.clear()
        self.twins.clear()
        self.limits.clear()
        self.is_armed = False

    def meet(self, exchange: Exchange, said: Said | None) -> tuple[Action | None, Headers]:
        """What happens to a request, and the headers that its answer gets from limits."""
        headers: Headers = {}
        for limiter in self.limits:
            if not _fits(limiter.limit.match.method, limiter.pattern, exchange):
                continue
            refusal, headers = limiter.admit(exchange.key, exchange.real, exchange.at)
            if refusal is not None:
                return refusal, headers
        return self.strike(exchange.method, exchange.path, said), headers

    @property
    def look_at_chat(self) -> bool:
        """Whether some fault depends on what a chat request says."""
        return any(armed.fault.match.is_of_chat for armed in self.armed)

    def strike(self, method: str, path: str, said: Said | None = None) -> Action | None:
        """The action of the first fault that strikes this request; counts every match."""
        struck: Action | None = None
        for armed in self.armed:
            if not _matches(armed, method, path) or not _is_meant(armed.fault.match, said):
                continue
            armed.matched += 1
            if struck is None and self._due(armed):
                armed.hits += 1
                struck = armed.fault.do
        return struck

    def next_fate(self, pace: Pace, speed: float) -> Fate:
        """The fate of a job that is being created."""
        for armed in self.fates:
            armed.matched += 1
            if _in_turn(armed.matched, armed.fate.nth, armed.fate.times):
                armed.hits += 1
                return _fate(armed.fate, pace, speed)
        return Fate()

    def habit(self, likeness: float) -> Habit | None:
        """What the judge does wrong with an answer that is so like its reference."""
        for armed in self.judge:
            if armed.what.below is None or likeness < armed.what.below:
                armed.hits += 1
                return armed.what.habit
        return None

    def twin(self, model: str, *, is_base: bool) -> Twin | None:
        """The second name that this model's name is."""
        for armed in self.twins:
            if armed.what.name == model or (is_base and armed.what.name == "*"):
                armed.hits += 1
                return armed.what
        return None

    def names(self) -> list[str]:
        """Of everything that is in force, each once."""
        return list(dict.fromkeys(name for name, _ in self._all()))

    def unfired(self) -> list[str]:
        """Names of what was set and has never struck."""
        return [name for name, hits in self._all() if not hits]

    def _all(self) -> list[tuple[str, int]]:
        """Name and hits of everything that is in force."""
        return [
            *((_name(armed.fault), armed.hits) for armed in self.armed),
            *((limiter.name, limiter.hits) for limiter in self.limits),
            *(("job fate", armed.hits) for armed in self.fates),
            *((f"judge {armed.what.habit}", armed.hits) for armed in self.judge),
            *((f"twin {armed.what.name}", armed.hits) for armed in self.twins),
        ]

    def _due(self, armed: ArmedFault) -> bool:
        match = armed.fault.match
        if not _in_turn(armed.matched, match.nth, match.times):
            return False
        return match.probability >= 1 or self._chance() < match.probability


def _name(fault: Fault) -> str:
    """Its own name, and without one the requests it waits for."""
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


def _is_meant(match: Match, said: Said | None) -> bool:
    if not match.is_of_chat:
        return True
    if said is None or match.model not in (None, said.model):
        return False
    if match.prompt is not None and match.prompt not in said.prompt:
        return False
    share = match.prompt_share
    return share is None or draw("prompt", said.prompt) < share


def _fits(method: str | None, pattern: re.Pattern[str] | None, exchange: Exchange) -> bool:
    if method is not None and method.upper() != exchange.method:
        return False
    return pattern is None or pattern.fullmatch(exchange.path) is not None


def _pattern(path: str | None) -> re.Pattern[str] | None:
    if path is None:
        return None
    quoted = re.escape(path.removeprefix("/v1"))
    return re.compile(quoted.replace(r"\*\*", ".*").replace(r"\*", "[^/]+"))


def _fate(chosen: JobFate, pace: Pace, speed: float) -> Fate:
    error = chosen.error
    refusal = (
        Refusal(code=error.code, message=error.message, param=error.param)
        if error
        else DEFAULT_FAILURE
    )
    share = chosen.cancelled_at
    return Fate(
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
