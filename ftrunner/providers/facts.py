"""What a profile says, as sentences: for `ftrunner providers` and for docs/providers.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ftrunner.providers.profile import JobState, Limits, Profile, Range, Translation
from ftrunner.providers.serving import Serving, ServingKind

Fact = tuple[str, str]

ANSWERS = {
    ServingKind.NONE: "at once",
    ServingKind.WAIT: "after a while",
    ServingKind.CREATE_MODEL: "after a model is created",
    ServingKind.DEPLOY: "after a deployment",
    ServingKind.MANUAL: "after you deploy it yourself",
}


def answers(serving: Serving) -> str:
    """When a succeeded job's model answers."""
    billed = ", billed by the hour until it is deleted" if serving.bills else ""
    return f"{ANSWERS[serving.kind]}{billed}"


def training_ends(profile: Profile) -> tuple[str, ...]:
    """Whose new jobs are refused from which day on."""
    return tuple(
        f"{profile.title} takes no new jobs of {end.who or 'anybody'} from {end.day} on"
        for end in profile.training_ends
    )


def billing(serving: Serving, deployment: Mapping[str, Any]) -> str | None:
    """How a deployment with these settings is billed; None where it costs nothing."""
    cost = _hourly_cost(serving, deployment)
    if not serving.bills or cost == 0:
        return None
    amount = "" if cost is None else f": about ${cost:.2f} an hour"
    return f"billed by the hour until it is {_idle(serving, deployment)}{amount}"


def _hourly_cost(serving: Serving, deployment: Mapping[str, Any]) -> float | None:
    for name, costs in serving.hourly_costs.items():
        value = str(deployment.get(name, serving.settings[name].default)).lower()
        return {word.lower(): cost for word, cost in costs.items()}.get(value)
    return serving.hourly_cost


def _idle(serving: Serving, deployment: Mapping[str, Any]) -> str:
    name = serving.idle_minutes
    setting = serving.settings[name] if name else None
    minutes = deployment.get(name, setting.default) if name and setting else None
    if setting is None or setting.sent(minutes) == 0:
        return "deleted, even when idle"
    return f"idle for {minutes} minutes (`deployment.{name}`)"


def facts(profile: Profile) -> tuple[Fact, ...]:
    """Label and sentence of everything worth knowing before choosing the provider."""
    return (
        ("Address", profile.base_url or "the spec's `base_url`"),
        ("Key", f"`{profile.api_key_env}`, sent as `{profile.auth.header}`"
         if profile.api_key_env else "the spec's `api_key_env`"),
        ("Methods", ", ".join(profile.methods)),
        ("Data", "; ".join(_data(profile))),
        ("Base models", f"such as `{profile.models.example}`" if profile.models.example else "any"),
        ("Suffix", _suffix(profile)),
        ("Hyperparameters", "; ".join(_hyperparameters(profile)) or "any, passed on as they are"),
        *(("Translated", f"`{name}` → {_translation(how)}")
          for name, how in profile.translations.items()),
        ("Ends of a job", _words(profile)),
        ("Lacks", ", ".join(sorted(profile.missing)).replace("_", " ") or "nothing known"),
        ("Chats", answers(profile.serving)),
        *_serving(profile.serving),
        *(("Training ends", end) for end in training_ends(profile)),
        *(("Note", note) for note in profile.notes),
    )  # fmt: skip


def _data(profile: Profile) -> Iterator[str]:
    yield f"{', '.join(profile.formats)}"
    for model, formats in profile.models.formats.items():
        yield f"{model}: {', '.join(formats)}"
    for method in profile.validation_required:
        yield f"{method} with validation data only"
    yield from _limits(profile.limits)
    if profile.byte_order_mark:
        yield "sent with a byte order mark"
    for code, severity in profile.severities.items():
        yield f"{code} is reported as {severity}" if severity else f"{code} is not checked"


def _limits(limits: Limits) -> Iterator[str]:
    yield f"at least {limits.min_examples} example{'s' if limits.min_examples > 1 else ''}"
    if limits.max_examples:
        yield f"at most {limits.max_examples:,}"
    if limits.file_bytes:
        yield f"up to {limits.file_bytes / 2**20:,.0f} MB a file"
    if limits.example_tokens:
        yield f"{limits.example_tokens:,} tokens an example"
    if limits.images:
        yield f"{limits.images} images an example"


def _suffix(profile: Profile) -> str:
    rule = profile.suffix
    if not rule.supported:
        return "not taken"
    pattern = f", of {rule.pattern}" if rule.pattern else ""
    need = "required, " if rule.required else ""
    return f"{need}up to {rule.max_length} characters{pattern}"


def _hyperparameters(profile: Profile) -> Iterator[str]:
    for method, known in profile.hyperparameters.items():
        yield f"{method}: {', '.join(_named(name, range) for name, range in known.items())}"


def _named(name: str, range: Range) -> str:
    return f"{name} (default {range.default})" if range.default is not None else name


def _translation(how: Translation) -> str:
    scaled = f" × {how.scale:g}" if how.scale else ""
    values = "".join(f", {old} → {new}" for old, new in how.values.items())
    return f"`{how.to}`{scaled}{values}{f': {how.rule}' if how.rule else ''}"


def _words(profile: Profile) -> str:
    ends = ((word, state) for word, state in profile.statuses.items() if JobState(state).is_final)
    return ", ".join(f"{word} ({state})" if word != state else word for word, state in ends)


def _serving(serving: Serving) -> Iterator[Fact]:
    for name, setting in serving.settings.items():
        default = "" if setting.default is None else f" (default `{setting.default}`)"
        yield "Deployment", f"`{name}`: {setting.description}{default}"
    if serving.key_env:
        yield "Token", f"`{serving.key_env}`, apart from the key"
    if serving.hourly_cost is not None:
        yield "Cost", f"about ${serving.hourly_cost:.2f} an hour while a deployment exists"
    for text in (serving.note, serving.instructions):
        if text:
            yield "Serving", text
