"""When a provider asks one thread to wait, all threads wait.

After a 429 or 503 with `Retry-After`, all requests wait that long, and then go out with a gap
between them that grows with each such answer, up to the time asked for, and shrinks with each
success. Without it, all workers of a limited account come back at the same moment, and most are
refused again.
"""

from __future__ import annotations

from threading import Lock

from ftrunner.api.http.exchange import Request, Response, Transport
from ftrunner.api.http.retry import retry_after
from ftrunner.clock import Clock

_REFUSALS = (429, 503)
_FIRST_GAP = 0.05  # seconds
_LONGEST_GAP = 1.0
_LONGEST_HOLD = 60.0
_SHRINKS = 0.8
_NO_GAP = 0.01


class HoldingTransport:
    """Sends by another transport, and holds requests back where the provider asked for that."""

    def __init__(self, inner: Transport, clock: Clock) -> None:
        self._inner = inner
        self._clock = clock
        self._lock = Lock()
        self._held_until = 0.0
        self._next = 0.0
        self._gap = 0.0

    def send(self, request: Request) -> Response:
        """The response, as the other transport gives it."""
        sent = self._wait()
        response = self._inner.send(request)
        if response.status in _REFUSALS:
            self._hold(response, sent)
        else:
            self._speed_up()
        return response

    def _wait(self) -> float:
        """Wait for this request's turn; the moment at which it is sent."""
        while True:
            with self._lock:
                now = self._clock.monotonic()
                turn = max(self._held_until, self._next)
                if turn <= now:
                    self._next = now + self._gap
                    return now
            self._clock.sleep(turn - now)

    def _hold(self, response: Response, sent: float) -> None:
        """Requests that were under way together slow the pace once, not each of them."""
        asked = retry_after(response.headers, now=self._clock.now())
        if asked is None:
            return
        with self._lock:
            is_news = sent >= self._held_until
            held_until = self._clock.monotonic() + min(asked, _LONGEST_HOLD)
            self._held_until = max(self._held_until, held_until)
            if is_news:
                longest = min(max(asked, _FIRST_GAP), _LONGEST_GAP)
                self._gap = min(max(self._gap * 2, _FIRST_GAP), longest)

    def _speed_up(self) -> None:
        if self._gap:
            with self._lock:
                shrunk = self._gap * _SHRINKS
                self._gap = shrunk if shrunk > _NO_GAP else 0.0
