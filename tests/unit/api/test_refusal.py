"""What each status means, says and proves."""

from __future__ import annotations

from typing import Any

import pytest

from ftrunner.api import errors
from ftrunner.api.http.exchange import Response
from ftrunner.api.http.refusal import refusal
from ftrunner.api.redaction import Redactor
from ftrunner.providers import registry
from tests.unit.api.fakes import KEY, answer

DOING = "Creating the fine-tuning job"


def _refusal(response: Response) -> errors.ApiError:
    return refusal(DOING, response, now=1_800_000_000.0, redactor=Redactor([KEY]))


@pytest.mark.parametrize(
    ("status", "kind", "code", "nothing_was_done", "is_transient"),
    [
        (400, errors.BadRequest, "FT314", True, False),
        (401, errors.AuthenticationFailed, "FT311", True, False),
        (403, errors.PermissionDenied, "FT312", True, False),
        (404, errors.NotFound, "FT313", True, False),
        (405, errors.NotFound, "FT319", True, False),
        (408, errors.ServerError, "FT317", False, True),
        (409, errors.BadRequest, "FT314", False, False),
        (499, errors.BadRequest, "FT314", False, False),
        (410, errors.NotFound, "FT313", True, False),
        (413, errors.BadRequest, "FT318", True, False),
        (418, errors.BadRequest, "FT314", True, False),
        (422, errors.BadRequest, "FT314", True, False),
        (425, errors.ServerError, "FT317", False, True),
        (429, errors.RateLimited, "FT315", True, True),
        (500, errors.ServerError, "FT317", False, True),
        (501, errors.NotFound, "FT319", True, False),
        (502, errors.ServerError, "FT317", False, True),
        (503, errors.ServerError, "FT317", False, True),
        (529, errors.ServerError, "FT317", False, True),
        (302, errors.BadResponse, "FT305", False, False),
    ],
)
def test_a_status_means_one_error(
    status: int,
    kind: type[errors.ApiError],
    code: str,
    nothing_was_done: bool,
    is_transient: bool,
) -> None:
    error = _refusal(answer({"error": {"message": "why"}}, status))
    assert type(error) is kind
    assert (error.code, error.status) == (code, status)
    assert error.nothing_was_done is nothing_was_done
    assert error.is_transient is is_transient
    assert error.hint


def test_the_message_says_what_was_done_what_it_means_and_what_the_provider_says() -> None:
    body = {"error": {"message": "Incorrect API key.", "code": "invalid_api_key", "param": "p"}}
    error = _refusal(answer(body, 401, {"x-request-id": "req_7"}))
    assert error.message == (
        "Creating the fine-tuning job failed: the provider does not accept the key (HTTP 401): "
        "Incorrect API key."
    )
    assert error.hint is not None
    assert (error.request_id, error.provider_code, error.param) == ("req_7", "invalid_api_key", "p")


def test_the_hint_names_the_variable_of_the_key_that_is_not_accepted() -> None:
    response = answer({"error": {"message": "Incorrect API key."}}, 401)
    error = refusal(DOING, response, now=0.0, redactor=Redactor([KEY]), key_env="MY_KEY")
    assert "MY_KEY" in (error.hint or "")


def test_a_silent_provider_still_gets_a_sentence() -> None:
    error = _refusal(Response(500, {}, b""))
    assert error.message == "Creating the fine-tuning job failed: the server failed (HTTP 500)."


def test_a_quota_that_is_used_up_is_not_waited_for() -> None:
    error = _refusal(answer({"error": {"message": "Pay.", "code": "insufficient_quota"}}, 429))
    assert (error.code, error.is_transient) == ("FT316", False)


def test_a_key_that_the_provider_repeats_is_nowhere_in_the_error() -> None:
    body = {"error": {"message": f"Wrong key {KEY}", "code": KEY}}
    error = _refusal(answer(body, 401, {"x-request-id": KEY}))
    shown = (error.message, error.raw, error.provider_code, error.request_id, repr(error))
    assert not any(KEY in str(text) for text in shown)
    assert "Wrong key [redacted]" in error.message


def test_a_redirect_names_where_it_leads() -> None:
    error = _refusal(Response(308, {"location": "https://elsewhere.example/v1"}, b""))
    assert "https://elsewhere.example/v1" in error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "1.5"}, 1.5),
        (
            {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1m2.5s"},
            62.5,
        ),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "8ms"}, 0.008),
        ({"x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "soon"}, None),
        ({"x-ratelimit-remaining-requests": "3", "x-ratelimit-reset-requests": "9s"}, None),
        (
            {
                "retry-after": "2",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-requests": "9s",
            },
            2.0,
        ),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0.0),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert _refusal(Response(429, headers, b"")).retry_after == seconds


WINDING_DOWN = (
    "OpenAI is winding down the fine-tuning platform and your organization is no longer able to "
    "create new fine-tuning training jobs"
)
PREMIUM = "Only premium users can use this endpoint + You must be a LiteLLM Enterprise user"


@pytest.mark.parametrize("name", ["openai", "generic", "azure", "nebius"])
@pytest.mark.parametrize(
    "error",
    [
        {"message": WINDING_DOWN, "code": "training_not_available"},
        {"message": WINDING_DOWN},
        {"message": f"litellm.BadRequestError: OpenAIException - {WINDING_DOWN}.", "code": "403"},
        {"message": "no", "code": "training_not_available"},
        {"message": "no", "type": "training_not_available"},
        {"message": "Fine-tuning training is no longer available to your organization"},
    ],
    ids=[
        "whole",
        "without its code",
        "through a gateway",
        "in other words",
        "as a type",
        "in later words",
    ],
)
@pytest.mark.parametrize("status", [400, 403, 500])
def test_lost_training_rights_are_known_by_code_and_by_words(
    name: str, error: dict[str, str], status: int
) -> None:
    known = refusal(
        DOING,
        answer({"error": error}, status),
        now=0,
        redactor=Redactor(),
        profile=registry.get(name),
    )

    assert (known.code, known.is_transient) == ("FT310", False)
    assert "ftrunner plan SPEC --provider NAME" in (known.hint or "")


@pytest.mark.parametrize("name", ["openai", "generic", "azure"])
def test_a_licence_that_a_gateway_lacks_is_not_waited_for(name: str) -> None:
    body = {"error": {"message": PREMIUM, "type": "internal_server_error", "code": "500"}}
    known = refusal(
        DOING, answer(body, 500), now=0, redactor=Redactor(), profile=registry.get(name)
    )

    assert (known.code, known.is_transient) == ("FT312", False)
    assert "base_url: https://PROXY/openai_passthrough/v1" in (known.hint or "")


def test_words_in_a_page_count_more_than_that_it_is_one() -> None:
    page = f"<html><title>403 Forbidden</title><p>{WINDING_DOWN}</p></html>".encode()

    assert _refusal(Response(403, {"content-type": "text/html"}, page)).code == "FT310"


@pytest.mark.parametrize(
    "error",
    [
        {"message": "The specified base model does not support fine-tuning."},
        {"message": "Base model gpt-4o doesn't support fine tuning in this region."},
        {"message": "Bad request", "innererror": {"message": "it does not support fine-tuning"}},
    ],
)
def test_a_refusal_that_misleads_comes_with_its_true_cause(error: dict[str, Any]) -> None:
    body = {"error": error}

    at_azure = refusal(
        DOING, answer(body, 400), now=0, redactor=Redactor(), profile=registry.get("azure")
    )
    elsewhere = refusal(
        DOING, answer(body, 400), now=0, redactor=Redactor(), profile=registry.get("openai")
    )

    assert at_azure.code == elsewhere.code == "FT314"
    assert "trainingType: globalstandard" in (at_azure.hint or "")
    assert "trainingType" not in (elsewhere.hint or "")
