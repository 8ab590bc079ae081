from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.document.source import is_secret_name, looks_like_key, looks_pasted, mask
from ftrunner.findings import Finding
from ftrunner.render.findings.text import render_findings
from tests.unit.spec.loading import MINIMAL, parse, spec_of

KEY = "sk-proj-" + "A1b2C3d4" * 5
SECRET = "hunter2hunter2"


def everything_said(findings: tuple[Finding, ...]) -> str:
    return render_findings(findings, per_code=100) + repr([f.as_dict() for f in findings])


@pytest.mark.parametrize(
    "text",
    [
        KEY,
        f"Bearer {KEY}",
        f"'{KEY}'",
        f"api_key: {SECRET}",
        f"  x-api-key: '{SECRET}'",
        f"{{password: {SECRET}}}",
        f"key: ${{env:MY_PASSWORD:-{SECRET}}}",
        f"api_key: -{SECRET}",
        f"base_url: https://me:{SECRET}@host/v1",
    ],
)
def test_keys_are_starred_out_without_moving_anything(text: str) -> None:
    masked = mask(text)

    assert KEY not in masked
    assert SECRET not in masked
    assert len(masked) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "api_key_env: OPENAI_API_KEY",
        "x-api-key: ${env:KEY}",
        'key: "${env:KEY}"',
        "ask-me",
        "a: b",
        "give a default: ${env:WANDB_API_KEY:-value}",
        "a: ${env:WANDB_API_KEY:-}, b: c",
    ],
)
def test_names_and_references_are_left(text: str) -> None:
    assert mask(text) == text


def test_names_of_secrets_are_known() -> None:
    assert all(map(is_secret_name, ("api_key", "x-api-key", "Authorization", "API_KEY")))
    assert not any(map(is_secret_name, ("api_key_env", "max_tokens", "key", "user")))


def test_a_pasted_key_is_distinguished_from_a_name() -> None:
    assert looks_pasted(KEY)
    assert looks_pasted("0f8b3a55-6c1d-4a8e-9f3b-2b9d1c7a4e60")
    assert not looks_pasted("OPENAI_API_KEY")
    assert not looks_pasted("MY_COMPANY_TEAM_7_OPENAI_API_KEY")


@pytest.mark.parametrize(
    "extra",
    [
        f"api_key: {KEY}\n",
        f"api_key: {SECRET}\nsuffix: [1]\n",
        f"api_key: |\n  {SECRET}\n  {SECRET}\nsuffix: [1]\n",
        f"api_key_env: {KEY}\n",
        "api_key_env: 0f8b3a55-6c1d-4a8e-9f3b-2b9d1c7a4e60\n",
        f"extra_headers: {{x-gateway-api-key: {SECRET}, bad name: x}}\n",
        f"metadata: {{note: my {KEY}, n: 1}}\n",
        f"suffix: {KEY}\n{KEY}: 1\n",
    ],
)
def test_a_literal_key_is_refused_and_never_shown(extra: str) -> None:
    findings = parse(MINIMAL + extra).findings
    said = everything_said(findings)

    assert "FT119" in [finding.code for finding in findings]
    assert not any(secret in said for secret in (KEY, SECRET, "2b9d1c7a4e60"))


def test_the_hint_for_a_missing_key_says_how_a_default_is_written() -> None:
    findings = parse(f"{MINIMAL}extra_body: {{key: '${{env:WANDB_API_KEY}}'}}\n").findings

    assert "${env:WANDB_API_KEY:-value}" in everything_said(findings)


def test_a_key_in_a_text_that_is_not_yaml_is_not_shown() -> None:
    (finding,) = parse(f"api_key: {SECRET}: {KEY}\n").findings
    said = everything_said((finding,))

    assert finding.code == "FT106"
    assert KEY not in said
    assert SECRET not in said


@pytest.mark.parametrize(
    "line",
    [
        "suffix: [${env:V}]",
        "seed: ${env:V}",
        "method: ${env:V}",
        "base_url: ${env:V}",
        "base_url: http://me@${env:V}/v1",
        "wait: {timeout: '${env:V}'}",
        "hyperparameters: {n_epochs: '${env:V}', reasoning_effort: '${env:V}'}",
        "metadata: '${env:V}'",
        "suffix: '${env:V}${env:V}${env:V}${env:V}${env:V}'",
        "dataset: {train: ['${env:V}', '${env:V}']}",
        "tests: {prompts: [{name: '${env:V}', user: a, expect: [{matches: '(${env:V}'}]}]}",
        "tests: {prompts: [{name: a, user: a, expect: [{json_schema: {type: '${env:V}'}}]}]}",
    ],
)
def test_what_the_environment_gave_is_never_shown(line: str) -> None:
    key = line.partition(":")[0]
    text = MINIMAL.replace("dataset:\n  train: data.jsonl\n", "") if key == "dataset" else MINIMAL
    findings = parse(f"{text}{line}\n", environment={"V": SECRET}).findings

    assert findings
    assert SECRET not in everything_said(findings)


def test_what_the_environment_gave_is_secret_where_a_key_may_be() -> None:
    spec = spec_of(
        "suffix: ${env:NAME}\n"
        "extra_headers: {X-Key: 'Bearer ${env:KEY}'}\n"
        "metadata: {team: '${var:TEAM}', default: '${env:UNSET:-plain}'}\n"
        "providers: {together: {model: '${env:NAME}', extra_body: {wandb_api_key: '${env:B}'}}}\n",
        environment={"NAME": "named", "KEY": SECRET, "B": "in a body", "TEAM_KEY": "of a team"},
        variables={"TEAM": "${env:TEAM_KEY}"},
    )

    assert spec.secrets == {SECRET, "in a body", "of a team"}


@given(st.from_regex(r"sk-[A-Za-z0-9_-]{12,40}", fullmatch=True), st.text(), st.text())
def test_no_surroundings_let_a_key_through(key: str, before: str, after: str) -> None:
    assert looks_like_key(f"{before} {key} {after}")
    assert key not in mask(f"{before} {key} {after}")
