"""A secret is found however it is spelt, and nothing else is touched."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.api.redaction import as_secrets, redact, redact_bytes, redact_within

SECRETS = st.text(st.characters(codec="utf-8"), min_size=8).filter(
    lambda text: len(text.strip()) > 7
)
SECRET = 'k/y "in\n{quotes}" é'


def test_what_is_short_is_no_secret() -> None:
    assert as_secrets(("1234567", " 12345678\n", None, "", "12345678")) == ("12345678",)


@pytest.mark.parametrize(
    "spelt",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
        json.dumps(json.dumps(SECRET)),
        json.dumps(SECRET).replace("/", "\\/"),
        quote(SECRET),
        quote(SECRET, safe=""),
        urlencode({"a": SECRET}),
    ],
)
def test_every_spelling_is_found(spelt: str) -> None:
    secrets = as_secrets((SECRET,))

    for redacted in (redact(spelt, secrets), redact_bytes(spelt.encode(), secrets).decode()):
        assert "[redacted]" in redacted
        assert "quotes" not in redacted


def test_a_variable_that_is_no_text_is_no_trouble() -> None:
    assert redact("a key", as_secrets(("12345678\udcff",))) == "a key"


def test_of_two_secrets_that_begin_alike_nothing_is_left() -> None:
    assert redact("wandb-key-of-team", ("wandb-key", "wandb-key-of-team")) == "[redacted]"


@given(SECRETS, st.text(), st.text())
def test_no_document_keeps_a_secret(secret: str, before: str, after: str) -> None:
    stripped = secret.strip()
    document = {"a": [f"{before} {stripped} {after}"], stripped: 1, "b": 2}

    told = redact_within(document, as_secrets((secret,)))

    assert told["b"] == 2
    assert "[redacted]" in told
    assert stripped not in told["a"][0].replace("[redacted]", "")


@given(st.dictionaries(st.text(), st.text() | st.lists(st.integers() | st.none())))
def test_without_secrets_nothing_changes(document: dict[str, Any]) -> None:
    assert redact_within(document, ()) == document
