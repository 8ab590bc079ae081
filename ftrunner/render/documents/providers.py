"""Provider profiles, for people."""

from __future__ import annotations

from collections.abc import Iterable

from ftrunner.providers.facts import answers, facts
from ftrunner.providers.profile import Profile


def as_table(profiles: Iterable[Profile]) -> str:
    """One profile a line: its name, what it can do, when it chats, since when that is known."""
    rows = [("NAME", "PROVIDER", "METHODS", "THE TUNED MODEL ANSWERS", "CHECKED ON")]
    rows += [
        (p.name, p.title, ", ".join(p.methods), answers(p.serving), p.verified or "unknown")
        for p in profiles
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_text(profile: Profile) -> str:
    """All that a profile says, one fact a line."""
    shown = [*facts(profile), ("Checked on", profile.verified or "unknown")]
    shown += [("Source", source) for source in profile.sources]
    width = max(len(label) for label, _ in shown)
    lines = [f"{label:<{width}}  {text}" for label, text in shown]
    return "\n".join([f"{profile.name} · {profile.title}", *lines])
