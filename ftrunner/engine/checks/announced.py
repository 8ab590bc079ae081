"""The ends that a provider announced: of a base model, of training, of training for some customers.

Pure, from the profile and from dates that the provider gives; nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from ftrunner.findings import Finding, Severity
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec, point

SOON = 90  # days
_PLACES = {"FT380": "model", "FT381": "model", "FT382": "model"}
_HINTS = {
    "FT380": "check the spelling and that your key may use this model; behind a gateway that lists "
    "few models use `provider: generic`; to move, `ftrunner plan SPEC --provider NAME`",
    "FT381": "the provider may refuse the job",
    "FT382": "choose a newer base model",
    "FT383": "`ftrunner plan SPEC --provider NAME` shows what carries over to another provider",
}


@dataclass(frozen=True, slots=True)
class PreflightIssue:
    """One reason not to train, with its code and severity."""

    code: str
    message: str
    severity: Severity = Severity.WARNING


def foreseen_findings(
    spec: Spec, profile: Profile, moment: float, *, asked: bool = False
) -> tuple[Finding, ...]:
    """The ends that the profile knows of, without a request; `moment` in Unix seconds.

    If the provider was `asked`, what it says of the model goes before.
    """
    day = datetime.fromtimestamp(moment, UTC).date()
    outlook = training_outlook(profile, today=day)
    issues = outlook if asked else foreseen(profile, spec.model, today=day)
    return tuple(as_finding(spec, issue) for issue in issues)


def foreseen(profile: Profile, model: str, *, today: date) -> Iterator[PreflightIssue]:
    """What the profile says, without a request, about the end of `model` and of training."""
    if stops := stops_soon(model, profile.models.shutdown_date(model), today=today):
        yield PreflightIssue("FT382", stops)
    yield from training_outlook(profile, today=today)


def training_outlook(
    profile: Profile, *, today: date, within: int = SOON
) -> Iterator[PreflightIssue]:
    """When training ends within so many days, and who is refused already."""
    ended = [*about_training(profile, today=today)]
    if ended:
        yield from ended
        return
    days = [(day, end.who) for end in profile.training_ends if (day := _day(end.day))]
    refused = [f"of {who}" for day, who in days if who and day <= today]
    near = [(day, who) for day, who in days if 0 < (day - today).days <= within]
    said = [
        f"{profile.title} takes no new jobs{f' of {who}' if who else ''} from {day} on"
        f" ({(day - today).days} days)"
        for day, who in near
    ]
    if refused:
        already = "it already refuses those" if said else f"{profile.title} refuses new jobs"
        said.append(f"{already} {', and '.join(refused)}")
    if said:
        is_end = any(who is None for _, who in near)
        severity = Severity.WARNING if is_end else Severity.NOTE
        yield PreflightIssue("FT383", "; ".join(said), severity)


def about_training(profile: Profile, *, today: date) -> Iterator[PreflightIssue]:
    """The end of training for all customers, as far as the profile knows."""
    for end in profile.training_ends:
        day = _day(end.day)
        if end.who is None and day is not None and day <= today:
            yield PreflightIssue("FT383", f"{profile.title} takes no new jobs since {day}")


def stops_soon(
    model: str, shutdown_date: str | None, *, today: date, within: int = SOON
) -> str | None:
    """The sentence about a model that shuts down within so many days, or has shut down."""
    day = _day(shutdown_date)
    left = None if day is None else (day - today).days
    if left is None or left > within:
        return None
    if left < 0:
        return f"{model} was shut down on {day}; models tuned from it stopped too"
    return f"{model} shuts down on {day} ({left} days); models tuned from it stop too"


def ends_soon(
    model: str, tuning_ends: str | None, *, today: date, within: int = SOON
) -> str | None:
    """The sentence about a model whose fine-tuning ends within so many days, or has ended."""
    day = _day(tuning_ends)
    left = None if day is None else (day - today).days
    if left is None or left > within:
        return None
    return f"fine-tuning of {model} {'ended' if left < 0 else 'ends'} on {day}"


def as_finding(spec: Spec, issue: PreflightIssue) -> Finding:
    place = _PLACES.get(issue.code, "provider")
    return replace(
        point(spec, (place,), code=issue.code, message=issue.message, hint=_HINTS[issue.code]),
        severity=issue.severity,
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None
