"""Builds a provider from its settings and resets it to its initial state."""

from __future__ import annotations

import secrets
import sqlite3
import time

from mockserver.answers.learners import Learners
from mockserver.answers.sampling import Sampling
from mockserver.clock import MANUAL_START, Clock, ManualClock, WallClock
from mockserver.data.tokens import ApproximateEncoding, Tokenizer
from mockserver.faults.faults import Faults
from mockserver.faults.scenario import load_scenario
from mockserver.fixtures import load_fixtures, plant
from mockserver.ids import Ids
from mockserver.provider import Provider
from mockserver.settings import Settings
from mockserver.store.database import Store, StoreError
from mockserver.verdict.exchanges import Exchanges


def build_provider(settings: Settings, store: Store) -> Provider:
    """A provider on top of a store.

    Raises:
        ValueError: the scenario, fixtures or database in the settings cannot be used.
    """
    try:
        return _make(settings, store)
    except sqlite3.Error as error:
        raise StoreError(f"{settings.db} cannot be used as a database: {error}") from None


def _make(settings: Settings, store: Store) -> Provider:
    seed = secrets.randbits(64) if settings.seed is None else settings.seed
    clock, ids = _clock(settings, store), _ids(seed, store)
    tokens = Tokenizer()
    provider = Provider(
        store=store,
        clock=clock,
        ids=ids,
        tokens=tokens,
        usage_tokens=tokens if settings.tokens == "exact" else Tokenizer(ApproximateEncoding),
        learners=Learners(),
        faults=Faults(ids.chance),
        exchanges=Exchanges(clock.now, time.monotonic, poll_interval=settings.poll_interval),
        sampling=Sampling(seed),
        settings=settings,
    )
    _initialise(provider)
    return provider


def reset(provider: Provider) -> None:
    """Reset to the state at start; data kept from earlier runs is deleted."""
    provider.reset()
    _initialise(provider)


def _initialise(provider: Provider) -> None:
    """Create the fixtures and activate the scenario in the settings.

    Fixtures are skipped if the store already has objects.
    """
    settings = provider.settings
    if settings.fixtures is not None and provider.store.is_empty():
        plant(provider, load_fixtures(settings.fixtures), settings.fixtures.parent)
    if settings.scenario is not None:
        provider.faults.add(load_scenario(settings.scenario))


def _clock(settings: Settings, store: Store) -> Clock:
    """The clock; a manual one continues from the time in the store."""
    if settings.clock == "wall":
        return WallClock()
    remembered = store.fact("clock")
    return ManualClock(MANUAL_START if remembered is None else remembered)


def _ids(seed: int, store: Store) -> Ids:
    generation = int(store.fact("generation") or 0) + 1
    store.remember("generation", generation)
    return Ids(seed, generation)
