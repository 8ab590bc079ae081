"""The randomness of answers: the server's seed, the request and the attempt."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

import msgspec

from mockserver.rules.chat import ChatRequest

REMEMBERED = 100_000
"""How many requests have their attempts counted; the oldest are dropped."""
_DECIDING = (
    "model", "messages", "temperature", "top_p", "seed", "tools", "tool_choice",
    "response_format", "frequency_penalty", "presence_penalty",
)  # fmt: skip

Roll = tuple[object, ...]
"""Labels for `learning.chance`; empty if the answer may not vary."""


class Sampling:
    """Counts repeated requests, so that each attempt gets a different answer.

    A request with a `seed` gets the same answer each time, as the contract promises.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._attempts: OrderedDict[bytes, int] = OrderedDict()

    def roll(self, asked: ChatRequest, owner: str) -> Roll:
        """The labels that decide the answer to this request; counts the attempt."""
        if not asked.temperature:
            return ()
        deciding = {name: getattr(asked, name) for name in _DECIDING}
        content = msgspec.json.encode([owner, deciding], order="deterministic")
        digest = hashlib.blake2b(content, digest_size=16).digest()
        return (self._seed, digest, 0 if asked.seed is not None else self._attempt(digest))

    def restart(self) -> None:
        self._attempts.clear()

    def _attempt(self, digest: bytes) -> int:
        attempt = self._attempts.pop(digest, 0)
        self._attempts[digest] = attempt + 1
        if len(self._attempts) > REMEMBERED:
            self._attempts.popitem(last=False)
        return attempt
