"""A secret is found however it is spelt, and nothing else is touched."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.api.http.credential import Credential
from ftrunner.api.http.exchange import Request
from ftrunner.api.redaction import Redactor, secrets_of
from ftrunner.providers.profile import Auth

SECRETS = st.text(st.characters(codec="utf-8"), min_size=8).filter(
    lambda text: len(text.strip()) > 7
)
SECRET = 'k/y "in\n{quotes}" é'


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
        quote(quote(SECRET, safe=""), safe=""),
        re.sub("%..", lambda match: match[0].lower(), quote(SECRET)),
        html.escape(SECRET),
        html.escape(SECRET, quote=False),
        html.escape(SECRET).replace("&quot;", "&#34;"),
    ],
)
def test_every_spelling_is_found(spelt: str) -> None:
    redactor = Redactor([SECRET])

    for redacted in (redactor.text(spelt), redactor.bytes(spelt.encode()).decode()):
        assert "[redacted]" in redacted
        assert "quotes" not in redacted


def test_a_variable_that_is_no_text_is_no_trouble() -> None:
    assert Redactor(["12345678\udcff"]).text("a key") == "a key"


def test_of_two_secrets_that_begin_alike_nothing_is_left() -> None:
    assert Redactor(["wandb-key", "wandb-key-of-team"]).text("wandb-key-of-team") == "[redacted]"


@given(SECRETS, st.text(), st.text())
def test_no_document_keeps_a_secret(secret: str, before: str, after: str) -> None:
    stripped = secret.strip()
    document = {"a": [f"{before} {stripped} {after}"], stripped: 1, "b": 2}

    told = Redactor([secret]).json(document)

    assert told["b"] == 2
    assert "[redacted]" in told
    assert stripped not in told["a"][0].replace("[redacted]", "")


@given(st.dictionaries(st.text(), st.text() | st.lists(st.integers() | st.none())))
def test_without_secrets_nothing_changes(document: dict[str, Any]) -> None:
    assert Redactor().json(document) == document


@given(
    st.binary(min_size=8, max_size=40).map(lambda raw: urlsafe_b64encode(raw).decode()),
    st.binary(max_size=9),
    st.binary(max_size=9),
    st.sampled_from([b64encode, urlsafe_b64encode]),
)
def test_base64_of_something_longer_keeps_no_secret(
    secret: str, before: bytes, after: bytes, encode: Callable[[bytes], bytes]
) -> None:
    """The few characters at its ends that its neighbours share say nothing of a secret."""
    encoded = encode(before + secret.encode() + after).decode()

    shown = Redactor([secret]).text(encoded)

    assert "[redacted]" in shown
    rest = shown.replace("[redacted]", "")
    assert len(rest) <= len(encode(before + after)) + 6
    assert Redactor([secret]).bytes(encoded.encode()).decode() == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc", "[redacted]"),
        (" abc\n", "[redacted]"),
        ("abcd", "abcd"),
        ("Bearer abc", "Bearer abc"),
    ],
)
def test_a_short_secret_is_hidden_where_it_is_all_there_is(text: str, shown: str) -> None:
    redactor = Redactor(["abc"])

    assert redactor.text(text) == shown
    assert redactor.json({"a": [text]}) == {"a": [shown]}
    assert redactor.bytes(text.encode()).decode() == shown


def test_a_short_secret_is_hidden_as_a_whole_json_string_in_bytes() -> None:
    body = json.dumps({"a": "abc", "b": "xabc", "inner": json.dumps({"c": "abc", "d": "abcx"})})

    shown = json.loads(Redactor(["abc"]).bytes(body.encode()))

    assert (shown["a"], shown["b"]) == ("[redacted]", "xabc")
    assert json.loads(shown["inner"]) == {"c": "[redacted]", "d": "abcx"}


def test_only_keys_are_hidden_in_names() -> None:
    redactor = Redactor(["key-4711-of-mine"], others=["fairytales"])

    assert redactor.names({"id": "ft:fairytales:1", "model": "key-4711-of-mine"}) == {
        "id": "ft:fairytales:1",
        "model": "[redacted]",
    }
    assert redactor.json(["ft:fairytales:1"]) == ["ft:[redacted]:1"]


def test_a_short_key_is_hidden_in_a_header_that_is_repeated() -> None:
    request = Request("GET", "http://x/", credential=Credential.of(Auth(), "abc"))

    redactor = Redactor().plus(secrets_of(request))

    assert "abc" not in redactor.text("you sent Authorization: Bearer abc")


def test_a_redactor_may_learn_more() -> None:
    redactor = Redactor(["key-4711-of-mine"])

    assert redactor.plus(["gateway-4712"]).text("gateway-4712 key-4711-of-mine").split() == [
        "[redacted]",
        "[redacted]",
    ]
    assert redactor.text("gateway-4712") == "gateway-4712"
    assert redactor.plus(["key-4711-of-mine", None, ""]) is redactor
