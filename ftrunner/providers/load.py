"""A profile's YAML text as a Profile.

The shipped profiles are held to `schemas/provider.schema.json` by a test, so that reading one
costs no schema validation at start-up; the conversion checks every type all the same.
"""

from __future__ import annotations

import msgspec
import yaml

from ftrunner.providers.profile import Profile


def parse_profile(text: str) -> Profile:
    """The profile that `text` describes.

    Raises yaml.YAMLError for what is not YAML and msgspec.ValidationError, which names the key,
    for what is not a profile.
    """
    # The C loader is a SafeLoader.
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    return msgspec.convert(document, Profile)
