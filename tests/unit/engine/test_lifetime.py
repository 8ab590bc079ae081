"""What speaks against a base model and against training, decided from values."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ftrunner.api.errors import ApiError, NotFound, PermissionDenied, ServerError
from ftrunner.api.wire import Model
from ftrunner.engine.checks.announced import (
    about_training,
    foreseen,
    training_outlook,
)
from ftrunner.engine.checks.preflight import (
    ModelLookup,
    about_model,
    about_route,
    is_surely_gone,
    look_up,
)
from ftrunner.findings import Severity
from ftrunner.providers import registry
from tests.kit.runs import GONE, FakeProvider, staged

TODAY = date(2026, 11, 22)
NO_ROUTE = NotFound("no such route", code="FT319", status=405)
FAILED = ServerError("it failed", code="FT317", status=500)


@pytest.mark.parametrize(
    ("reported", "codes"),
    [
        (ModelLookup(), []),
        (ModelLookup(Model("base")), []),
        (ModelLookup(is_absent=True), ["FT380"]),
        (ModelLookup(Model("base", tunable=True)), []),
        (ModelLookup(Model("base", tunable=False)), ["FT381"]),
        (ModelLookup(Model("base", tuning_ends="2026-12-01")), ["FT381"]),
        (ModelLookup(Model("base", tuning_ends="2030-12-01")), []),
        (ModelLookup(Model("base", shutdown_date="2027-02-20")), ["FT382"]),
        (ModelLookup(Model("base", shutdown_date="2027-02-21")), []),
        (ModelLookup(Model("base", shutdown_date="2026-10-23")), ["FT382"]),
        (ModelLookup(Model("base", shutdown_date="some day")), []),
    ],
)
def test_what_is_reported_about_a_base_model(reported: ModelLookup, codes: list[str]) -> None:
    assert [concern.code for concern in about_model("base", reported, today=TODAY)] == codes


def test_only_absence_stops_a_run() -> None:
    record = Model("base", tunable=False, shutdown_date="2026-10-23")
    grave = {
        concern.severity
        for reported in (ModelLookup(record), ModelLookup(is_absent=True))
        for concern in about_model("base", reported, today=TODAY)
        if concern.code != "FT380"
    }
    assert grave == {Severity.WARNING}


def test_training_ends_for_everybody_on_its_day_and_not_before() -> None:
    profile = registry.get("openai")

    assert list(about_training(profile, today=date(2027, 1, 5))) == []
    (ended,) = about_training(profile, today=date(2027, 1, 6))
    assert ended.message == "OpenAI takes no new jobs since 2027-01-06"


@pytest.mark.parametrize(
    ("day", "severity", "said"),
    [
        (date(2026, 1, 1), None, ""),
        (
            date(2026, 5, 1),
            Severity.NOTE,
            "OpenAI takes no new jobs of organisations that never fine-tuned from 2026-05-07 on"
            " (6 days); OpenAI takes no new jobs of organisations without inference on a tuned"
            " model in 60 days from 2026-07-02 on (62 days)",
        ),
        (
            date(2026, 8, 1),
            Severity.NOTE,
            "OpenAI refuses new jobs of organisations that never fine-tuned, and of organisations"
            " without inference on a tuned model in 60 days",
        ),
        (
            date(2026, 11, 29),
            Severity.WARNING,
            "OpenAI takes no new jobs from 2027-01-06 on (38 days); it already refuses those of"
            " organisations that never fine-tuned, and of organisations without inference on a"
            " tuned model in 60 days",
        ),
        (date(2027, 1, 6), Severity.WARNING, "OpenAI takes no new jobs since 2027-01-06"),
    ],
)
def test_who_can_still_train_is_said_in_one_finding(
    day: date, severity: Severity | None, said: str
) -> None:
    found = list(training_outlook(registry.get("openai"), today=day))

    assert [(one.severity, one.message) for one in found] == ([(severity, said)] if said else [])


@pytest.mark.parametrize(
    ("model", "stops"),
    [
        ("gpt-4o-mini-2024-07-18", True),
        ("gpt-4.1", True),
        ("gpt-4.1-nano-2025-04-14", False),
        ("gpt-3.5-turbo-0125", False),
    ],
)
def test_the_announced_end_of_a_base_model_needs_no_request(model: str, stops: bool) -> None:
    found = foreseen(registry.get("openai"), model, today=date(2026, 11, 29))

    assert ("FT382" in {one.code for one in found}) == stops


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NO_ROUTE, "FT384"),
        (GONE, "FT384"),
        (PermissionDenied("winding down", code="FT310", status=403), "FT383"),
        (PermissionDenied("not yours", code="FT312", status=403), None),
        (NotFound("no operation", code="FT325"), None),
        (FAILED, None),
    ],
)
def test_what_a_refused_list_of_jobs_means(error: ApiError, code: str | None) -> None:
    concern = about_route(error)
    assert (concern.code if concern else None) == code


def test_a_model_without_a_record_is_absent_only_where_all_have_one(tmp_path: Path) -> None:
    run = staged(tmp_path, FakeProvider()).run

    assert run.target.profile.models.listed
    assert look_up(run, "base") == ModelLookup(is_absent=True)


@pytest.mark.parametrize("error", [NO_ROUTE, FAILED, PermissionDenied("no", code="FT312")])
def test_a_provider_that_does_not_answer_gives_no_warning(tmp_path: Path, error: ApiError) -> None:
    provider = FakeProvider(trouble={"retrieve_base_model": error})

    assert look_up(staged(tmp_path, provider).run, "base") == ModelLookup()


@pytest.mark.parametrize(
    ("reported", "gone"),
    [
        ({"message": "Asking failed (HTTP 404): Not Found"}, False),
        ({"message": "Asking failed (HTTP 404): Invalid URL (GET /v1/models/ft:a)"}, False),
        ({"message": "Asking failed (HTTP 404).", "provider_code": "unknown_url"}, False),
        ({"message": "Asking failed (HTTP 404).", "provider_code": "route_not_found"}, False),
        ({"message": "Asking failed (HTTP 404).", "provider_code": "not_found"}, False),
        ({"message": "Asking failed (HTTP 404): no model ft:a"}, True),
        ({"message": "Asking failed (HTTP 404).", "provider_code": "model_not_found"}, True),
        ({"message": "Asking failed (HTTP 404).", "provider_code": "ResourceNotFound"}, True),
        ({"message": "Asking failed (HTTP 404).", "param": "model"}, True),
        ({"message": "Asking failed (HTTP 410).", "status": 410}, True),
        ({"message": "no such operation", "status": None}, False),
    ],
)
def test_a_missing_route_does_not_make_a_model_gone(reported: dict[str, Any], gone: bool) -> None:
    error = NotFound(**{"code": "FT313", "status": 404, **reported})

    assert is_surely_gone(error, "ft:a") is gone
