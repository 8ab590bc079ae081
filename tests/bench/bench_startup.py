"""How long the command line takes to start, against a Python that does nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.bench.processes import ratio

ROOT = Path(__file__).parents[2]
# The console script as pip writes it, without the finder of an editable install in between.
PROGRAM = "import sys; from ftrunner.cli.main import main; main(sys.argv[1:])"


@pytest.mark.parametrize(
    ("arguments", "bound"),
    [(("--version",), 6), (("--help",), 6), (("validate", "specs/stories.yaml"), 20)],
    ids=["version", "help", "validate"],
)
def test_startup(arguments: tuple[str, ...], bound: int) -> None:
    times = ratio((sys.executable, "-c", PROGRAM, *arguments), cwd=ROOT)

    print(f"\nftrunner {' '.join(arguments)}: {times:.1f} times `python -c pass` (bound {bound})")
    assert times <= bound
