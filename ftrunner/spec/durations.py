"""Durations as people write them: `6h`, `30m`, `90s`, `1h30m`."""

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
