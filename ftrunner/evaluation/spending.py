"""What answers cost, and the most that may be spent on them."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock

from ftrunner.dataset.cost.prices import AnswerPrice


class Spending:
    """The most US dollars that answers may cost, whichever model gives them."""

    def __init__(self, limit: float) -> None:
        self._limit = limit
        self._spent = 0.0
        self._under_way = 0
        self._dearest = 0.0
        self._lock = Lock()

    def begin(self) -> bool:
        """Whether another answer may be asked for, if it costs as much as the dearest so far."""
        with self._lock:
            if self._spent + self._dearest * (self._under_way + 1) > self._limit:
                return False
            self._under_way += 1
            return True

    def end(self, cost: float) -> None:
        """An answer that was begun came; or it did not, and cost nothing."""
        with self._lock:
            self._under_way -= 1
            self._spent += cost
            self._dearest = max(self._dearest, cost)


@dataclass(frozen=True, slots=True)
class Account:
    """What one model's answers take from a limit."""

    spending: Spending
    price: AnswerPrice
