"""A limit on requests per minute, with the headers of OpenAI's service.

Source: OpenAI's guide to rate limits (the `x-ratelimit-…` headers and the text of the refusal).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from mockserver.faults.scenario import Action, Limit
from mockserver.http.errors import error_body

TOKENS = "2000000"
"""The token limit in the headers; only requests are counted."""

Headers = dict[str, str]


@dataclass(slots=True)
class Limiter:
    """Allows `burst` requests of a key at once, then the limit's number per minute.

    Time is in real seconds. Moving a manual clock counts as waiting.
    """

    limit: Limit
    name: str
    pattern: re.Pattern[str] | None
    hits: int = 0
    _now: float = 0.0
    _seen: tuple[float, float] | None = None
    _full_at: dict[str, float] = field(default_factory=dict)
    """By key: the time at which its full burst is available again."""

    def admit(self, key: str, real: float, at: float) -> tuple[Action | None, Headers]:
        """The refusal if the request exceeds the limit, and the headers for any response."""
        now = self._moved_to(real, at)
        step, room = 60 / self.limit.requests_per_minute, self.limit.burst
        full_at = max(self._full_at.get(key, now), now)
        wait = full_at + step - now - room * step
        if wait <= 1e-9:
            full_at += step
            self._full_at[key] = full_at
        left = math.floor(room - (full_at - now) / step + 1e-9)
        headers = self._headers(left, full_at - now)
        if wait <= 1e-9:
            return None, headers
        self.hits += 1
        return self._refusal(wait), headers

    def _moved_to(self, real: float, at: float) -> float:
        if self._seen is not None:
            self._now += max(real - self._seen[0], at - self._seen[1], 0.0)
        self._seen = (real, at)
        return self._now

    def _headers(self, left: int, until_full: float) -> Headers:
        return {
            "x-ratelimit-limit-requests": str(self.limit.requests_per_minute),
            "x-ratelimit-limit-tokens": TOKENS,
            "x-ratelimit-remaining-requests": str(left),
            "x-ratelimit-remaining-tokens": TOKENS,
            "x-ratelimit-reset-requests": duration(until_full),
            "x-ratelimit-reset-tokens": "0s",
        }

    def _refusal(self, wait: float) -> Action:
        most = self.limit.requests_per_minute
        message = (
            "Rate limit reached in organization org-mockserver on requests per min (RPM): "
            f"Limit {most}, Used {most}, Requested 1. Please try again in {duration(wait)}. Visit "
            "https://platform.openai.com/account/rate-limits to learn more."
        )
        return Action(
            status=429,
            body=error_body(message, type="requests", code="rate_limit_exceeded"),
            headers={
                "retry-after": str(math.ceil(wait)),
                "retry-after-ms": str(math.ceil(wait * 1000)),
            },
        )


def duration(seconds: float) -> str:
    """A duration in the service's format: `20s`, `6m0s`, `1.2s`, `8ms`."""
    milliseconds = math.ceil(seconds * 1000 - 1e-6)
    if 0 < milliseconds < 1000:
        return f"{milliseconds}ms"
    minutes, rest = divmod(milliseconds / 1000, 60)
    return f"{minutes:.0f}m{rest:g}s" if minutes else f"{rest:g}s"
