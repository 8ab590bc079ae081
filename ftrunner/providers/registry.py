"""The shipped profiles, by name and by address."""

from __future__ import annotations

from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers.load import parse_profile
from ftrunner.providers.profile import Profile

_SUFFIX = ".yaml"
_FALLBACK = "generic"


class UnknownProvider(FtrunnerError):
    """No profile has this name."""

    exit_code = ExitCode.INVALID

    def __init__(self, name: str) -> None:
        close = get_close_matches(name, names(), n=1)
        guess = f"Did you mean '{close[0]}'? " if close else ""
        super().__init__(
            f"There is no provider profile '{name}'.",
            code="FT330",
            hint=f"{guess}The profiles are: {', '.join(names())}.",
        )


@cache
def names() -> tuple[str, ...]:
    """The names of the shipped profiles, sorted."""
    entries = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in entries if name.endswith(_SUFFIX)))


@cache
def get(name: str) -> Profile:
    """The profile `name`. Raises UnknownProvider, which names the nearest one."""
    if name not in names():
        raise UnknownProvider(name)
    return parse_profile((files(__package__) / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))


def guess(base_url: str) -> Profile:
    """The profile whose `hosts` match the address; `generic` where none does."""
    host = _host(base_url)
    profiles = (get(name) for name in names() if name != _FALLBACK)
    matches = (p for p in profiles if any(fnmatchcase(host, pattern) for pattern in p.hosts))
    return next(matches, get(_FALLBACK))


def _host(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:  # such as an unclosed bracket: no provider's host
        return ""
