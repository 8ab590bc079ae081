"""Durations as people write them: `6h`, `30m`, `1h30m`; and ages, which may be in days: `30d`."""

from __future__ import annotations

import re

_DURATION = re.compile(r"(?:(?P<h>[0-9]+)h)?(?:(?P<m>[0-9]+)m)?(?:(?P<s>[0-9]+)s)?")


def seconds(text: str) -> float:
    """The seconds in a duration that the schema accepted."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    hours, minutes, rest = (int(part or 0) for part in match.groups())
    return float(hours * 3600 + minutes * 60 + rest)


def age(text: str) -> float:
    """The seconds in an age that the schema accepted."""
    if text.endswith("d"):
        return float(int(text[:-1]) * 24 * 3600)
    return seconds(text)
