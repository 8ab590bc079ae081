"""What every route needs, made once and passed in."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.clock import Clock
from mockserver.ids import Ids
from mockserver.learners import Learners
from mockserver.settings import Settings
from mockserver.store.database import Store
from mockserver.tokens import Tokenizer


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The state of a mock provider and its sources of time, ids and knowledge."""

    store: Store
    clock: Clock
    ids: Ids
    tokens: Tokenizer
    learners: Learners
    settings: Settings
