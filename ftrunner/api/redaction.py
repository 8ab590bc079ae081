"""Keys taken out of everything that is written or shown: providers repeat what they were sent."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote, quote_plus

from ftrunner.api.http.exchange import Request, Response

REDACTED = "[redacted]"
_SHORTEST_HIDDEN_ANYWHERE = 8  # anything shorter would hide ordinary text

# Headers of ours whose values are no secret; a gateway's key may be in any other.
PLAIN_HEADERS = frozenset({"accept", "content-type", "user-agent"})


def secrets_of(request: Request) -> tuple[str, ...]:
    """What must not be seen again: the key, and the values of headers that the user added.

    A short key is hidden in its own header, too, where it is not all there is.
    """
    added = (text for name, text in request.headers.items() if name.lower() not in PLAIN_HEADERS)
    credential = request.credential
    if credential is None:
        return tuple(added)
    is_short = len(credential.key) < _SHORTEST_HIDDEN_ANYWHERE
    keys = (credential.key, credential.value) if is_short else (credential.key,)
    return (*keys, *added)


class Redactor:
    """Replaces every secret of a run by `[redacted]`, in all the forms that it may come back in.

    A secret of 8 characters and more is hidden wherever it is: plain, in JSON and JSON within JSON,
    in an address, in HTML, and in base64, also in the middle of something longer. A shorter one is
    hidden where a whole text, header or JSON string equals it. `keys` are hidden in names and ids,
    too; `others`, what a spec takes from the environment, may be a part of those.
    """

    def __init__(self, keys: Iterable[str | None] = (), others: Iterable[str | None] = ()) -> None:
        self._keys = _stripped(keys)
        self._secrets = tuple(dict.fromkeys((*self._keys, *_stripped(others))))
        self._in_names = _Forms(self._keys)
        self._anywhere = _Forms(self._secrets)

    def plus(self, secrets: Iterable[str | None]) -> Redactor:
        """A redactor that hides `secrets`, too."""
        more = [secret for secret in _stripped(secrets) if secret not in self._secrets]
        return Redactor(self._keys, (*self._secrets, *more)) if more else self

    def text(self, text: str) -> str:
        """`text` with every secret replaced."""
        return self._anywhere.text(text)

    def bytes(self, body: bytes) -> bytes:
        """`body` with every secret replaced, and so in every JSON string in it."""
        return self._anywhere.bytes(body)

    def json(self, document: Any) -> Any:
        """A JSON document with every secret replaced in all of its texts."""
        return _within(document, self._anywhere)

    def names(self, document: Any) -> Any:
        """The same for the keys alone: what is recorded, and asked for again."""
        return _within(document, self._in_names)

    def response(self, response: Response) -> Response:
        """`response` with every secret in its headers and body replaced."""
        headers = {name: self.text(value) for name, value in response.headers.items()}
        return replace(response, headers=headers, body=self.bytes(response.body))


class _Forms:
    """Some secrets, in every form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        secrets = tuple(secrets)
        hidden = (each for each in secrets if len(each) >= _SHORTEST_HIDDEN_ANYWHERE)
        spelt = dict.fromkeys(form for secret in hidden for form in _forms(secret))
        # The longest first: of two that begin alike nothing is to be left over.
        self._parts = sorted(spelt, key=len, reverse=True)
        self._wholes = frozenset(secrets) - frozenset(self._parts)

    def text(self, text: str) -> str:
        if text.strip() in self._wholes:
            return REDACTED
        for part in self._parts:
            if part in text:
                text = text.replace(part, REDACTED)
        return text

    def bytes(self, body: bytes) -> bytes:
        if self._wholes and body.strip() in {whole.encode() for whole in self._wholes}:
            return REDACTED.encode()
        for part in self._parts:
            body = body.replace(part.encode(), REDACTED.encode())
        for whole in self._wholes:
            for quoted in _quoted(whole):
                body = body.replace(quoted, quoted[: quoted.index(b'"') + 1] + _CLOSED[quoted[:1]])
        return body


_CLOSED = {b'"': REDACTED.encode() + b'"', b"\\": REDACTED.encode() + b'\\"'}


def _quoted(whole: str) -> Iterator[bytes]:
    """A JSON string that is `whole`, and the same in JSON within JSON."""
    for ascii_only in (True, False):
        text = json.dumps(whole, ensure_ascii=ascii_only)
        yield text.encode()
        yield json.dumps(text, ensure_ascii=ascii_only)[1:-1].encode()


def _within(document: Any, forms: _Forms) -> Any:
    if isinstance(document, str):
        return forms.text(document)
    if isinstance(document, Mapping):
        return {forms.text(k): _within(v, forms) for k, v in document.items()}
    if isinstance(document, list):
        return [_within(item, forms) for item in document]
    return document


def _stripped(texts: Iterable[str | None]) -> tuple[str, ...]:
    """What is no character, as in a variable that is not UTF-8, can be neither sent nor shown."""
    stripped = (text.encode(errors="ignore").decode().strip() for text in texts if text)
    return tuple(dict.fromkeys(text for text in stripped if text))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield from _in_json(secret)
    yield from _in_addresses(secret)
    yield from _in_html(secret)
    yield from _in_base64(secret.encode())


def _in_json(secret: str) -> Iterator[str]:
    """In JSON, in JSON within JSON, and with the escapes of which JSON needs none."""
    in_json = json.dumps(secret)[1:-1]
    yield in_json
    yield in_json.replace("/", "\\/")
    yield json.dumps(in_json)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    for character in "<>&'=+":  # as JSON that is put into HTML has them
        in_json = in_json.replace(character, f"\\u{ord(character):04x}")
    yield in_json


def _in_addresses(secret: str) -> Iterator[str]:
    for once in (quote(secret), quote(secret, safe=""), quote_plus(secret)):
        yield once
        yield quote(once, safe="")
        yield _with_small_hex(once)


def _with_small_hex(address: str) -> str:
    first, *escaped = address.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in escaped)])


def _in_html(secret: str) -> Iterator[str]:
    escaped = html.escape(secret)
    yield html.escape(secret, quote=False)
    for apostrophe in ("&#x27;", "&#39;", "&apos;"):
        for quotation in ("&quot;", "&#34;"):
            yield escaped.replace("&#x27;", apostrophe).replace("&quot;", quotation)


def _in_base64(secret: bytes) -> Iterator[str]:
    """What of the secret's base64 is the same whatever stands before and after it, at each place
    in a group of three bytes that it may begin at.
    """
    for before, mixed in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(secret)) * 8 // 6  # characters that hold nothing of what follows
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"\0" * before + secret).decode()[mixed:whole]
