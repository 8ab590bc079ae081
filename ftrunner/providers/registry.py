"""The profiles there are, by name and by address: the shipped ones, and a user's before them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers.profile import Profile, parse_profile
from ftrunner.text import did_you_mean

_FOLDER = Path(__file__).parent
_SUFFIX = ".yaml"
_FALLBACK = "generic"


class UnknownProvider(FtrunnerError):
    """No profile has this name."""

    exit_code = ExitCode.INVALID

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        close = did_you_mean(name, known).removeprefix("; ")
        guess = f"{close} " if close else ""
        super().__init__(
            f"there is no provider profile '{name}'",
            code="FT330",
            hint=f"{guess}the profiles are {', '.join(known)}",
        )


def unknown(names: Iterable[str], known: tuple[str, ...]) -> Iterator[tuple[str, UnknownProvider]]:
    """Each of `names` that is not among the `known` ones of profiles, with what is to be said."""
    return ((name, UnknownProvider(name, known)) for name in names if name not in known)


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles by name. A profile in `own` goes before a shipped one of the same name."""

    own: Mapping[str, Profile] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """All names, sorted."""
        return tuple(sorted({*_shipped_names(), *self.own}))

    def get(self, name: str) -> Profile:
        """The profile `name`. Raises UnknownProvider, which names the nearest one."""
        if name in self.own:
            return self.own[name]
        if name not in _shipped_names():
            raise UnknownProvider(name, self.names())
        return _shipped(name)

    def guess(self, base_url: str) -> Profile:
        """The profile whose `hosts` match the address; `generic` where none does."""
        host = _host(base_url)
        named = [*self.own, *(name for name in _shipped_names() if name not in self.own)]
        profiles = (self.get(name) for name in named if name != _FALLBACK)
        matches = (p for p in profiles if any(fnmatchcase(host, pattern) for pattern in p.hosts))
        return next(matches, self.get(_FALLBACK))


def folders(beside: Path, named: Path | None) -> tuple[Path, ...]:
    """Where a user's profiles are: `.ftrunner/providers/` in `beside`, then the folder named."""
    own = beside / ".ftrunner" / "providers"
    return (own,) if named is None else (own, named)


def with_folders(folders: Iterable[Path]) -> Profiles:
    """The shipped profiles and those in `folders`, of which later ones go before earlier ones.

    A folder that is not there has none. Raises InvalidInput with the findings of a folder's files.
    """
    found = [folder for folder in folders if folder.is_dir()]
    if not found:
        return SHIPPED
    # Checking a user's file takes the schema library, which is slow to load.
    from ftrunner.providers.user_profiles import read_folder  # noqa: PLC0415

    texts = dict.fromkeys(_shipped_names(), _text)
    own: dict[str, Profile] = {}
    for folder in found:
        own |= read_folder(folder, texts)
    return Profiles(own)


SHIPPED = Profiles()


def names() -> tuple[str, ...]:
    """The names of the shipped profiles, sorted."""
    return SHIPPED.names()


def get(name: str) -> Profile:
    """The shipped profile `name`. Raises UnknownProvider, which names the nearest one."""
    return SHIPPED.get(name)


def guess(base_url: str) -> Profile:
    """The shipped profile whose `hosts` match the address; `generic` where none does."""
    return SHIPPED.guess(base_url)


@cache
def _shipped_names() -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in _FOLDER.glob(f"*{_SUFFIX}")))


@cache
def _shipped(name: str) -> Profile:
    return parse_profile(_text(name))


def _text(name: str) -> str:
    return (_FOLDER / f"{name}{_SUFFIX}").read_text(encoding="utf-8")


def _host(base_url: str) -> str:
    try:
        return urlsplit(base_url).hostname or ""
    except ValueError:  # such as an unclosed bracket: no provider's host
        return ""
