"""How long a report of 2,000 prompts takes, and how much memory it needs.

The prompts are rows of a test set, as so many are in practice, or all written by hand.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from ftrunner.providers.profile import JobState
from ftrunner.state.lock import JobRecord, Lock, Record, TestsRecord
from ftrunner.state.lockfile import encode
from ftrunner.state.results import FILE, KeptAnswer, KeptPrompt, RunResults
from ftrunner.state.results import encode as encode_results
from tests.bench.processes import ratio
from tests.kit.results import full

ROOT = Path(__file__).parents[3]
PROGRAM = "import sys; from ftrunner.cli.main import main; main(sys.argv[1:])"
URL = "https://api.openai.com/v1"
MANY = 2_000
SPEC = """
version: 1
name: tickets
provider: openai
model: gpt-4o-mini-2024-07-18
dataset: {train: data.jsonl}
"""


def of_rows() -> RunResults:
    [tickets] = full().sets
    [found] = tickets.comparisons
    row = found.changed[0]
    long = tuple(
        replace(answer, text="A ticket about a parcel that has not come yet. " * 8)
        for answer in row.tuned
        if answer
    )
    changed = (replace(row, tuned=long, other=long[::-1]),) * 212
    differences = (-1.0,) * 200 + (0.0,) * (MANY - 400) + (1.0,) * 200
    many = replace(found, worse=200, better=200, differences=differences, changed=changed)
    return replace(full(), sets=(replace(tickets, rows=MANY, comparisons=(many,)),))


def by_hand() -> RunResults:
    answer = KeptAnswer(text="A ticket about a parcel. " * 20, passed=False, score=0.0)
    prompts = tuple(
        KeptPrompt(name=f"p{n}", question="Where is my parcel?", passed=False, pass_at_least=1,
                   answers=(answer,))
        for n in range(MANY)
    )  # fmt: skip
    return replace(full(), prompts=prompts)


def kept(folder: Path, results: RunResults) -> Path:
    """A spec whose last run kept `results`."""
    run = folder / ".ftrunner" / "runs" / "tickets" / "r1"
    run.mkdir(parents=True)
    (folder / "spec.yaml").write_text(SPEC, encoding="utf-8")
    model = results.model or ""
    job = JobRecord(
        id="ftjob-1", run="r1", fingerprint="", inputs={}, status="succeeded",
        state=JobState.SUCCEEDED, model=model,
    )  # fmt: skip
    tests = TestsRecord(model=model, digest="", passed=False)
    record = Record(provider="openai", job=job, tests=tests)
    lock = encode(Lock(name="tickets", endpoints={URL: record}))
    (folder / "spec.lock.json").write_bytes(lock)
    (run / FILE).write_bytes(encode_results(results))
    (run / "events.jsonl").write_text('{"event":"job_created","job_id":"ftjob-1"}\n')
    return folder


@pytest.mark.parametrize("results", [of_rows, by_hand], ids=["rows", "by hand"])
@pytest.mark.parametrize("style", ["html", "md", "junit"])
def test_a_report_of_2000_prompts(tmp_path: Path, results: object, style: str) -> None:
    assert callable(results)
    folder = kept(tmp_path, results())
    arguments = ("report", "spec.yaml", "--format", style, "-o", "out")

    times = ratio((sys.executable, "-c", PROGRAM, *arguments), cwd=folder)
    megabytes = peak(folder, *arguments)

    size = (folder / "out").stat().st_size
    print(f"\n{style}: {times:.1f} times `python -c pass`, {megabytes:.0f} MB, {size:,} bytes")
    assert times <= 30
    assert megabytes <= 150
    assert size <= 1_000_000 or style == "junit"


def peak(folder: Path, *arguments: str) -> float:
    """The most memory that the command had, in MB."""
    program = (
        "import os, sys\nfrom ftrunner.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as end: assert not end.code\n"
        "from tests.bench.processes import resident\n"
        "print(resident(os.getpid(), 'VmHWM'))\n"
    )
    command = (sys.executable, "-c", program, *arguments)
    here = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=here, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) / 1e6
