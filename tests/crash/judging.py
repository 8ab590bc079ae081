"""The provider's verdict where several runs, or repeated requests, look at one job."""

from __future__ import annotations

from mockserver.client import FtMock

# Two runs that follow one job, and a request repeated because its answer was cut short, each keep
# their own pauses; to the provider, which counts them together, they look hasty.
_NOT_OURS = "polled-too-fast"


def faults(mock: FtMock) -> list[str]:
    """Every fault of the verdict but haste."""
    return [
        f"{found['rule']}: {found['message']}"
        for found in mock.verdict().findings
        if found["severity"] == "fault" and found["rule"] != _NOT_OURS
    ]
