"""How fast requests go out once a provider has refused one for coming too fast.

After a 429 or 503 everyone waits as long as the provider asks, and then requests go out one by one,
a gap apart. The pace at which requests were refused is remembered: answers shorten the gap quickly
up to near that pace, slowly around it, and quickly again when it proves outdated. Without this, all
workers of a limited account come back at the same moment, and most are refused again.
"""

from __future__ import annotations

from math import inf, sqrt
from threading import Lock

from ftrunner.api.http.exchange import Response
from ftrunner.api.http.retry import requests_a_minute, retry_after
from ftrunner.clock import Clock

_LONGEST_HOLD = 60.0  # seconds
_FIRST_GAP = 0.05
_LONGEST_GAP = 5.0
_SHORTEST_GAP = 0.0005
_QUICKLY = 0.9  # of the gap is left after an answer
_AS_DOUBLED = 0.5  # the same, where refusals without an answer between them doubled it
_NEAR = 0.9  # of the remembered pace, and as much beyond it, is tried slowly
_SLOWLY = 0.002  # of the gap goes with an answer, less where a refusal costs much
_BELOW = 0.95  # of the pace at which refusals are expected is safe


class Pace:
    """When requests may go out, by monotonic time in seconds; it reads no clock."""

    def __init__(self) -> None:
        self.gap = 0.0  # none before the first refusal
        self._held_until = 0.0
        self._next = 0.0
        self._refused_gap = inf  # at which refusals are expected; inf: not known
        self._refused_at = -inf
        self._answers = 0  # since then
        self._cost = 0.0  # of a refusal, in requests that the wait takes the place of

    def turn(self) -> float:
        """The moment from which the next request may go out."""
        return max(self._held_until, self._next)

    def sent(self, now: float) -> None:
        """A request goes out."""
        self._next = now + self.gap

    def answered(self) -> None:
        """A request was not refused."""
        self._answers += 1
        if self.gap:
            self.gap = max(self.gap * self._share_left(), _SHORTEST_GAP)

    def _share_left(self) -> float:
        """Of the gap, after an answer."""
        if self._refused_gap == inf and self.gap > _FIRST_GAP:
            return _AS_DOUBLED
        is_near = self._refused_gap * _NEAR < self.gap <= self._refused_gap / _NEAR
        return 1 - _SLOWLY / max(1.0, self._cost) if is_near else _QUICKLY

    def refused(self, sent: float, now: float, asked: float, limit: float | None) -> None:
        """A request that went out at `sent` was refused; `asked` is how long to wait.

        `limit` is how many requests a minute the provider says it takes. Requests that were under
        way together slow the pace once, not each of them.
        """
        self._held_until = max(self._held_until, now + min(asked, _LONGEST_HOLD))
        if sent < self._refused_at:
            return
        if not self.gap and limit:
            self._expect(60 / limit)
        elif not self.gap:
            self.gap = min(asked or _FIRST_GAP, _FIRST_GAP)
        elif not self._answers:
            self.gap *= 2
        else:
            self._expect(self._estimate(now))
        self.gap = min(max(self.gap, _SHORTEST_GAP), _LONGEST_GAP)
        self._cost = asked / self.gap
        self._refused_at, self._answers = now, 0

    def _estimate(self, now: float) -> float:
        """The gap at which refusals begin: more went through than the present pace allows, and no
        more than since the last refusal.
        """
        answered = max((now - self._refused_at) / self._answers, self.gap)
        return sqrt(answered * self.gap)

    def _expect(self, gap: float) -> None:
        self._refused_gap, self.gap = gap, gap / _BELOW


class Throttle:
    """Holds the requests of all threads to one pace."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pace = Pace()
        self._door = Lock()  # one waits for the next turn, the others for that one
        self._lock = Lock()

    def wait(self) -> float:
        """Return when this request may go out, which is now; the moment."""
        with self._door:
            while (pause := self._pace.turn() - self._clock.monotonic()) > 0:
                self._clock.sleep(pause)
            now = self._clock.monotonic()
            with self._lock:
                self._pace.sent(now)
            return now

    def observe(self, response: Response, sent: float) -> None:
        """Take the answer to a request that went out at `sent` into account."""
        with self._lock:
            if not _is_too_fast(response):
                self._pace.answered()
                return
            asked = retry_after(response.headers, now=self._clock.now()) or 0.0
            limit = requests_a_minute(response.headers)
            self._pace.refused(sent, self._clock.monotonic(), asked, limit)


def _is_too_fast(response: Response) -> bool:
    """429; also 503, where it says how long to wait."""
    return response.status == 429 or (response.status == 503 and "retry-after" in response.headers)
