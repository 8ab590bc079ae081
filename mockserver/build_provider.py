"""Making a provider: its parts, what it starts with, and how it comes back to that."""

from __future__ import annotations

import secrets
import sqlite3
import time

from mockserver.answers.learners import Learners
from mockserver.answers.sampling import Sampling
from mockserver.clock import MANUAL_START, Clock, ManualClock, WallClock
from mockserver.data.tokens import Tokenizer
from mockserver.faults.faults import Faults
from mockserver.faults.scenario import load_scenario
from mockserver.fixtures import load_fixtures, plant
from mockserver.ids import Ids
from mockserver.provider import Provider
from mockserver.settings import Settings
from mockserver.store.database import Store, StoreError
from mockserver.verdict.exchanges import Exchanges


def make_provider(settings: Settings, store: Store) -> Provider:
    """Everything the application is made of, on top of a store.

    Raises:
        ValueError: the scenario, the fixtures or the database that the settings name can't be
            used.
    """
    try:
        return _make(settings, store)
    except sqlite3.Error as error:
        raise StoreError(f"{settings.db} can't be used as a database: {error}") from None


def _make(settings: Settings, store: Store) -> Provider:
    seed = secrets.randbits(64) if settings.seed is None else settings.seed
    clock, ids = _clock(settings, store), _ids(seed, store)
    provider = Provider(
        store=store,
        clock=clock,
        ids=ids,
        tokens=Tokenizer(),
        learners=Learners(),
        faults=Faults(ids.chance),
        exchanges=Exchanges(clock.now, time.monotonic, poll_interval=settings.poll_interval),
        sampling=Sampling(seed),
        settings=settings,
    )
    _furnish(provider)
    return provider


def reset(provider: Provider) -> None:
    """Back to how the server started, without what was kept from before."""
    provider.reset()
    _furnish(provider)


def _furnish(provider: Provider) -> None:
    """Plant the fixtures and arm the scenario that the settings name.

    Fixtures are left alone where a store that was kept already holds objects.
    """
    settings = provider.settings
    if settings.fixtures is not None and provider.store.is_empty():
        plant(provider, load_fixtures(settings.fixtures), settings.fixtures.parent)
    if settings.scenario is not None:
        provider.faults.add(load_scenario(settings.scenario))


def _clock(settings: Settings, store: Store) -> Clock:
    """A manual clock goes on from where the store's last one stood."""
    if settings.clock == "wall":
        return WallClock()
    remembered = store.fact("clock")
    return ManualClock(MANUAL_START if remembered is None else remembered)


def _ids(seed: int, store: Store) -> Ids:
    generation = int(store.fact("generation") or 0) + 1
    store.remember("generation", generation)
    return Ids(seed, generation)
