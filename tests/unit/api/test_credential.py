"""A key is sent and never shown."""

from __future__ import annotations

import pytest

from ftrunner.api.http.credential import Credential, UnusableHeader, UnusableKey
from ftrunner.providers.profile import Auth
from tests.unit.api.fakes import KEY, ScriptedTransport, client


def test_a_credential_shows_its_header_only() -> None:
    credential = Credential.of(Auth(), KEY)
    assert credential.value == f"Bearer {KEY}"
    assert repr(credential) == "Credential(header='Authorization')"


@pytest.mark.parametrize("key", ["", " ", f"{KEY}\n", f"{KEY}\r\nX-Evil: 1", "sk-键", "sk a"])
def test_a_key_that_no_header_carries_is_refused_and_not_shown(key: str) -> None:
    with pytest.raises(UnusableKey) as caught:
        Credential.of(Auth(), key)
    assert KEY not in f"{caught.value!r} {caught.value.hint}"


@pytest.mark.parametrize(
    ("name", "value"),
    [("x-a", "secret\r\nx-b: 1"), ("x-a", "密secret"), ("x a", "secret"), ("", "secret")],
)
def test_a_header_that_cannot_be_sent_is_refused_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(UnusableHeader) as caught:
        client(ScriptedTransport(), extra_headers={name: value})
    assert "secret" not in f"{caught.value!r}"
