"""Guards that no test can forget: no network but this machine, no home, no leaked environment."""

from __future__ import annotations

import os
import signal
import socket
from collections import Counter
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from mockserver.server import MockServer, Settings
from tests.kit.command_line import skip_time
from tests.kit.measuring import leave_children_out
from tests.kit.project import Project
from tests.kit.providers import Providers
from tests.kit.verdict import insist_on_clean_verdict

# Machines are shared: how long an example takes says nothing about the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("few", settings.get_profile("suite"), max_examples=10)
settings.load_profile("suite")

# A shell that starts the suite in the background has it ignore Ctrl-C; so would all it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

leave_children_out()

_FORGOTTEN = ("OPENAI_", "AZURE_", "FTRUNNER_", "NEBIUS_", "TOGETHER_")
_PROXIES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


# What tests of crashes count, as they are named in the summary.
TRIED = ("points of death", "lags", "lost answers")


class NetworkIsOffLimits(AssertionError):
    """A test tried to reach something that is not this machine."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-cases",
        action="store_true",
        help="Write what each case under tests/cases prints as its expected text.",
    )
    parser.addoption(
        "--seeds",
        type=int,
        default=40,
        help="Seeds for the comparison of a model with itself, such as 400.",
    )
    parser.addoption(
        "--whole-grid",
        action="store_true",
        help="Hold the statistics' promises at every number of prompts; takes minutes.",
    )


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """The whole suite takes two workers for each core, for nearly half of its time is waiting for
    servers and processes; a part of it stays in this process, near its debugger.
    """
    return 2 * (os.cpu_count() or 1) if config.args == config.getini("testpaths") else 0


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many points, lags and lost answers were tried: see the fixture `tried` of tests/crash."""
    counts: Counter[str] = Counter()
    for report in terminalreporter.getreports("passed"):
        counts.update({kind: int(n) for kind, n in report.user_properties if kind in TRIED})
    if counts:
        tried = ", ".join(f"{counts[kind]} {kind}" for kind in TRIED)
        terminalreporter.write_line(f"tried, one job paid for each time: {tried}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if os.name == "posix":
        return
    for item in items:
        if item.get_closest_marker("posix"):
            item.add_marker(pytest.mark.skip(reason="needs POSIX"))


@pytest.fixture(autouse=True)
def stable_environment() -> Iterator[None]:
    """A test that leaves the environment changed fails; first set up, so last torn down."""
    before = _environment()
    yield
    assert _environment() == before, "the test leaked a change of the environment"


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}


@pytest.fixture(autouse=True)
def loopback_only(stable_environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Connecting anywhere but to this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_loopback(address[0]):
            raise NetworkIsOffLimits(f"a test connects to {address[0]}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def is_loopback(host: str) -> bool:
    return host == "localhost" or ip_address(host).is_loopback


@pytest.fixture(autouse=True)
def private_home(
    stable_environment: None,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Home, cache and configuration are in a folder of the test's own; no key is set."""
    home = tmp_path_factory.mktemp("home")
    for variable in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(variable, str(home))
    monkeypatch.setenv("NO_COLOR", "1")
    for variable in list(os.environ):
        if variable.startswith(_FORGOTTEN) or variable.lower() in _PROXIES:
            monkeypatch.delenv(variable)
    return home


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty folder in which the real command line runs; a key is set, as users have it.

    Where a command would wait, time is skipped instead.
    """
    skip_time(monkeypatch)
    return Project(tmp_path, {"OPENAI_API_KEY": "sk-test-key-of-no-account-0000"})


@pytest.fixture(scope="session")
def providers() -> Iterator[Providers]:
    """The real mock providers of this session, on loopback ports."""
    with Providers() as started:
        yield started


@pytest.fixture
def open_provider(providers: Providers) -> MockServer:
    """The real mock provider, empty; training takes a fraction of a second."""
    return providers.empty(Settings(speed=3000))


@pytest.fixture
def provider(open_provider: MockServer) -> Iterator[MockServer]:
    """The same, where a clean verdict on the client is part of passing."""
    yield open_provider
    insist_on_clean_verdict(open_provider)
