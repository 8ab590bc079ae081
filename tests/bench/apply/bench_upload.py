"""Half a gigabyte goes up from disk: never all in memory, and not much slower than curl."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from tests.bench.mockserver.bench_speed import free_port, wait_for

SIZE = 500 * 1000**2
LINE = b'{"messages": [{"role": "user", "content": "%s"}]}\n' % (b"x" * 950)
ROOT = Path(__file__).parents[3]
MOST_MEMORY = 100 * 1000**2
BOUND = 2.0
ROUNDS = 3


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl to compare with")
def test_half_a_gigabyte(tmp_path: Path) -> None:
    large = tmp_path / "large.jsonl"
    with large.open("wb") as file:
        for _ in range(SIZE // len(LINE)):
            file.write(LINE)
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1"
    command = [sys.executable, "-m", "mockserver", "--port", str(port)]
    command += ["--db", str(tmp_path / "m.db")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        wait_for(port)
        curl, ours, peaks = [], [], []
        for _ in range(ROUNDS):
            curl.append(timed(*curl_command(large, url))[0])
            seconds, peak = timed(*our_command(large, url))
            ours.append(seconds)
            peaks.append(int(peak))
        server.terminate()

    ratio = min(ours) / min(curl)
    print(
        f"\n500 MB: {min(ours):.1f} s, hashed twice on the way; curl -F {min(curl):.1f} s; "
        f"ratio {ratio:.2f} (bound {BOUND}); peak {max(peaks) / 1e6:.0f} MB (bound 100)"
    )
    assert max(peaks) <= MOST_MEMORY
    assert ratio <= BOUND


def curl_command(file: Path, url: str) -> tuple[str, ...]:
    form = ("-F", "purpose=fine-tune", "-F", f"file=@{file}")
    return ("curl", "-sSf", "-H", "Authorization: Bearer sk-mock", *form, f"{url}/files")


def our_command(file: Path, url: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "tests.bench.apply.send_one", str(file), url)


def timed(*command: str) -> tuple[float, str]:
    """The seconds that the command took, and what it printed."""
    start = perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return perf_counter() - start, done.stdout.decode()
