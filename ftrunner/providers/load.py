"""A profile's YAML text as a Profile.

The shipped profiles are held to `schemas/provider.schema.json` by a test, so that reading one
costs no schema validation at start-up; the conversion checks every type all the same.
"""

from __future__ import annotations

from threading import Lock
from typing import Any

import msgspec
import yaml

from ftrunner.providers.profile import Profile

# msgspec 0.21 crashes where two threads learn a type at once.
_ONE_AT_A_TIME = Lock()


def parse_profile(text: str) -> Profile:
    """The profile that `text` describes.

    Raises yaml.YAMLError for what is not YAML and msgspec.ValidationError, which names the key,
    for what is not a profile.
    """
    return convert(document_of(text))


def document_of(text: str) -> Any:
    """The plain values of a shipped profile's text. Raises yaml.YAMLError."""
    # The C loader is a SafeLoader.
    return yaml.load(text, Loader=yaml.CSafeLoader)


def convert(document: Any) -> Profile:
    """The profile that plain values describe. Raises msgspec.ValidationError."""
    with _ONE_AT_A_TIME:
        return msgspec.convert(document, Profile)
