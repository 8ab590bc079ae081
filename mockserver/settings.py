"""The options of a mock server."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mockserver.dialects import NAMES, OPENAI

LOOPBACK = "127.0.0.1"
POLL_INTERVAL = 1.0
"""The interval in seconds at which clients are asked to poll a job, before `--speed`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The options of `python -m mockserver`, with defaults for tests."""

    host: str = LOOPBACK
    port: int = 0
    """0 takes any free port."""
    db: Path | None = None
    """The database file, kept across restarts; None keeps everything in memory."""
    speed: float = 1.0
    """Durations are divided by this; timestamps are real time."""
    clock: Literal["wall", "manual"] = "wall"
    seed: int | None = None
    """Makes ids and noise repeatable; None picks a new seed at each start."""
    isolate_keys: bool = False
    """Whether each API key sees only its objects."""
    fixtures: Path | None = None
    scenario: str | Path | None = None
    """A ready-made scenario's name, or a scenario file."""
    plain_results: bool = False
    """Send result files as plain CSV; OpenAI sends them in base64."""
    null_error: bool = False
    """Whether a healthy job's `error` is null; OpenAI sends `{}`."""
    max_active_jobs: int = 3
    tokens: Literal["approximate", "exact"] = "approximate"
    """How `usage` is counted; exact counts load a vocabulary. Trained tokens are always exact."""
    deployed_as: str | None = None
    """The name under which a person deploys each new model at once, where the API cannot."""
    base_deployed: bool = False
    """Whether base models answer by their names where a person would have to deploy them."""
    dialect: str = OPENAI
    """The provider whose API is served; one of `mockserver.dialects.NAMES`."""

    def __post_init__(self) -> None:
        if not 0 < self.speed < math.inf:
            raise ValueError(f"speed must be above 0 and finite, not {self.speed}")
        if self.dialect not in NAMES:
            raise ValueError(f"dialect must be one of {', '.join(NAMES)}, not {self.dialect}")
        if not 0 <= self.port <= 65535:
            raise ValueError(f"port must be within 0..65535, not {self.port}")
        if self.max_active_jobs < 1:
            raise ValueError(f"max_active_jobs must be 1 or more, not {self.max_active_jobs}")

    @property
    def poll_interval(self) -> float:
        return POLL_INTERVAL / max(self.speed, 1.0)
