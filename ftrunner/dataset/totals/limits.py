"""What a provider demands of a split as a whole: how many examples, how many bytes."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.dataset.lines.faults import Fault
from ftrunner.providers.profile import Profile


def faults(stream: PreparedStream, profile: Profile, *, cut_off: int = 0) -> Iterator[Fault]:
    """How a split breaks the profile's limits; `cut_off` of its examples went to validation."""
    yield from _examples(stream, profile, cut_off)
    largest = profile.limits.largest_file
    if largest and stream.size > largest:
        message = (
            f"the {stream.split} data has {stream.size:,} bytes; {profile.title} takes {largest:,}"
        )
        yield Fault("FT209", message, hint="train on fewer or shorter examples")


def _examples(stream: PreparedStream, profile: Profile, cut_off: int) -> Iterator[Fault]:
    least = profile.limits.min_examples if stream.split == "train" else 1
    most = profile.limits.max_examples
    if stream.examples < least:
        spared = f", as {cut_off:,} went to validation" if cut_off else ""
        message = f"{_count(stream)}{spared}; {profile.title} needs at least {least}"
        yield Fault("FT230", message, hint="add examples; 50 to 100 are a good start")
    if most is not None and stream.examples > most:
        message = f"{_count(stream)}; {profile.title} takes at most {most:,}"
        yield Fault("FT231", message, hint="choose the best of them")


def _count(stream: PreparedStream) -> str:
    plural = "" if stream.examples == 1 else "s"
    return f"the {stream.split} data has {stream.examples:,} example{plural}"
