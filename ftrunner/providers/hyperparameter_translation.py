"""Hyperparameters of one provider, said as another says them.

The vocabulary in between is the reference's, OpenAI's: `translations` of a profile go from it to
the provider's own names, and are read backwards for a spec that is written in those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ftrunner.providers.profile import Profile, Range, Translation
from ftrunner.spec.model import Hyperparameter

AUTO = "auto"
_DIGITS = 12  # significant ones that a scaled number keeps: 1.8 times 1e-5 is 1.8e-05


def translate(
    asked: Mapping[str, Hyperparameter],
    own: Mapping[str, Hyperparameter],
    *,
    method: str,
    source: Profile,
    target: Profile,
) -> tuple[Change, ...]:
    """What happens to each hyperparameter in `asked`; `own` are those the spec says for `target`.

    A change's `after` is the pair of name and value, or None where nothing is sent. A name that
    neither provider knows is carried: it is refused by name where the target's ranges are checked.
    """
    return (*_asked(asked, own, method, source, target), *_own(own, target))


def _asked(
    asked: Mapping[str, Hyperparameter],
    own: Mapping[str, Hyperparameter],
    method: str,
    source: Profile,
    target: Profile,
) -> Iterator[Change]:
    known = target.hyperparameters.get(method)
    for name, value in asked.items():
        field = f"hyperparameters.{name}"
        change = _one(field, name, value, known, source, target)
        taken = change.after[0] if change.after else name
        if taken in own:
            rule = f"providers.{target.name}.hyperparameters.{taken} goes before it"
            yield Change(field, Outcome.TRANSLATED, value, None, rule)
        else:
            yield change


def _own(own: Mapping[str, Hyperparameter], target: Profile) -> Iterator[Change]:
    for name, value in own.items():
        rule = f"said by providers.{target.name}"
        yield Change(f"hyperparameters.{name}", Outcome.TRANSLATED, None, (name, value), rule)


def _one(
    field: str,
    name: str,
    value: Hyperparameter,
    known: Mapping[str, Range] | None,
    source: Profile,
    target: Profile,
) -> Change:
    if not known:
        return Change(field, Outcome.CARRIED, value, (name, value))
    reference, plain = (name, value) if name in known else _reference(name, value, source)
    how = target.translations.get(reference, Translation(reference))
    if how.to not in known:
        return _missing(field, name, value, source, target)
    allowed = known[how.to]
    if plain == AUTO and AUTO not in how.values and not allowed.auto:
        return Change(field, Outcome.TRANSLATED, value, None, _left_out(allowed, target))
    said = _scaled(how.values.get(str(plain), plain), how.scale)
    if (how.to, said) == (name, value):
        return Change(field, Outcome.CARRIED, value, (name, value))
    if not _is_plausible(said, allowed):
        why = _arithmetic(name, value, how.to, said, allowed, target)
        return Change(field, Outcome.REFUSED, value, None, why)
    return Change(field, Outcome.TRANSLATED, value, (how.to, said), how.rule or "another name")


def _is_plausible(value: Hyperparameter, allowed: Range) -> bool:
    if allowed.plausible is None or isinstance(value, str | bool):
        return True
    low, high = allowed.plausible
    return low <= value <= high


def _arithmetic(
    name: str,
    value: Hyperparameter,
    to: str,
    said: Hyperparameter,
    allowed: Range,
    target: Profile,
) -> str:
    """How `value` came to the implausible `said`, and between what a plausible one lies."""
    assert isinstance(value, int | float)
    assert isinstance(said, int | float)
    assert allowed.plausible
    low, high = (f"{bound:g}" for bound in allowed.plausible)
    factor = f" × {said / value:g}" if value else ""
    return (
        f"{name} {value:g}{factor} makes {to} {said:g} at {target.title}, "
        f"where {low} to {high} is plausible"
    )


def _reference(name: str, value: Hyperparameter, source: Profile) -> tuple[str, Hyperparameter]:
    """The setting in the reference's words, where `source` has its own words for it."""
    for reference, how in source.translations.items():
        if how.to == name and reference != name:
            back = {new: old for old, new in how.values.items()}.get(str(value), value)
            return reference, _scaled(back, 1 / how.scale if how.scale else None)
    return name, value


def _missing(
    field: str, name: str, value: Hyperparameter, source: Profile, target: Profile
) -> Change:
    is_known = any(name in names for names in source.hyperparameters.values())
    if source.name == target.name or (source.hyperparameters and not is_known):
        return Change(field, Outcome.CARRIED, value, (name, value))
    return Change(field, Outcome.LOST, value, None, f"{target.title} has nothing like it")


def _left_out(allowed: Range, target: Profile) -> str:
    default = "its own" if allowed.default is None else f"{allowed.default}"
    return f'left out: {target.title} takes no "auto"; its default is {default}'


def _scaled(value: Hyperparameter, scale: float | None) -> Hyperparameter:
    if scale is None or isinstance(value, str | bool):
        return value
    return float(f"{value * scale:.{_DIGITS}g}")


class Outcome(StrEnum):
    """What happens to a setting."""

    CARRIED = "carried"  # as it is
    TRANSLATED = "translated"  # said otherwise, or overridden by the spec for this provider
    LOST = "lost"  # left out
    REFUSED = "refused"  # nothing is sent until the spec says it otherwise


@dataclass(frozen=True, slots=True)
class Change:
    """One setting, by its path in the spec: what it was, what it becomes, and why."""

    field: str
    outcome: Outcome
    before: Any
    after: Any = None
    rule: str | None = None
