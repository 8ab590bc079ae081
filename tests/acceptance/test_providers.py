"""What users are told of providers, and profiles of their own."""

from __future__ import annotations

from mockserver.server import MockServer
from tests.kit.project import Project
from tests.kit.stories import stories


def test_the_profiles_are_listed_with_what_they_can_do(project: Project) -> None:
    told = project.run("providers").expect(0).out
    (document,) = project.run("providers", "--json").expect(0).documents()

    assert [profile["name"] for profile in document["profiles"]] == [
        "azure", "generic", "llmariner", "nebius", "openai", "together", "zhipu",
    ]  # fmt: skip
    assert "after a deployment, billed while it stands" in told


def test_a_profile_is_shown_with_its_sources(project: Project) -> None:
    told = project.run("providers", "show", "nebius").expect(0).out
    unknown = project.run("providers", "show", "nebuis").expect(2).err

    assert "learning_rate_multiplier` → `learning_rate` × 1e-05" in told
    assert "docs.tokenfactory.nebius.com" in told
    assert "did you mean 'nebius'?" in unknown


def test_an_eighth_provider_takes_one_file_and_no_code(
    project: Project, provider: MockServer
) -> None:
    address = provider.base_url
    project.write(
        {
            ".ftrunner/providers/eighth.yaml": f"extends: openai\ntitle: Eighth\n"
            f"base_url: {address}\nhosts: []\napi_key_env: EIGHTH_KEY\n",
            **stories(provider="eighth"),
        }
    )

    done = project.run("apply", "stories.yaml", "--yes", EIGHTH_KEY="sk-eighth-0123456789").expect(
        0
    )

    assert "1 of 1 passed" in done.out
    assert project.lock()["endpoints"][address]["provider"] == "eighth"
    assert "eighth" in project.run("providers").expect(0).out


def test_a_wrong_profile_of_the_user_is_a_finding_with_its_place(project: Project) -> None:
    project.write({"mine/eighth.yaml": "extends: openai\nstatuses: {done: finished}\n"})
    project.write(stories(provider="eighth"))

    refused = project.run("plan", "stories.yaml", "--profiles", "mine").expect(2)

    assert "mine/eighth.yaml:2:18" in refused.err
    assert "statuses.done must be" in refused.err
