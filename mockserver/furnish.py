"""What a provider starts with, and comes back to when it is reset."""

from __future__ import annotations

from mockserver.fixtures import load_fixtures, plant
from mockserver.provider import Provider
from mockserver.scenario import load_scenario


def furnish(provider: Provider) -> None:
    """Plant the fixtures and arm the scenario that the settings name.

    Fixtures are left alone where a store that was kept already holds objects.
    """
    settings = provider.settings
    if settings.fixtures is not None and provider.store.is_empty():
        plant(provider, load_fixtures(settings.fixtures), settings.fixtures.parent)
    if settings.scenario is not None:
        provider.faults.add(load_scenario(settings.scenario))


def reset(provider: Provider) -> None:
    """Back to how the server started, without what was kept from before."""
    provider.reset()
    furnish(provider)
