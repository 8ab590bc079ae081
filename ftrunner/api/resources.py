"""Requests that create and delete what a profile's `serving` describes."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from ftrunner.api.errors import NotFound
from ftrunner.api.fields import Document, encode
from ftrunner.api.http.caller import Caller
from ftrunner.api.http.credential import Credential, checked_base_url
from ftrunner.errors import ExitCode, FtrunnerError
from ftrunner.providers.profile import Auth
from ftrunner.providers.serving import Call, Resource
from ftrunner.providers.template import Values, fill, fill_url
from ftrunner.providers.wire_mapping import at_path


class MissingToken(FtrunnerError):
    """The variable of the token apart from the key is not set, or empty."""

    exit_code = ExitCode.INVALID


class Resources:
    """Creates, reads, finds and deletes resources. `token` None: the provider's key serves."""

    def __init__(self, caller: Caller, token: str | None, *, allow_insecure: bool = False) -> None:
        self._caller = caller
        self._token = token
        self._allow_insecure = allow_insecure
        parts = urlsplit(caller.base_url)
        self.addresses = {
            "origin": f"{parts.scheme}://{parts.netloc}",
            "base_url": caller.base_url,
        }

    def check_token(self) -> None:
        """Raises MissingToken where a token apart from the key is needed and not there."""
        self._credential()

    def create(self, resource: Resource, values: Values) -> Document:
        """The answer to the creation. Raises any ApiError; BadResponse where it has no id."""
        answer = self._document("create_resource", resource.create, values)
        if resource.id and not isinstance(at_path(answer, resource.id), str):
            raise self._caller.bad_response("create_resource", f"the answer has no {resource.id}")
        return answer

    def read(self, resource: Resource, values: Values) -> Document | None:
        """The resource as it is; None where it is not there."""
        try:
            return self._document("read_resource", resource.read, values)
        except NotFound:
            return None

    def delete(self, resource: Resource, values: Values) -> bool:
        """False where it was gone already, or cannot be deleted."""
        if resource.delete is None:
            return False
        try:
            self._document("delete_resource", resource.delete, values)
        except NotFound:
            return False
        return True

    def find(self, resource: Resource, values: Values) -> Document | None:
        """The one among all that `match` describes; None where there is none, or no listing."""
        if resource.listing is None:
            return None
        found = self._value("list_resources", resource.listing, values)
        items = found.get("data") if isinstance(found, Mapping) else found
        wanted = fill(resource.match, values)
        return next((item for item in items or () if _matches(item, wanted)), None)

    def _document(self, operation: str, call: Call, values: Values) -> Document:
        found = self._value(operation, call, values)
        return found if isinstance(found, Mapping) else {}

    def _value(self, operation: str, call: Call, values: Values) -> Any:
        everything = {**self.addresses, **values}
        url = fill_url(call.url, everything)
        address, _, _ = url.partition("?")
        checked_base_url(address, allow_insecure=self._allow_insecure)
        body = encode(fill(call.body, everything)) if call.body else None
        return self._caller.fetch(operation, call.method, url, body, self._credential())

    def _credential(self) -> Credential | None:
        variable = self._caller.profile.serving.key_env
        if variable is None:
            return self._caller.credential
        if self._token is None:
            raise MissingToken(
                f"the variable {variable} is not set, or empty; it must hold the token that "
                f"creates and deletes at {self._caller.profile.title}",
                code="FT322",
                hint=self._caller.profile.serving.note,
            )
        return Credential.of(Auth(), self._token)


def _matches(item: Any, wanted: Mapping[str, str]) -> bool:
    return all(fnmatchcase(str(at_path(item, path)), glob) for path, glob in wanted.items())
