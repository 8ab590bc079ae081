"""Turns an error response, or a web page, into the error it means."""

from __future__ import annotations

from dataclasses import dataclass

from ftrunner.api.errors import (
    QUOTA_USED_UP,
    ApiError,
    AuthenticationFailed,
    BadRequest,
    BadResponse,
    NotFound,
    PermissionDenied,
    RateLimited,
    ServerError,
)
from ftrunner.api.http.error_body import ErrorDetails, read_error
from ftrunner.api.http.exchange import Response
from ftrunner.api.http.retry import retry_after
from ftrunner.api.redaction import Redactor
from ftrunner.providers import registry
from ftrunner.providers.facts import training_ends
from ftrunner.providers.profile import Profile
from ftrunner.providers.wire_mapping import KnownRefusal, RefusalMeaning
from ftrunner.text import cleaned_line


@dataclass(frozen=True, slots=True)
class Kind:
    """What a status means: the error, its code, and what to say and advise."""

    error: type[ApiError]
    code: str
    reason: str
    hint: str


_BAD_REQUEST = Kind(
    BadRequest,
    "FT314",
    "the provider does not accept the request",
    "fix what the provider's message points at; see `ftrunner explain FT314`",
)
_NO_ROUTE = Kind(
    NotFound,
    "FT319",
    "the server does not have this route",
    "not every OpenAI-shaped server can fine-tune; check `base_url`, which usually ends in /v1",
)
_SERVER_ERROR = Kind(
    ServerError,
    "FT317",
    "the server failed",
    "run the command again later: what was done is on record",
)
_SEE_ACCOUNT = (
    "check its id, that the key belongs to the account that created it, and how `base_url` ends"
)
_REDIRECT = Kind(
    BadResponse,
    "FT305",
    "the server redirects elsewhere; the key was not sent there",
    "put the address it names into `base_url` if you trust it",
)
_USED_UP = Kind(
    RateLimited,
    "FT316",
    "the account's quota is used up",
    "waiting does not help: see the billing page of the provider",
)
_NOT_OFFERED = Kind(
    PermissionDenied,
    "FT310",
    "the provider does not let this account start training",
    "`ftrunner plan SPEC --provider NAME` shows what carries over to another provider",
)
PROXY_WANTS_LOGIN = 407
PROXY_LOGIN = "put them into HTTPS_PROXY and HTTP_PROXY: http://USER:PASSWORD@HOST:PORT"
_PROXY_LOGIN = Kind(
    BadRequest, "FT309", "a proxy on the way wants a user and a password", PROXY_LOGIN
)
# A proxy's or a firewall's page, or that of a server which is not an API. What an error of a server
# behind it did is not known; 511 is only ever a proxy's (RFC 6585).
_PAGE_KINDS = {
    200: BadResponse,
    403: PermissionDenied,
    451: PermissionDenied,
    503: ServerError,
    511: PermissionDenied,
}


def _page(status: int) -> Kind:
    return Kind(
        _PAGE_KINDS[status],
        "FT309",
        "a web page came in place of the provider's answer",
        "a proxy, a firewall or a Wi-Fi sign-in may have sent it: ask for the address to be let "
        "through; else check `base_url`",
    )


_NOT_ALLOWED = Kind(
    PermissionDenied,
    "FT312",
    "the key may not do this",
    "the account, project or region may lack the right; see the provider's console",
)
_MEANINGS = {
    RefusalMeaning.NOT_OFFERED: _NOT_OFFERED,
    RefusalMeaning.NOT_ALLOWED: _NOT_ALLOWED,
}
_SAVE = "`ftrunner import --all` saves the jobs there are"
_BY_STATUS = {
    401: Kind(
        AuthenticationFailed,
        "FT311",
        "the provider does not accept the key",
        "name the variable that holds the key as `api_key_env`",
    ),
    403: _NOT_ALLOWED,
    404: Kind(NotFound, "FT313", "the provider does not have it", _SEE_ACCOUNT),
    405: _NO_ROUTE,
    408: _SERVER_ERROR,
    410: Kind(
        NotFound, "FT313", "it no longer exists at the provider", "use another, or make it again"
    ),
    413: Kind(
        BadRequest,
        "FT318",
        "the file is larger than the server takes",
        "a proxy in front of the server may have a lower limit than the provider",
    ),
    425: _SERVER_ERROR,
    429: Kind(
        RateLimited, "FT315", "too many requests", "wait a little, or ask for a higher limit"
    ),
    PROXY_WANTS_LOGIN: _PROXY_LOGIN,
    501: _NO_ROUTE,
}


def refusal(
    doing: str,
    response: Response,
    *,
    now: float,
    redactor: Redactor,
    profile: Profile | None = None,
    key_env: str | None = None,
) -> ApiError:
    """The error that `response` means. `doing` starts the message: "Uploading the file".

    `now` is wall time in seconds, for a Retry-After that is a date; `redactor` hides what the
    provider repeats; `profile` knows the provider's own refusals, and the days on which
    training ends; `key_env` is the variable of the key that was sent.
    """
    response = redactor.response(response)
    details = read_error(response.status, response.headers, response.body)
    known = _known(details, profile)
    kind = _kind(response, details, known.meaning)
    said = _target(response) if response.status in range(300, 400) else details.message
    text = f"{doing} failed: {kind.reason} (HTTP {response.status})"
    return kind.error(
        f"{text}: {said}" if said else f"{text}.",
        code=kind.code,
        hint=known.fix or _hint(kind, profile, key_env),
        status=response.status,
        request_id=details.request_id,
        provider_code=details.code or details.type,
        param=details.param,
        raw=details.raw,
        retry_after=retry_after(response.headers, now=now),
    )


def _hint(kind: Kind, profile: Profile | None, key_env: str | None) -> str:
    if profile and kind is _NOT_OFFERED:
        return _way_out(profile)
    if key_env and kind.error is AuthenticationFailed:
        return f"check the key in {key_env}; a key works only at its own provider"
    return kind.hint


def _kind(response: Response, details: ErrorDetails, meaning: RefusalMeaning | None) -> Kind:
    status = 200 if response.is_success else response.status
    if not meaning and status in _PAGE_KINDS and response.is_page:
        return _page(status)
    if status == 429 and (details.code or details.type) in QUOTA_USED_UP:
        return _USED_UP
    if meaning and status >= 400:
        return _MEANINGS[meaning]
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if status >= 500:
        return _SERVER_ERROR
    return _BAD_REQUEST if status >= 400 else _REDIRECT


def _way_out(profile: Profile) -> str:
    """What is known of the end of training at `profile`, and where else it goes on."""
    others = [name for name in registry.names() if name not in (profile.name, "generic")]
    ends = [sentence + "; " for sentence in training_ends(profile)]
    return (
        f"{''.join(ends)}`ftrunner plan SPEC --provider NAME` shows what carries over to "
        f"{', '.join(others)}; {_SAVE}"
    )


def _known(details: ErrorDetails, profile: Profile | None) -> KnownRefusal:
    """The refusal as the profile knows it, or else as gateways in front of any provider say it."""
    gateways = registry.get("generic").refusals
    refusals = (*profile.refusals, *gateways) if profile else gateways
    words = f"{details.message} {details.raw}"  # a page's title says less than the page
    codes = (details.code, details.type)
    met = (one for one in refusals if any(one.is_met(words, code) for code in codes))
    return next(met, KnownRefusal())


def _target(response: Response) -> str | None:
    return cleaned_line(response.headers.get("location", ""), 500) or None
