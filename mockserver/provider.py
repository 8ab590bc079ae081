"""The dependencies of every route."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.answers.learners import Learners
from mockserver.answers.sampling import Sampling
from mockserver.clock import Clock
from mockserver.data.tokens import Tokenizer
from mockserver.faults.faults import Faults
from mockserver.ids import Ids
from mockserver.settings import Settings
from mockserver.store.database import Store
from mockserver.verdict.exchanges import Exchanges


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The state of a mock provider and its sources of time, ids and knowledge."""

    store: Store
    clock: Clock
    ids: Ids
    tokens: Tokenizer
    """Exact counts, for training."""
    usage_tokens: Tokenizer
    """Counts for the `usage` of responses, approximate unless the settings say otherwise."""
    learners: Learners
    faults: Faults
    exchanges: Exchanges
    sampling: Sampling
    settings: Settings

    @property
    def poll_interval(self) -> float:
        return self.settings.poll_interval

    def reset(self) -> None:
        """Delete all objects and faults; restart ids and clock."""
        self.store.clear()
        self.faults.clear()
        self.learners.forget()
        self.ids.restart()
        self.sampling.restart()
        self.clock.restart()
        self.exchanges.clear()
        self.store.remember("clock", self.clock.now())
