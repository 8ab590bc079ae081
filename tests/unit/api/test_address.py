"""To which addresses a key may go."""

from __future__ import annotations

import pytest

from ftrunner.api.http.credential import RefusedAddress, checked_base_url, origin
from ftrunner.errors import ExitCode
from ftrunner.urls import leads_here


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8000/v1",
        "http://LOCALHOST/v1",
        "http://127.0.0.1/v1",
        "http://127.8.9.10:1/v1",
        "http://[::1]:8000/v1",
    ],
)
def test_this_machine_s_addresses(url: str) -> None:
    assert leads_here(url)
    assert checked_base_url(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost.evil.example/v1",
        "http://127.0.0.1.evil.example/v1",
        "http://127.0.0.1@evil.example/v1",
        "http://0.0.0.0/v1",
        "http://10.0.0.1/v1",
        "http://example.com/v1",
        "http://[::1/v1",
    ],
)
def test_no_address_of_this_machine(url: str) -> None:
    assert not leads_here(url)
    with pytest.raises(RefusedAddress) as caught:
        checked_base_url(url)
    assert caught.value.exit_code is ExitCode.INVALID


def test_plain_http_elsewhere_can_be_allowed() -> None:
    assert checked_base_url("http://10.0.0.1/v1/", allow_insecure=True) == "http://10.0.0.1/v1"


@pytest.mark.parametrize(
    "url",
    ["", "api.openai.com/v1", "ftp://x/v1", "https://", "https://x:0/v1", "https://x:port/v1"],
)
def test_what_is_not_an_address_is_reported(url: str) -> None:
    with pytest.raises(RefusedAddress, match="must be an http or https address"):
        checked_base_url(url)


@pytest.mark.parametrize(
    "url", ["https://u:secret@x/v1", "https://x/v1?key=secret", "https://x/v1#secret"]
)
def test_a_secret_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(RefusedAddress) as caught:
        checked_base_url(url)
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_an_origin_has_no_user_and_no_path() -> None:
    assert origin("https://user:pw@host:8443/v1?x=1") == "https://host:8443"
    assert origin("https://[broken") == "the address"
