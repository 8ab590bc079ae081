"""Every way a request to a provider can fail.

    ApiError
    ├── ConnectionFailed        no connection was made: nothing was sent
    │   └── CannotConnect       the same, and trying again will not help
    ├── ConnectionLost          sent, at least in part, and no whole answer came back
    │   └── TimedOut            the same, by waiting too long
    ├── BadResponse             an answer that the API does not have: not JSON, no id, a redirect
    ├── SourceChanged           the file to upload is not what it was; the request was broken off
    └── Refused                 the provider answered with an error status
        ├── BadRequest          400, 409, 413, 422 and other 4xx
        ├── AuthenticationFailed 401
        ├── PermissionDenied    403
        ├── NotFound            404, 405, 410, 501: the object or the route does not exist
        ├── RateLimited         429
        └── ServerError         408, 425, 5xx

`nothing_was_done` is the fact that "never pay twice" rests on: it is true only where the failure
proves that the request had no effect.
"""

from __future__ import annotations

from typing import ClassVar

from ftrunner.errors import RunFailed

# Codes sent with 429 for which no waiting helps (platform.openai.com/docs/guides/error-codes).
QUOTA_USED_UP = ("insufficient_quota", "billing_hard_limit_reached", "billing_not_active")

# Conflict, locked, failed dependency; 444 and 499 of nginx, 460 of Amazon's load balancer.
_PROVES_NOTHING = (409, 423, 424, 444, 460, 499)


class ApiError(RunFailed):
    """A request failed. The provider's words in it are bounded and printable, keys redacted."""

    _nothing_was_done: ClassVar[bool] = False
    _transient: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        code: str,
        hint: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        provider_code: str | None = None,
        param: str | None = None,
        raw: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.status = status
        self.request_id = request_id
        self.provider_code = provider_code
        self.param = param
        self.raw = raw
        self.retry_after = retry_after

    @property
    def nothing_was_done(self) -> bool:
        """Whether the failure proves that the request had no effect at the provider."""
        return self._nothing_was_done

    @property
    def is_transient(self) -> bool:
        """Whether the same request may well succeed a little later."""
        return self._transient


class ConnectionFailed(ApiError):
    """No connection was made, so nothing was sent."""

    _nothing_was_done = True
    _transient = True


class CannotConnect(ConnectionFailed):
    """No connection can be made until somebody changes something: an address, a certificate."""

    _transient = False


class ConnectionLost(ApiError):
    """The request went out, at least in part, and no whole answer came back."""

    _transient = True


class TimedOut(ConnectionLost):
    """The request went out and the answer did not come in time."""


class BadResponse(ApiError):
    """The provider answered with something that the API does not have."""


class SourceChanged(ApiError):
    """The file to upload is not the size it was; the request was broken off before its end."""

    _nothing_was_done = True


class Refused(ApiError):
    """The provider answered with an error status; `status` is set."""


class BadRequest(Refused):
    """The provider does not accept the request as it is."""

    @property
    def nothing_was_done(self) -> bool:
        """Not so with a conflict, which the request itself may have made where a gateway sent it
        twice, and with what gateways say of a connection that ended before the answer.
        """
        return self.status not in _PROVES_NOTHING


class AuthenticationFailed(Refused):
    """The provider does not accept the key."""

    _nothing_was_done = True


class PermissionDenied(Refused):
    """The key is valid and may not do this."""

    _nothing_was_done = True


class NotFound(Refused):
    """The object does not exist, or the route (405 and 501 mean only the route)."""

    _nothing_was_done = True


class RateLimited(Refused):
    """Too many requests, or a quota that is used up, which is not transient."""

    _nothing_was_done = True

    @property
    def is_transient(self) -> bool:
        return self.provider_code not in QUOTA_USED_UP


class ServerError(Refused):
    """The server failed; it may have carried out the request before that."""

    _transient = True
