"""Every scenario of the mock provider, run through `apply`: its exit code and what it says."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from ftrunner.events import JobStatusChanged, MetricsReported
from mockserver.client import FtMock
from mockserver.faults.scenario import scenario_names
from tests.crash.conftest import MakeSpec
from tests.kit.driver import Applied, apply_here


@dataclass(frozen=True, slots=True)
class End:
    """How a scenario ends; `spec` changes what is applied."""

    code: int
    says: str = ""
    jobs: int = 1
    spec: dict[str, Any] = field(default_factory=dict)


ANY = {"name": "any", "user": "给我讲一个故事", "expect": [{"min_chars": 1}]}
ENDS = {
    "429-storm": End(0),
    "500-storm": End(0),
    "article": End(0),
    "base-as-tuned": End(0),
    "best-epoch-is-second": End(0, spec={"hyperparameters": {"n_epochs": 2}}),
    "blocked-by-moderation": End(1, "FT350: ftjob-.*moderation system.*unsafe_training_file"),
    "blocked-by-moderation-after-training": End(1, "Moderation checks for the fine-tuned model"),
    "cancelled-by-someone": End(1, "FT351: ftjob-.* was cancelled.*--retry"),
    "created-late": End(0, "HTTP 504.*checking whether the job exists"),
    "event-page-gap": End(0),
    "expired-key": End(1, "no longer watching ftjob-.*FT311: .*does not accept the key"),
    "fails-mid-training": End(1, "FT350: ftjob-.*internal error.*its last events"),
    "fails-validation": End(1, "FT350: ftjob-.*Example 100, message 2"),
    "file-not-ready": End(0, "not ready.*asking again in 2.0 s"),
    "job-list-404": End(4, "FT420: .*HTTP 404.*`missing: \\[job_listing\\]`", jobs=0),
    "judge-prefers-first": End(0),
    "judge-unparseable": End(0),
    "list-lags": End(0),
    "lost-create-response": End(0, "broke before the answer.*checking whether the job exists"),
    "lost-upload-response": End(0, "broke before the answer.*checking whether the file exists"),
    "record-lags": End(0),
    "requests-per-minute": End(0),
    "slow-network": End(0, spec={"hyperparameters": {"n_epochs": 1}, "tests": {"prompts": [ANY]}}),
    "some-prompts-fail": End(0),
    "stuck-queued": End(7, "nothing new for 30 min.*FT352: .*still queued.*it keeps running"),
    "stuck-validating": End(7, "nothing new for 30 min.*FT352: .*still validating_files"),
    "training-not-offered": End(1, "FT310: .*winding down", jobs=0),
    "tuned-model-404-for-30s": End(0),
    "unknown-status": End(0),
}


def test_every_scenario_has_an_end() -> None:
    assert sorted(ENDS) == scenario_names()


@pytest.fixture(autouse=True)
def quick_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the provider sends late comes twenty times as soon: its order is what matters."""
    sleep = asyncio.sleep
    quick = SimpleNamespace(sleep=lambda seconds: sleep(seconds / 20))
    monkeypatch.setattr("mockserver.faults.fault_injection.asyncio", quick)


@pytest.mark.parametrize("name", ENDS)
def test_a_scenario_ends_as_it_should(mock: FtMock, spec_in: MakeSpec, name: str) -> None:
    end = ENDS[name]
    mock.scenario(name)

    done = apply_here(spec_in(wait={"timeout": "1h"}, **end.spec), mock).expect(end.code)

    assert_says(done, end.says)
    assert len(mock.jobs) == end.jobs


def assert_says(done: Applied, pattern: str) -> None:
    assert re.search(pattern, done.said, re.DOTALL), done.said


def test_events_that_a_page_lacked_are_reported_in_the_end(mock: FtMock, spec_in: MakeSpec) -> None:
    mock.scenario("event-page-gap")

    done = apply_here(spec_in(), mock).expect(0)

    steps = [event.step for event in done.events if isinstance(event, MetricsReported)]
    assert sorted(filter(None, steps)) == list(range(1, 101))


def test_an_unknown_status_is_shown_and_waited_on(mock: FtMock, spec_in: MakeSpec) -> None:
    mock.scenario({"jobs": [{"status_words": {"running": "warming_up"}}]})

    done = apply_here(spec_in(), mock).expect(0)

    assert ("warming_up", "unknown") in [
        (event.status, event.state) for event in done.events if isinstance(event, JobStatusChanged)
    ]


def test_a_model_that_is_not_there_yet_is_waited_for(mock: FtMock, spec_in: MakeSpec) -> None:
    mock.scenario({"jobs": [{"served_after": 600}]})

    done = apply_here(spec_in(), mock).expect(0)

    assert "does not answer yet" in done.said


def test_a_model_that_never_comes_is_not_a_failed_test(mock: FtMock, spec_in: MakeSpec) -> None:
    mock.fault({"status": 503}, method="POST", path="/chat/completions")

    done = apply_here(spec_in(), mock).expect(1)

    assert_says(done, "FT501: ft:.*does not answer the prompt 'whale'.*asks again without training")


def test_the_lines_that_the_provider_names_are_found_in_the_source(
    mock: FtMock, spec_in: MakeSpec
) -> None:
    error = {"code": "invalid_training_file", "message": "Example 7, message 1: bad", "param": None}
    mock.scenario({"jobs": [{"fails_in": "validating_files", "error": error}]})

    done = apply_here(spec_in(), mock).expect(1)

    [finding] = [f for event in done.events for f in getattr(event, "findings", ())]
    assert finding.location.line == 7
    assert finding.location.file.endswith("data.jsonl")
