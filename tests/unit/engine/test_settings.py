"""What a deployment needs is asked for before anything is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ftrunner.engine.checks.settings import setting_findings
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Spec

GIVEN = {"resource": "r", "subscription": "s", "resource_group": "g"}


def messages(provider: str, **fields: Any) -> list[str]:
    spec = Spec(Path("s.yaml"), "s", "m", Dataset(("a",)), provider=provider, **fields)
    return [finding.message for finding in setting_findings(spec, registry.get(provider))]


def test_a_complete_deployment_has_no_findings() -> None:
    assert messages("azure", deployment=GIVEN) == []


def test_each_setting_that_lacks_is_named_and_each_unknown_one() -> None:
    given = {"resource": "r", "subscription": " ", "resource_groop": "g"}

    assert messages("azure", deployment=given) == [
        "deployment.subscription is missing: The id of the Azure subscription.",
        "deployment.resource_group is missing: The resource group that the resource is in.",
        "Azure OpenAI has no setting 'resource_groop' of a deployment; did you mean "
        "'resource_group'?",
    ]


def test_no_deployment_at_all_is_one_finding() -> None:
    assert messages("together") == [
        "Together AI answers for a tuned model only after a deployment, and the spec does not say "
        "project, config"
    ]


def test_who_deploys_by_hand_needs_no_settings() -> None:
    assert messages("together", model_name="mine") == []


@pytest.mark.parametrize("value", [0, -1, 1.5, "many", True])
def test_a_value_that_the_provider_does_not_take_is_a_finding(value: object) -> None:
    (message,) = messages("azure", deployment={**GIVEN, "capacity": value})

    assert message == f"deployment.capacity is {value}; Azure OpenAI takes a whole number from 1"


@pytest.mark.parametrize("resource", ["evil.example/x", "a.b", "a@b", "-a", "a b"])
def test_a_setting_of_the_address_leads_to_no_other_host(resource: str) -> None:
    (message,) = messages("azure", deployment={**GIVEN, "resource": resource})

    assert message.endswith("it is part of a host's name: letters, digits and dashes")


def test_an_empty_setting_is_not_its_default() -> None:
    assert messages("azure", deployment={**GIVEN, "management_url": " "}) == [
        "deployment.management_url is empty; left out, it is https://management.azure.com"
    ]
    assert messages("nebius", deployment={"inference_model": ""}) == [
        "deployment.inference_model is empty; left out, it is {base_model}"
    ]
