"""One byte form for one value, so that equal inputs have equal hashes.

The form (sorted keys, no spaces, UTF-8 unescaped, no NaN) is a contract: changing it changes
every fingerprint, and with it what people pay for. Golden values are tested.
"""

from __future__ import annotations

import hashlib
import json


def canonical_json(value: object) -> bytes:
    """`value` in the canonical form. Raises ValueError for NaN and infinities."""
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode()


def content_hash(value: object) -> str:
    """The sha256 of the canonical form, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
