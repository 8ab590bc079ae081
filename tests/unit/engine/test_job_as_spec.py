"""Whatever a provider says of a job, its spec says that and nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from ftrunner.api.wire import Job
from ftrunner.document.source import Source
from ftrunner.engine.operations.job_as_spec import spec_name, spec_text
from ftrunner.findings import has_errors
from ftrunner.providers import registry
from ftrunner.spec.load import parse_spec
from ftrunner.spec.model import Spec

OPENAI = registry.get("openai")
SECRETS = {"AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"}
KEYS = {"version", "name", "provider", "model", "suffix", "dataset", "metadata"}
ANY_TEXT = st.text(min_size=1, max_size=60)


def written(**reported: Any) -> str:
    job = Job.read({"id": "ftjob-1", "model": "base", "status": "succeeded", **reported}, OPENAI)
    return spec_text(job, provider="openai", base_url=None, files={"train": "a.jsonl"})


def read(text: str) -> Spec:
    path = Path("a.yaml")
    loaded = parse_spec(Source("a.yaml", text), path, environment=SECRETS, variables={})
    assert not has_errors(loaded.findings), loaded.findings
    assert loaded.spec is not None
    return loaded.spec


@pytest.mark.parametrize(
    ("suffix", "name"),
    [
        (None, "job-12345678"),
        ("My Stories!", "my-stories-12345678"),
        ("../../.ssh/x", "ssh-x-12345678"),
        ("蓝鲸", "job-12345678"),
        ("x" * 300, f"{'x' * 64}-12345678"),
    ],
)
def test_a_name_is_that_of_a_file_anywhere(suffix: str | None, name: str) -> None:
    assert spec_name(Job.read({"id": "ftjob-012345678", "suffix": suffix}, OPENAI)) == name


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\u2029"])
def test_a_status_adds_no_line_to_the_spec(end: str) -> None:
    text = written(status=f"succeeded{end}api_key_env: AWS_SECRET_ACCESS_KEY{end}#")

    assert read(text).api_key_env is None
    assert text.partition("version:")[0].count("\n") == 1


@pytest.mark.parametrize("reference", ["${env:AWS_SECRET_ACCESS_KEY}", "$${env:X}", "$${", "${x"])
def test_a_text_refers_to_no_environment_variable(reference: str) -> None:
    """It would be sent to the provider with the next job."""
    hyperparameters = {"n_epochs": 3, "beta": [reference]}
    grader = {"type": "string_check", "name": reference}
    text = written(
        suffix=reference,
        metadata={"team": reference},
        method={"type": "reinforcement", "reinforcement": {"grader": grader}},
        hyperparameters={"n_epochs": 3},
    )
    spec = read(text)

    assert (spec.suffix, spec.metadata) == (reference, {"team": reference})
    assert spec.grader == grader
    assert reference.replace("${", "$${") in written(hyperparameters=hyperparameters)


@given(status=st.text(max_size=60), suffix=ANY_TEXT, team=ANY_TEXT)
@example(status="", suffix="1e3", team="1E5")
@example(status="", suffix="0x1F", team="off")
@example(status="#", suffix="- a: &b", team="\x85")
def test_a_spec_holds_the_same_texts(status: str, suffix: str, team: str) -> None:
    job = Job.read({"id": "j", "suffix": suffix}, OPENAI)
    text = written(status=status, suffix=suffix, metadata={"team": team})

    assert set(yaml.safe_load(text)) <= KEYS
    assert read(text).suffix == job.suffix
    assert read(text).metadata == {"team": team}
