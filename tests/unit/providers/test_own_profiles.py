"""Profiles that users write: found, merged, and refused with the place of each fault."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ftrunner.errors import InvalidInput
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState
from ftrunner.providers.user_profiles import merged
from ftrunner.providers.wire_mapping import Placement


def _write(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def _findings(folder: Path, text: str, name: str = "ours.yaml") -> list[str]:
    _write(folder, name, text)
    with pytest.raises(InvalidInput) as caught:
        registry.with_folders([folder])
    return [f"{f.location.line}:{f.location.column} {f.code} {f.message}" for f in
            caught.value.findings]  # fmt: skip


def test_one_file_is_a_provider(tmp_path: Path) -> None:
    _write(
        tmp_path,
        "crusoe.yaml",
        "extends: openai\n"
        "title: Crusoe\n"
        "base_url: https://api.intelligence.crusoecloud.com/v1\n"
        "hosts: [api.intelligence.crusoecloud.com]\n"
        "api_key_env: CRUSOE_API_KEY\n"
        "statuses: {uploading: running}\n"
        "request: {placement: top_level}\n",
    )
    profiles = registry.with_folders([tmp_path])
    profile = profiles.get("crusoe")

    assert "crusoe" in profiles.names()
    assert profiles.guess("https://api.intelligence.crusoecloud.com/v1") is profile
    assert (profile.title, profile.request.placement) == ("Crusoe", Placement.TOP_LEVEL)
    assert profile.state_of("uploading") is JobState.RUNNING
    assert profile.state_of("succeeded") is JobState.SUCCEEDED
    assert profile.operations == registry.get("openai").operations


def test_a_file_of_a_shipped_name_overrides_what_it_says_and_no_more(tmp_path: Path) -> None:
    _write(tmp_path, "openai.yaml", "base_url: https://relay.example.com/v1\n")
    profiles = registry.with_folders([tmp_path])

    assert profiles.get("openai").base_url == "https://relay.example.com/v1"
    assert profiles.get("openai").title == "OpenAI"
    assert registry.get("openai").base_url == "https://api.openai.com/v1"


def test_a_later_folder_goes_before_an_earlier_one(tmp_path: Path) -> None:
    for number in ("1", "2"):
        _write(tmp_path / number, "openai.yaml", f"title: Number {number}\n")
    profiles = registry.with_folders([tmp_path / "1", tmp_path / "none", tmp_path / "2"])

    assert profiles.get("openai").title == "Number 2"


def test_no_folder_is_the_shipped_profiles(tmp_path: Path) -> None:
    assert registry.with_folders([tmp_path / "none"]) is registry.SHIPPED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "extends: openai\ntitel: Ours\n",
            "2:1 FT120 'titel' is not a key of the profile",
        ),
        (
            "extends: openai\nstatuses: {running: started}\n",
            "2:21 FT123 statuses.running must be 'waiting', 'running', 'paused', 'succeeded', "
            "'failed' or 'cancelled', not 'started'",
        ),
        (
            "extends: openai\noperations:\n  retrieve_job: {path: /jobs}\n",
            "3:24 FT126 operations.retrieve_job.path must be a path with {id} once, such as "
            "/files/{id}, not '/jobs'",
        ),
        (
            "extends: openai\noperations:\n  fetch_job: {method: GET, path: /jobs}\n",
            "3:3 FT126 the key 'fetch_job' of operations must be an operation that ftrunner "
            "knows, such as create_job",
        ),
        (
            "extends: opnai\n",
            "1:10 FT330 there is no profile 'opnai' to extend; did you mean 'openai'?",
        ),
        ("extends: openai\nname: theirs\n", "2:7 FT332 the profile is named 'theirs', its file "
         "'ours'"),
        ("extends: openai\ntitle: [\n", "2:8 FT106 the bracket [ that opens here is not closed"),
        ("- a list\n", "1:1 FT122 the profile must be a mapping, not a list"),
    ],
)  # fmt: skip
def test_a_wrong_profile_is_a_finding_with_its_place(
    tmp_path: Path, text: str, expected: str
) -> None:
    findings = _findings(tmp_path, text)
    assert [found for found in findings if found.startswith(expected)], findings


def test_a_profile_without_a_word_for_the_end_is_refused(tmp_path: Path) -> None:
    _write(tmp_path / "shipped", "x.yaml", "")
    text = (
        "title: Ours\nbase_url: null\nhosts: []\napi_key_env: null\nauth: {}\n"
        "operations:\n"
        "  create_file: {method: POST, path: /files}\n"
        "  create_job: {method: POST, path: /jobs}\n"
        '  retrieve_job: {method: GET, path: "/jobs/{id}"}\n'
        "  chat: {method: POST, path: /chat}\n"
        "statuses: {running: running, done: succeeded}\n"
        "methods: [supervised]\nhyperparameters: {}\n"
    )
    (found,) = _findings(tmp_path / "own", text)
    assert found.startswith("11:1 FT333 no status word means failed")


@pytest.mark.parametrize("base", ["[openai]", "{a: 1}", "5", "true"])
def test_what_is_extended_is_a_name(tmp_path: Path, base: str) -> None:
    [finding] = [found for found in _findings(tmp_path, f"title: Ours\nextends: {base}\n")
                 if "FT330" in found]  # fmt: skip
    assert finding.startswith("2:10 FT330 there is no profile")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('models: {pattern: "("}', "2:19 FT332 this is not a regular expression: missing ), "),
        ('suffix: {pattern: "a{9999999999}"}', "2:19 FT332 this is not a regular expression: the "),
    ],
)
def test_a_pattern_is_a_regular_expression(tmp_path: Path, text: str, expected: str) -> None:
    [finding] = _findings(tmp_path, f"extends: openai\n{text}\n")
    assert finding.startswith(expected)


@pytest.mark.posix
def test_a_pipe_is_not_a_profile_and_is_not_waited_on(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    _write(tmp_path / "folder.yaml", "in.yaml", "extends: openai\n")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")

    with pytest.raises(InvalidInput) as caught:
        registry.with_folders([tmp_path])
    assert [(finding.code, finding.location.file) for finding in caught.value.findings] == [
        ("FT102", str(tmp_path / "folder.yaml")),
        ("FT101", str(tmp_path / "gone.yaml")),
        ("FT101", str(tmp_path / "pipe.yaml")),
    ]
    assert {
        finding.hint.partition(":")[0] for finding in caught.value.findings if finding.hint
    } == {"a profile may be as short as `extends"}


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "# long\n" * 200_000])
def test_hints_about_a_profile_do_not_speak_of_specs(tmp_path: Path, text: str) -> None:
    _write(tmp_path, "ours.yaml", text)
    with pytest.raises(InvalidInput) as caught:
        registry.with_folders([tmp_path])
    assert "extends: openai" in str(caught.value.findings[0].hint)


def test_all_files_are_reported_at_once(tmp_path: Path) -> None:
    _write(tmp_path, "a.yaml", "extends: none\n")
    found = _findings(tmp_path, "extends: none\n", "b.yaml")
    assert len([line for line in found if "FT330" in line]) == 2


def test_merging_goes_key_by_key_through_mappings_only() -> None:
    assert merged({"a": {"b": 1, "c": [1]}, "d": 2}, {"a": {"c": [3]}}) == {
        "a": {"b": 1, "c": [3]},
        "d": 2,
    }
