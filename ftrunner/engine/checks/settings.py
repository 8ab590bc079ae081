"""Check `deployment:` before anything is sent.

A deployment is created after training was paid for, so a missing setting must be found before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from string import Formatter
from typing import Any

from ftrunner.findings import Finding
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec, point
from ftrunner.text import did_you_mean

_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")


def required(profile: Profile) -> tuple[str, ...]:
    """The settings without a default, which only the user knows."""
    settings = profile.serving.settings
    return tuple(name for name, setting in settings.items() if setting.default is None)


def is_given(spec: Spec, name: str) -> bool:
    """Whether the spec gives the setting a value other than an empty text."""
    value = spec.deployment.get(name)
    return value is not None and str(value).strip() != ""


def setting_findings(spec: Spec, profile: Profile) -> Iterator[Finding]:
    """Missing, unknown and invalid settings of a deployment at the provider.

    A model that the user deploys, and names as `model_name`, needs none.
    """
    if spec.model_name is None:
        yield from _missing(spec, profile)
    settings = profile.serving.settings
    for name, value in spec.deployment.items():
        if name in settings:
            yield from _refused(spec, profile, name, value)
        elif settings:
            yield point(
                spec,
                ("deployment", name),
                code="FT373",
                message=f"{profile.title} has no setting {name!r} of a deployment"
                f"{did_you_mean(name, settings)}",
                hint=f"it has {', '.join(settings)}",
                at="key",
            )


def _missing(spec: Spec, profile: Profile) -> Iterator[Finding]:
    needed = required(profile)
    lacking = [name for name in needed if not is_given(spec, name)]
    if lacking and not spec.deployment:
        yield at_provider(
            spec,
            profile,
            code="FT373",
            message=f"{profile.title} answers for a tuned model only after a deployment, and the "
            f"spec does not say {', '.join(lacking)}",
            hint=f"add {block(spec, profile, deployment_block(spec, profile))}; or deploy the "
            "model yourself and name it as `model_name:`",
        )
        return
    for name in lacking:
        description = profile.serving.settings[name].description
        yield point(
            spec,
            ("deployment",),
            code="FT373",
            message=f"deployment.{name} is missing: {description}",
            hint=f"a deployment at {profile.title} needs {', '.join(needed)}",
            at="key",
        )


def _refused(spec: Spec, profile: Profile, name: str, value: Any) -> Iterator[Finding]:
    if why := _why_refused(spec, profile, name, value):
        message = f"deployment.{name} is {why}"
        yield point(spec, ("deployment", name), code="FT373", message=message)


def _why_refused(spec: Spec, profile: Profile, name: str, value: Any) -> str | None:
    """A setting of the address names a host: a slip in it would send the key to another one."""
    setting = profile.serving.settings[name]
    if not is_given(spec, name):
        return None if setting.default is None else f"empty; left out, it is {setting.default}"
    if name in address_settings(profile) and not _LABEL.fullmatch(str(value)):
        return f"{value}; it is part of a host's name: letters, digits and dashes"
    if setting.allowed is not None and not setting.allowed.takes(value):
        return f"{value}; {profile.title} takes {setting.allowed.description}"
    return None


def at_provider(spec: Spec, profile: Profile, *, code: str, message: str, hint: str) -> Finding:
    """A finding at the spec's settings for `profile`, or at its `provider`."""
    own = ("providers", profile.name)
    path = own if profile.name in spec.providers else ("provider",)
    return point(spec, path, code=code, message=message, hint=hint, at="key")


def deployment_block(spec: Spec, profile: Profile) -> str:
    """`deployment:` with all missing settings, in the profile's order."""
    names = dict.fromkeys([*address_settings(profile), *required(profile)])
    lacking = (name for name in names if not is_given(spec, name))
    return f"deployment: {{{', '.join(f'{name}: …' for name in lacking)}}}"


def address_settings(profile: Profile) -> tuple[str, ...]:
    """The settings that are placeholders in the profile's base URL."""
    return tuple(name for _, name, _, _ in Formatter().parse(profile.base_url or "") if name)


def block(spec: Spec, profile: Profile, settings: str) -> str:
    """`settings` with the key of the spec under which they belong, to be pasted."""
    if spec.provider == profile.name:
        return f"`{settings}`"
    if profile.name in spec.providers:
        return f"`{settings}` to `providers.{profile.name}`"
    named = f"{profile.name}: {{{settings}}}"
    return f"`{named}` to `providers`" if spec.providers else f"`providers: {{{named}}}`"
