"""What a deployment costs by the hour follows from its settings, as the profile says."""

from __future__ import annotations

import pytest

from ftrunner.providers import registry
from ftrunner.providers.facts import billing

IDLE = "billed by the hour until it is deleted, even when idle"
STOPS = "billed by the hour until it is idle for {} minutes (`deployment.inactive_timeout`)"


@pytest.mark.parametrize(
    ("name", "deployment", "cost"),
    [
        ("azure", {}, f"{IDLE}: about $1.70 an hour"),
        ("azure", {"sku": "globalstandard"}, f"{IDLE}: about $1.70 an hour"),
        ("azure", {"sku": "DeveloperTier"}, None),
        ("azure", {"sku": "developertier"}, None),
        ("azure", {"sku": "ProvisionedManaged"}, IDLE),
        ("together", {}, STOPS.format(60)),
        ("together", {"inactive_timeout": 1440}, STOPS.format(1440)),
        ("together", {"inactive_timeout": "never"}, IDLE),
        ("openai", {}, None),
    ],
)
def test_a_deployment_costs_what_its_settings_cost(
    name: str, deployment: dict[str, object], cost: str | None
) -> None:
    assert billing(registry.get(name).serving, deployment) == cost
