"""From a path on the command line to a spec and its target. No network, no key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from ftrunner.api.address import checked_base_url
from ftrunner.cli.options import TargetOptions, parse_variables
from ftrunner.diagnostics import Finding, has_errors
from ftrunner.engine.target import REHEARSAL, Target, normalise
from ftrunner.errors import InvalidInput
from ftrunner.providers import registry
from ftrunner.providers.profile import Profile
from ftrunner.spec.load import load_spec
from ftrunner.spec.model import Spec
from ftrunner.spec.pointing import point


def load(path: Path, options: TargetOptions, environment: Mapping[str, str] = os.environ) -> Spec:
    """The spec at `path`. Raises InvalidInput with every finding."""
    loaded = load_spec(
        path,
        display=str(path),
        environment=environment,
        variables=parse_variables(options.variables),
    )
    if loaded.spec is None or has_errors(loaded.findings):
        raise InvalidInput(loaded.findings)
    return loaded.spec


def target(spec: Spec, options: TargetOptions) -> Target:
    """Where `spec` is applied: the command line goes before the spec, the spec before the profile.

    In a rehearsal the address is not known before the mock server runs: it is empty here.
    Raises RefusedAddress for one that no key may be sent to.
    """
    profile = _profile(spec, options)
    if options.mock:
        return Target(profile, base_url="", endpoint=REHEARSAL, scenario=options.scenario)
    own_address = None if options.provider else spec.base_url
    base_url = options.base_url or own_address or profile.base_url
    if base_url is None:
        raise InvalidInput([_no_address(spec, profile)])
    address = checked_base_url(base_url, allow_insecure=options.insecure_http)
    return Target(
        profile,
        base_url=address,
        endpoint=normalise(address),
        allow_insecure=options.insecure_http,
    )


def _profile(spec: Spec, options: TargetOptions) -> Profile:
    profiles = registry.with_folders(registry.folders(spec.folder, options.profiles))
    name = options.provider or spec.provider
    if name:
        return profiles.get(name)
    return profiles.guess(options.base_url or spec.base_url or "")


def _no_address(spec: Spec, profile: Profile) -> Finding:
    return point(
        spec,
        ("provider",),
        code="FT331",
        message=f"the profile {profile.name} has no base URL of its own",
        hint="add `base_url:` to the spec, or pass --base-url",
    )
