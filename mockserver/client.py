"""A handle on a mock provider for tests: its address, its clock, its faults, its memory."""

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
    """What the provider says about its client; `str()` lists the findings."""

    clean: bool
    findings: tuple[dict[str, Any], ...]

    def __str__(self) -> str:
        lines = [
            f"{found['severity']}: {found['rule']}: {found['message']}" for found in self.findings
        ]
        return "\n".join(lines) or "clean"


class FtMock:
    """Talks to `/_mock/` of a running mock server; see `docs/mockserver.md`."""

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
        """Move the provider's clock forward; nothing else moves it."""
        self._call("POST", "clock/advance", {"seconds": seconds})

    def fault(self, do: dict[str, Any], **match: Any) -> None:
        """Break requests that match: `fault({"status": 500}, method="POST", path="/files")`."""
        self._call("POST", "faults", {"match": match, "do": do})

    def scenario(self, scenario: str | dict[str, Any] | Path) -> None:
        """Arm a scenario: by name, by file, or written out."""
        body = scenario if isinstance(scenario, dict) else {"scenario": str(scenario)}
        self._call("POST", "faults", body)

    def disarm(self) -> None:
        """Take all faults and scenarios back."""
        self._call("DELETE", "faults")

    def seed(self, fixtures: dict[str, Any]) -> None:
        """Plant objects with chosen ids."""
        self._call("POST", "seed", fixtures)

    def reset(self) -> None:
        """Forget everything and start once more."""
        self._call("POST", "reset")

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """All jobs as they truly stand, oldest first."""
        found: list[dict[str, Any]] = self._call("GET", "state")["jobs"]
        return found

    @property
    def files(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", "state")["files"]
        return found

    @property
    def requests(self) -> list[dict[str, Any]]:
        """What clients have asked, oldest first, with keys redacted."""
        found: list[dict[str, Any]] = self._call("GET", "requests")["requests"]
        return found

    @property
    def unfired(self) -> list[str]:
        """Faults that were set and have not struck."""
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
