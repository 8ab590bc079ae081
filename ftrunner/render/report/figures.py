"""Numbers, times and money as a report shows them."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from ftrunner.text import dollars

MINUS = "−"
UNKNOWN = "–"


def points(share: float) -> str:
    """A difference of shares in points: `+18.3`, `−2.0`."""
    shown = f"{100 * share:+.1f}"
    return "0.0" if shown in ("+0.0", "-0.0") else shown.replace("-", MINUS)


def percent(share: float) -> str:
    """`95.1 %`."""
    return f"{100 * share:.1f} %"


def interval(low: float | None, high: float | None) -> str:
    """`+14.1 to +22.3`, or a dash."""
    return UNKNOWN if low is None or high is None else f"{points(low)} to {points(high)}"


def moment(at: float) -> str:
    """`2026-11-28 19:20 UTC`; a provider may name a time that no calendar has."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError, OSError):
        return "unknown"


def money(span: tuple[float, float]) -> str:
    """`about $0.01`, or from the lowest to the highest."""
    low, high = dollars(span[0]), dollars(span[1])
    return f"about {high}" if low == high else f"{low} to {high}"


def count(number: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def seconds(value: float) -> str:
    """`0.81 s`, `4 min 12 s`, `1 h 3 min`."""
    if value < 60:
        return f"{value:.2f} s" if value < 10 else f"{value:.0f} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def size(number: float) -> str:
    """`1.7 kB`."""
    if number < 1000:
        return f"{number:.0f} bytes"
    power = min(3, int(math.log10(number) // 3))
    return f"{number / 1000**power:,.1f} {('bytes', 'kB', 'MB', 'GB')[power]}"
