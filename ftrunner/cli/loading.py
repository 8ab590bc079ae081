"""From a path on the command line to a spec and its target. No network, no key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from ftrunner.api.http.credential import RefusedAddress, checked_base_url
from ftrunner.cli.options import TargetOptions, parse_variables
from ftrunner.engine.checks.settings import (
    address_settings,
    at_provider,
    block,
    deployment_block,
    is_given,
)
from ftrunner.engine.target import REHEARSAL, Target, normalise
from ftrunner.errors import InvalidInput
from ftrunner.findings import Finding, Location, has_errors
from ftrunner.providers import registry
from ftrunner.providers.port_spec import Move, move
from ftrunner.providers.profile import Profile
from ftrunner.spec.load import load_spec
from ftrunner.spec.model import Spec, point
from ftrunner.spec.testing import Opponent
from ftrunner.text import escaped


@dataclass(frozen=True, slots=True)
class Loaded:
    """A spec as its provider takes it, with what became of each setting, and all profiles."""

    move: Move
    options: TargetOptions
    profiles: registry.Profiles

    @property
    def spec(self) -> Spec:
        """What does not carry over to the provider is left in the spec's `findings`."""
        return self.move.spec

    def target(self) -> Target:
        """Where the spec is applied. Raises RefusedAddress or InvalidInput, as `target` does."""
        return _target(self.spec, self.options, self.profiles)


def load(path: Path, options: TargetOptions, environment: Mapping[str, str] = os.environ) -> Loaded:
    """Load the spec at `path`. Raises InvalidInput with every finding about its text."""
    spec = _read(path, options, environment)
    profiles = _profiles(spec, options)
    home = _home(spec, profiles)
    moved = move(spec, home, profiles.get(options.provider) if options.provider else home)
    return Loaded(moved, options, profiles)


def _read(path: Path, options: TargetOptions, environment: Mapping[str, str]) -> Spec:
    if str(path) == "-":
        raise InvalidInput([_not_a_file()])
    loaded = load_spec(
        path,
        display=escaped(str(path)),
        environment=environment,
        variables=parse_variables(options.variables),
    )
    if loaded.spec is None or has_errors(loaded.findings):
        raise InvalidInput(loaded.findings)
    return loaded.spec


def _not_a_file() -> Finding:
    return Finding(
        code="FT101",
        message="a spec cannot be read from stdin: its data and its lock file are beside it",
        location=Location("-"),
        hint="save it as a file and name that",
    )


def target(spec: Spec, options: TargetOptions) -> Target:
    """Where `spec` is applied: the command line goes before the spec, the spec before the profile.

    A setting that the profile's address holds is needed for a rehearsal too.
    Raises RefusedAddress, or InvalidInput, for an address that no key may be sent to.
    """
    return _target(spec, options, _profiles(spec, options))


def _target(spec: Spec, options: TargetOptions, profiles: registry.Profiles) -> Target:
    here = _unaddressed(spec, options, profiles)
    base_url = options.base_url or spec.base_url or _own_address(spec, here.profile)
    if options.mock:
        return here
    if base_url is None:
        raise InvalidInput([_no_address(spec, here.profile)])
    address = _address(spec, base_url, options)
    return replace(
        here,
        base_url=address,
        endpoint=normalise(address),
        allow_insecure=options.insecure_http,
    )


def opponent(spec: Spec, here: Target, other: Opponent) -> tuple[Spec, Target]:
    """The spec and the target for asking a model that `spec` is compared with, at another place.

    No key and no header that `spec` has for one place goes to another. Raises InvalidInput,
    UnknownProvider or RefusedAddress.
    """
    profile = here.profile
    if other.provider:
        profile = here.profiles.get(other.provider)
    elif other.base_url:
        profile = here.profiles.guess(other.base_url)
    is_home = profile.name == here.profile.name
    moved = spec if is_home else move(spec, here.profile, profile).spec
    there = replace(moved, provider=profile.name)
    if other.base_url:
        there = replace(there, base_url=other.base_url, api_key_env=None, extra_headers={})
    if other.api_key_env:
        there = replace(there, api_key_env=other.api_key_env)
    options = TargetOptions(
        mock=here.is_rehearsal, scenario=here.scenario, insecure_http=here.allow_insecure
    )
    return there, _target(there, options, here.profiles)


def unaddressed(spec: Spec, options: TargetOptions) -> Target:
    """The provider of `spec` without an address: for what sends nothing, and for a rehearsal, whose
    address is not known before the mock server runs.
    """
    return _unaddressed(spec, options, _profiles(spec, options))


def _unaddressed(spec: Spec, options: TargetOptions, profiles: registry.Profiles) -> Target:
    profile = _profile(spec, options, profiles).without(spec.missing)
    return Target(
        replace(profile, api_key_env=spec.api_key_env or profile.api_key_env),
        base_url="",
        endpoint=REHEARSAL,
        scenario=options.scenario,
        again=options.again,
        profiles=profiles,
    )


def bare_target(options: TargetOptions, folder: Path) -> Target:
    """Where the options alone lead, for what belongs to no spec; `folder` may have profiles.

    Raises RefusedAddress, UnknownProvider, and UsageError where they do not lead anywhere.
    """
    if not (options.provider or options.base_url):
        raise click.UsageError("say which provider: --provider NAME, --base-url URL")
    profiles = registry.with_folders(registry.folders(folder, options.profiles))
    given = options.base_url or ""
    profile = profiles.get(options.provider) if options.provider else profiles.guess(given)
    base_url = options.base_url or profile.base_url
    if base_url is None or "{" in base_url:
        raise click.UsageError(f"{profile.title} has no address: pass --base-url URL")
    address = checked_base_url(base_url, allow_insecure=options.insecure_http)
    return Target(
        profile,
        base_url=address,
        endpoint=normalise(address),
        allow_insecure=options.insecure_http,
        again=options.again,
        profiles=profiles,
    )


def _address(spec: Spec, base_url: str, options: TargetOptions) -> str:
    """`base_url`, checked. Raises InvalidInput, which points at it, where the spec gives it."""
    try:
        return checked_base_url(base_url, allow_insecure=options.insecure_http)
    except RefusedAddress as error:
        if base_url != spec.base_url:
            raise
        finding = point(
            spec, ("base_url",), code=error.code, message=error.message, hint=error.hint
        )
        raise InvalidInput([finding]) from error


def _profile(spec: Spec, options: TargetOptions, profiles: registry.Profiles) -> Profile:
    if options.provider:
        return profiles.get(options.provider)
    if spec.provider:
        return _named(spec, spec.provider, profiles)
    return profiles.guess(options.base_url or spec.base_url or "")


def _profiles(spec: Spec, options: TargetOptions) -> registry.Profiles:
    return registry.with_folders(registry.folders(spec.folder, options.profiles))


def _home(spec: Spec, profiles: registry.Profiles) -> Profile:
    """The profile that the spec is written for."""
    if spec.provider:
        return _named(spec, spec.provider, profiles)
    return profiles.guess(spec.base_url or "")


def _named(spec: Spec, name: str, profiles: registry.Profiles) -> Profile:
    """The profile that the spec names. Raises InvalidInput, which points at the name."""
    try:
        return profiles.get(name)
    except registry.UnknownProvider as error:
        finding = point(
            spec, ("provider",), code=error.code, message=error.message, hint=error.hint
        )
        raise InvalidInput([finding]) from error


def _own_address(spec: Spec, profile: Profile) -> str | None:
    """The profile's address, its placeholders filled with the spec's settings.

    Raises InvalidInput for one that the spec does not give.
    """
    if profile.base_url is None:
        return None
    lacking = [name for name in address_settings(profile) if not is_given(spec, name)]
    if lacking:
        message = f"the address of {profile.title} needs {lacking[0]!r}: {profile.base_url}"
        hint = f"add {block(spec, profile, deployment_block(spec, profile))}, or pass --base-url"
        raise InvalidInput([at_provider(spec, profile, code="FT334", message=message, hint=hint)])
    return profile.base_url.format_map(dict(spec.deployment))


def _no_address(spec: Spec, profile: Profile) -> Finding:
    message = f"the profile {profile.name} has no base URL"
    hint = f"add {block(spec, profile, 'base_url: https://…')}, or pass --base-url"
    return at_provider(spec, profile, code="FT331", message=message, hint=hint)
