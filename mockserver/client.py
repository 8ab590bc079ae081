"""A client for tests that controls a mock provider: its clock, faults and state."""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from mockserver.dialects import OPENAI, find_dialect

TIMEOUT = 30.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The provider's findings about its client; `str()` lists them."""

    clean: bool
    findings: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        lines = [
            f"{found['severity']}: {found['rule']}: {found['message']}" for found in self.findings
        ]
        return "\n".join(lines) or "clean"


class FtMock:
    """Calls `/_mock/` of a running mock server; see `docs/mockserver.md`."""

    api_key = "sk-mock"

    def __init__(self, origin: str, dialect: str = OPENAI) -> None:
        self.origin = origin
        self.dialect = dialect

    @property
    def base_url(self) -> str:
        return f"{self.origin}{find_dialect(self.dialect).base_path}"

    @property
    def now(self) -> float:
        """The provider's time, in seconds since the epoch."""
        found: float = self._call("GET", "clock")["now"]
        return found

    def advance(self, seconds: float) -> None:
        """Move the provider's clock forward; this is the only way to move it."""
        self._call("POST", "clock/advance", {"seconds": seconds})

    def fault(self, do: dict[str, Any], **match: Any) -> None:
        """Break requests that match: `fault({"status": 500}, method="POST", path="/files")`."""
        self._call("POST", "faults", {"match": match, "do": do})

    def scenario(self, scenario: str | dict[str, Any] | Path) -> None:
        """Activate a scenario, given as a name, a file or a dictionary."""
        body = scenario if isinstance(scenario, dict) else {"scenario": str(scenario)}
        self._call("POST", "faults", body)

    def disarm(self) -> None:
        """Remove all faults and scenarios."""
        self._call("DELETE", "faults")

    def seed(self, fixtures: dict[str, Any]) -> None:
        """Create objects with chosen ids."""
        self._call("POST", "seed", fixtures)

    def reset(self) -> None:
        """Delete everything and start again."""
        self._call("POST", "reset")

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """All jobs in their real state, oldest first."""
        found: list[dict[str, Any]] = self._call("GET", "state")["jobs"]
        return found

    @property
    def files(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", "state")["files"]
        return found

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The requests of clients, oldest first, with keys redacted."""
        found: list[dict[str, Any]] = self._call("GET", "requests")["requests"]
        return found

    @property
    def unfired(self) -> list[str]:
        """Faults that were set and never applied."""
        found: list[str] = self._call("GET", "faults")["unfired"]
        return found

    def verdict(self) -> Verdict:
        found = self._call("GET", "verdict")
        return Verdict(found["clean"], tuple(found["findings"]))

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        address = urlsplit(self.origin)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, f"/_mock/{path}", content)
            response = connection.getresponse()
            answer: dict[str, Any] = json.loads(response.read())
        finally:
            connection.close()
        if response.status != 200:
            raise ValueError(answer["error"]["message"])
        return answer
