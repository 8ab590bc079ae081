"""The guards of conftest.py guard."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest


def test_a_connection_elsewhere_is_refused() -> None:
    with socket.socket() as there, pytest.raises(AssertionError, match=r"connects to 192\.0\.2\.1"):
        there.connect(("192.0.2.1", 80))


def test_a_connection_to_this_machine_is_made() -> None:
    with socket.create_server(("127.0.0.1", 0)) as here, socket.socket() as client:
        client.connect(here.getsockname())
        assert client.getpeername() == here.getsockname()


def test_home_is_temporary_and_no_key_is_set(private_home: Path) -> None:
    assert Path.home() == private_home
    assert not [name for name in os.environ if name.startswith("OPENAI_")]


def test_monkeypatch_may_set_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "undone before the guard looks")

    assert os.environ["OPENAI_API_KEY"]
