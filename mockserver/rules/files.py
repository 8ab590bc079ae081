"""The rules for files.

Source: the contract's `CreateFileRequest` and `FileExpirationAfter`.
"""

from __future__ import annotations

from mockserver.http.errors import bad_request

PURPOSES = ("assistants", "batch", "fine-tune", "vision", "user_data", "evals")
MIN_EXPIRY, MAX_EXPIRY = 3600, 2_592_000


def check_purpose(purpose: object) -> str:
    """The purpose, if files may be uploaded with it."""
    if purpose is None:
        raise bad_request(
            "Missing required parameter: 'purpose'.",
            param="purpose",
            code="missing_required_parameter",
        )
    if purpose not in PURPOSES:
        names = ", ".join(f"'{name}'" for name in PURPOSES)
        raise bad_request(
            f"Invalid value for 'purpose': expected one of {names}.",
            param="purpose",
            code="invalid_value",
        )
    return str(purpose)


def expiry(anchor: object, seconds: object) -> int | None:
    """The seconds until a file expires; None if not requested."""
    if anchor is None and seconds is None:
        return None
    if anchor != "created_at":
        raise bad_request(
            "Invalid value for 'expires_after.anchor': expected 'created_at'.",
            param="expires_after.anchor",
            code="invalid_value",
        )
    text = str(seconds)
    if not (text.isascii() and text.isdigit() and MIN_EXPIRY <= int(text[:12]) <= MAX_EXPIRY):
        raise bad_request(
            "Invalid value for 'expires_after.seconds': expected an integer between "
            f"{MIN_EXPIRY} and {MAX_EXPIRY}.",
            param="expires_after.seconds",
            code="invalid_value",
        )
    return int(text)
