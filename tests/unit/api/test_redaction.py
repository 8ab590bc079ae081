"""A secret is found however it is spelt, and nothing else is touched."""

from __future__ import annotations

import html
import json
import re
from base64 import b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlencode

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ftrunner.api.http.credential import Credential
from ftrunner.api.http.exchange import Request
from ftrunner.api.redaction import Redactor, secrets_of
from ftrunner.api.unescape import Unescaped
from ftrunner.providers.profile import Auth

SECRETS = st.text(st.characters(codec="utf-8"), min_size=8).filter(
    lambda text: len(text.strip()) > 7
)
SECRET = 'k/y "in\n{quotes}" é'


def _each(spell: Callable[[str], str]) -> str:
    return "".join(map(spell, SECRET))


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
        _each(lambda c: f"\\u{ord(c):04x}"),
        _each(lambda c: f"\\u{ord(c):04X}"),
        f"\\u006b{json.dumps(SECRET)[2:-1]}",
        json.dumps(json.dumps(json.dumps(SECRET))),
        quote(quote(quote(SECRET, safe=""), safe=""), safe="").lower(),
        _each(lambda c: f"&#{ord(c):05d};"),
        _each(lambda c: f"&#X{ord(c):X};"),
        html.escape(html.escape(SECRET)).replace("/", "&sol;"),
        html.escape(json.dumps(SECRET)),
        quote(html.escape(SECRET)),
        json.dumps(quote(html.escape(SECRET), safe="")),
        SECRET.replace('"', '""'),
    ],
)
def test_every_spelling_is_found(spelt: str) -> None:
    redactor = Redactor([SECRET])

    for redacted in (redactor.text(spelt), redactor.bytes(spelt.encode()).decode()):
        assert "[redacted]" in redacted
        assert "quotes" not in redacted


LAYERS: list[tuple[Callable[[str], str], Callable[[str], str]]] = [
    (json.dumps, json.loads),
    (lambda text: quote(text, safe=""), unquote),
    (html.escape, html.unescape),
]


@given(st.text(st.sampled_from('"%&;u0025n/ aé中😀+<'), min_size=6), st.data())
def test_nothing_is_left_behind_escapes_within_each_other(secret: str, data: st.DataObject) -> None:
    """Whatever escapes the secret itself seems to have. What is around it stays as it is."""
    secret = f"k{secret}y"
    bare = secret.encode()
    for _ in range(5):
        bare = Unescaped(bare).text
    assume(len(bare) >= 8)  # fewer characters could be anything, and are not looked for
    layers = data.draw(st.lists(st.sampled_from(LAYERS), max_size=3))
    spelt = secret
    for escape, _ in layers:
        spelt = escape(spelt)

    shown = Redactor([secret]).text(spelt)

    for _, undo in reversed(layers):
        shown = undo(shown)
    assert shown == "[redacted]"


@pytest.mark.parametrize("shown", ["{}", '{{"k": "{}"}}', "token {}\r\n\r\nnext"])
def test_base64_in_lines_and_escapes(shown: str) -> None:
    """As MIME, JSON and addresses write it."""
    secret = "sk-4711/key?that>nobody~may+see"
    for count in range(3):
        encoded = encodebytes(b"x" * (50 + count) + secret.encode() + b"y" * 60).decode()
        for spelt in (
            encoded,
            encoded.replace("\n", "\r\n"),
            json.dumps(encoded).replace("/", "\\/"),
            quote(encoded, safe=""),
        ):
            redacted = Redactor([secret]).text(shown.format(spelt))

            plain = unquote(redacted).replace("\\n", "").replace("\n", "").replace("\\/", "/")
            assert "[redacted]" in redacted
            assert not re.search("c2stNDcxM|stNDcxMS9|zay00NzExL2", plain)


def test_a_variable_that_is_not_text_does_no_harm() -> None:
    assert Redactor(["12345678\udcff"]).text("a key") == "a key"


def test_of_two_secrets_that_begin_alike_nothing_is_left() -> None:
    assert Redactor(["wandb-key", "wandb-key-of-team"]).text("wandb-key-of-team") == "[redacted]"


@given(SECRETS, st.text(), st.text())
def test_no_document_keeps_a_secret(secret: str, before: str, after: str) -> None:
    stripped = secret.strip()
    document = {"a": [f"{before} {stripped} {after}"], stripped: 1, "b": 2}

    reported = Redactor([secret]).json(document)

    assert reported["b"] == 2
    assert "[redacted]" in reported
    assert stripped not in reported["a"][0].replace("[redacted]", "")


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


def test_a_short_secret_is_hidden_behind_escapes() -> None:
    redactor = Redactor(["a<c"])

    assert redactor.bytes(b'{"k": "a\\u003cc"}') == b'{"k": "[redacted]"}'
    assert redactor.text("a%3Cc") == redactor.text("a&lt;c") == "[redacted]"


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


@pytest.mark.parametrize("secret", [r"DOMAIN\user-1", r"\\server\share", r"a\\wb\nc\x41dd"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_the_backslashes_of_a_secret_are_escaped_too(secret: str, times: int) -> None:
    spelt = secret
    for _ in range(times):
        spelt = json.dumps(spelt)

    redactor = Redactor([secret])
    for shown in (redactor.text(spelt), redactor.bytes(spelt.encode()).decode()):
        assert re.fullmatch(r'[\\"]*\[redacted\][\\"]*', shown)


@given(st.text(st.sampled_from('"%&;u0025n/ aé中😀+<\\'), min_size=6), st.data())
def test_a_quick_look_misses_no_secret(secret: str, data: st.DataObject) -> None:
    """Whatever is around it, escaped or not, and whichever text of a document has it."""
    secret = f"k{secret}y"
    spelt = secret
    for escape, _ in data.draw(st.lists(st.sampled_from(LAYERS), max_size=4)):
        spelt = escape(spelt)
    around = st.text(st.sampled_from('"%&;u0025n \\\n'), max_size=9)
    document = {"a": [data.draw(around), f"{data.draw(around)}{spelt}{data.draw(around)}"], "b": ""}
    redactor = Redactor([secret])
    each = [redactor.text(text) for text in ("a", *document["a"], "b", "")]

    assert redactor.json(document) == {"a": each[1:3], "b": each[4]}
