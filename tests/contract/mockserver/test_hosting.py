"""Starting and stopping: in a thread, from a terminal, in a test session."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mockserver.client import FtMock
from mockserver.server import PATIENCE, MockServer, Settings
from tests.contract.mockserver.raw import RawClient

pytest_plugins = ["pytester"]


def test_a_taken_port_is_an_error_in_the_callers_thread() -> None:
    with MockServer() as server:
        port = int(server.origin.rpartition(":")[2])
        with pytest.raises(OSError, match=r"(?i)in use"):
            MockServer(Settings(port=port)).start()


def test_a_stopped_server_listens_no_more() -> None:
    server = MockServer()
    server.start()
    port = int(server.origin.rpartition(":")[2])
    server.stop()
    server.stop()

    with pytest.raises(OSError, match=r"(?i)refused"):
        socket.create_connection(("127.0.0.1", port), timeout=5)
    with pytest.raises(RuntimeError, match="not running"):
        assert server.base_url


def test_stopping_does_not_wait_for_idle_connections() -> None:
    server = MockServer()
    server.start()
    client = RawClient(server.base_url)
    client.get("/models")
    start = time.monotonic()

    server.stop()

    assert time.monotonic() - start < PATIENCE / 2
    client.session.close()


@pytest.mark.parametrize("speed", [0, -1, float("nan"), float("inf")])
def test_speeds_out_of_range(speed: float) -> None:
    with pytest.raises(ValueError, match="speed must be above 0"):
        Settings(speed=speed)


def test_other_settings_out_of_range() -> None:
    with pytest.raises(ValueError, match="port must be within"):
        Settings(port=70_000)
    with pytest.raises(ValueError, match="max_active_jobs must be 1 or more"):
        Settings(max_active_jobs=0)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_from_a_terminal_until_it_is_stopped(tmp_path: Path, number: int, code: int) -> None:
    command = [sys.executable, "-m", "mockserver", "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    ) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        url = run.stdout.readline().removeprefix("Serving on ").strip()
        client = RawClient(url)
        with client.session:
            assert client.upload().status_code == 200
        run.send_signal(number)
        run.wait(10)
        assert (run.returncode, run.stderr.read()) == (code, "")

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--scenario", "nothing"], "no scenario or file is called 'nothing'"),
        (["--speed", "0"], "speed must be above 0"),
        (["--fixtures", "/nowhere.yaml"], "/nowhere.yaml: No such file"),
        (["--host", "203.0.113.7"], "[Errno"),
    ],
)
def test_what_cannot_be_served_is_said_in_a_line(arguments: list[str], message: str) -> None:
    command = [sys.executable, "-m", "mockserver", "--port", "0", *arguments]
    run = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)

    assert run.returncode == 2
    assert run.stderr.startswith("mockserver: ")
    assert message in run.stderr
    assert run.stderr.count("\n") == 1


def test_no_tokenizer_is_loaded_before_something_is_counted() -> None:
    code = (
        "import sys; from mockserver.server import MockServer\n"
        "with MockServer(): print('bpe_openai._bindings' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "False"


def test_ft_mock_is_offered_to_every_test_session(pytester: pytest.Pytester) -> None:
    pytester.runpytest_subprocess("--fixtures").stdout.fnmatch_lines(
        ["ft_mock -- *pytest_plugin.py*"]
    )


def test_a_fault_that_never_struck_fails_the_test_that_set_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_sets_a_fault(ft_mock):
            ft_mock.scenario("lost-create-response")

        def test_is_not_troubled_by_it(ft_mock):
            assert ft_mock.jobs == []
        """
    )

    outcome = pytester.runpytest_subprocess()

    outcome.assert_outcomes(passed=2, errors=1)
    outcome.stdout.fnmatch_lines(["faults that never applied: lost-create-response"])


def test_one_server_serves_a_session(ft_mock: FtMock, ft_mock_origin: str) -> None:
    assert ft_mock.origin == ft_mock_origin


@pytest.mark.parametrize(("tokens", "loaded"), [("approximate", False), ("exact", True)])
def test_a_chat_loads_a_vocabulary_only_for_exact_counts(tokens: str, loaded: bool) -> None:
    program = (
        "import sys, requests\n"
        "from mockserver.server import MockServer, Settings\n"
        "chat = {'model': 'gpt-4o-mini', 'messages': [{'role': 'user', 'content': 'Hello'}]}\n"
        f"with MockServer(Settings(tokens={tokens!r})) as server:\n"
        "    url, key = server.base_url + '/chat/completions', {'Authorization': 'Bearer k'}\n"
        "    answer = requests.post(url, json=chat, headers=key, timeout=20).json()\n"
        "print(answer['usage']['completion_tokens'] > 0, 'bpe_openai._bindings' in sys.modules)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["True", str(loaded)]
