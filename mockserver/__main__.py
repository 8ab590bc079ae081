"""`python -m mockserver`: serve on this machine until interrupted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from mockserver.dialects import NAMES, OPENAI
from mockserver.server import Settings, serve


def main(arguments: Sequence[str] | None = None) -> int:
    options = vars(parser().parse_args(arguments))
    try:
        serve(Settings(**options), announce=_announce)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"mockserver: {error}\n")
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """The options; each has the name of a field of `Settings`."""
    found = argparse.ArgumentParser(
        prog="python -m mockserver",
        description="A fine-tuning provider on this machine with the OpenAI API.",
    )
    add = found.add_argument
    add("--host", default="127.0.0.1", help="address to bind (default: this machine only)")
    add("--port", type=int, default=8080, help="port to bind; 0 takes a free one")
    add("--db", type=Path, help="keep everything in this file across restarts")
    add("--speed", type=float, default=1.0, help="divide durations by this")
    add("--clock", choices=("wall", "manual"), default="wall", help="manual: time stands still")
    add("--seed", type=int, help="make ids and noise repeatable")
    add("--isolate-keys", action="store_true", help="each API key sees only its own objects")
    add("--fixtures", type=Path, help="objects to start with, in YAML or JSON")
    add("--scenario", help="name or file of a scenario: what goes wrong")
    add("--plain-results", action="store_true", help="result files as plain CSV, not base64")
    add("--null-error", action="store_true", help="`error` of a healthy job is null, not {}")
    add("--dialect", choices=NAMES, default=OPENAI, help="which provider's API to serve")
    add("--max-active-jobs", type=int, default=3, help="jobs at once before a 429")
    add(
        "--tokens", choices=("approximate", "exact"), default="approximate", help="count of `usage`"
    )
    return found


def _announce(url: str) -> None:
    sys.stdout.write(f"Serving on {url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
