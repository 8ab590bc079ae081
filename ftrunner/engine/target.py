"""Where a spec is applied: a provider's profile at an address."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from ftrunner.providers import registry
from ftrunner.providers.profile import Profile
from ftrunner.urls import leads_here

REHEARSAL = "rehearsal"
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Target:
    """`endpoint` is the key of the lock's record: the normalised base URL, or `rehearsal`.

    `scenario` names what goes wrong in a rehearsal, which then starts over each time. `again` has
    the options for the same target as they are typed, such as ` --mock`. `profiles` are all that
    there are.
    """

    profile: Profile
    base_url: str
    endpoint: str
    scenario: str | None = None
    allow_insecure: bool = False
    again: str = ""
    profiles: registry.Profiles = field(default=registry.SHIPPED, repr=False, compare=False)

    @property
    def providers(self) -> tuple[str, ...]:
        """The names of all profiles."""
        return self.profiles.names()

    @property
    def where(self) -> str:
        """The place in a sentence: `at https://…`, or `in the rehearsal`."""
        return "in the rehearsal" if self.is_rehearsal else f"at {self.endpoint}"

    def command(self, verb: str, spec: Path, *more: str) -> str:
        """The command that does `verb` with `spec` here, for a hint: a rehearsal stays one."""
        return f"`ftrunner {verb} {' '.join([shlex.quote(str(spec)), *more])}{self.again}`"

    @property
    def is_rehearsal(self) -> bool:
        return self.endpoint == REHEARSAL

    @property
    def costs_money(self) -> bool:
        """Whether a job there may be billed: anywhere but on this machine."""
        return not (self.is_rehearsal or leads_here(self.base_url))


def normalise(base_url: str) -> str:
    """One spelling for one address: lower-case host, no default port, no slash at the end."""
    parts = urlsplit(base_url)
    host = (parts.hostname or "").lower()
    host = f"[{host}]" if ":" in host else host
    default = _DEFAULT_PORTS.get(parts.scheme)
    port = f":{parts.port}" if parts.port and parts.port != default else ""
    return urlunsplit((parts.scheme, host + port, parts.path.rstrip("/"), parts.query, ""))
