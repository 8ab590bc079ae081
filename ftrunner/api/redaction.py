"""Keys taken out of everything that is written or shown: providers repeat what they were sent."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from ftrunner.api.http.exchange import Request, Response
from ftrunner.api.unescape import Unescaped, has_escape, unescaped
from ftrunner.text import texts_in

REDACTED = "[redacted]"
_SHORTEST_HIDDEN_ANYWHERE = 8  # anything shorter would hide ordinary text
_MOST_LAYERS = 5  # of escapes within escapes
_SIGNS = (b"\\", b"%", b"&", b"\n")  # each escape has one

# Headers of ours whose values are not secret; a gateway's key may be in any other.
PLAIN_HEADERS = frozenset({"accept", "content-type", "user-agent"})


def secrets_of(request: Request) -> tuple[str, ...]:
    """What must not be seen again: the key, and the values of headers that the user added.

    A short key is hidden in its own header, too, where it is not all there is.
    """
    added = added_secrets(request.headers)
    credential = request.credential
    if credential is None:
        return added
    is_short = len(credential.key) < _SHORTEST_HIDDEN_ANYWHERE
    keys = (credential.key, credential.value) if is_short else (credential.key,)
    return (*keys, *added)


def added_secrets(headers: Mapping[str, str]) -> tuple[str, ...]:
    """The values of those headers that may hold a gateway's key."""
    return tuple(text for name, text in headers.items() if name.lower() not in PLAIN_HEADERS)


class Redactor:
    """Replaces every secret of a run by `[redacted]`, in all the forms that it may come back in.

    A secret of 8 characters and more is hidden wherever it is: plain, behind the escapes of JSON,
    addresses and HTML, also within each other, and in base64, also in the middle of something
    longer. A shorter one is hidden where a whole text, header or JSON string equals it. `keys` are
    hidden in names and ids, too; `others`, what a spec takes from the environment, may be a part of
    those.
    """

    def __init__(self, keys: Iterable[str | None] = (), others: Iterable[str | None] = ()) -> None:
        self._keys = _stripped(keys)
        self._secrets = tuple(dict.fromkeys((*self._keys, *_stripped(others))))
        self._anywhere = _Forms(self._secrets)
        has_others = self._secrets != self._keys
        self._in_names = _Forms(self._keys) if has_others else self._anywhere

    def plus(self, secrets: Iterable[str | None]) -> Redactor:
        """A redactor that hides `secrets`, too."""
        more = [secret for secret in _stripped(secrets) if secret not in self._secrets]
        return Redactor(self._keys, (*self._secrets, *more)) if more else self

    def is_clean(self, json_text: bytes) -> bool:
        """Whether JSON certainly has no secret: none as it is, and no escape that may hide one."""
        return self._anywhere.are_certainly_not_in(json_text)

    def text(self, text: str) -> str:
        """`text` with every secret replaced."""
        return self._anywhere.text(text)

    def bytes(self, body: bytes) -> bytes:
        """`body` with every secret replaced, and so in every JSON string in it."""
        return self._anywhere.body(body)

    def json(self, document: Any) -> Any:
        """A JSON document with every secret replaced in all of its texts."""
        return self._anywhere.document(document)

    def names(self, document: Any) -> Any:
        """The same for the keys alone: what is recorded, and asked for again."""
        return self._in_names.document(document)

    def response(self, response: Response) -> Response:
        """`response` with every secret in its headers and body replaced."""
        headers, body = self.json(response.headers), self.bytes(response.body)
        return replace(response, headers=headers, body=body)


class _Forms:
    """Some secrets, in every form."""

    def __init__(self, secrets: Iterable[str]) -> None:
        secrets = tuple(secrets)
        hidden = [each for each in secrets if len(each) >= _SHORTEST_HIDDEN_ANYWHERE]
        spelt = dict.fromkeys(form for secret in hidden for form in _forms(secret))
        self._parts = tuple(spelt)
        self._wholes = tuple(each.encode() for each in secrets if each not in hidden)
        self._needles = self._parts + self._wholes
        self._signs_in_json = (*_SIGNS[:-1], *self._needles)  # where a line break is an escape

    def are_certainly_not_in(self, json_text: bytes) -> bool:
        return not self._needles or not any(map(json_text.__contains__, self._signs_in_json))

    def may_be_in(self, text: bytes) -> bool:
        """Whether `body` may find one: a quick look that misses none."""
        for _ in range(_MOST_LAYERS + 1):
            if any(needle in text for needle in self._needles):
                return True
            escaped, text = text, unescaped(text) if any(map(text.__contains__, _SIGNS)) else text
            if text == escaped:
                return False
        return False

    def document(self, document: Any) -> Any:
        return _within(document, self) if self.may_be_in(_as_one(document)) else document

    def text(self, text: str) -> str:
        shown = self.body(text.encode(errors="surrogatepass"))
        return shown.decode(errors="surrogatepass")

    def body(self, body: bytes) -> bytes:
        if not self.may_be_in(body):
            return body
        layers: list[Unescaped] = []
        found: list[tuple[int, int]] = []
        while True:
            text = layers[-1].text if layers else body
            for start, end in self._places(text):
                for layer in reversed(layers):
                    start, end = layer.start(start), layer.end(end)
                found.append((start, end))
            if not has_escape(text) or len(layers) == _MOST_LAYERS:
                return _without(body, found) if found else body
            layers.append(Unescaped(text))

    def _places(self, text: bytes) -> Iterator[tuple[int, int]]:
        """Where the secrets begin and end in `text` as it is."""
        for part in self._parts:
            if part in text:  # hardly ever
                yield from _occurrences(text, part)
        for whole in self._wholes:
            if text.strip() == whole:
                yield 0, len(text)
            for start, end in _occurrences(text, b'"%b"' % whole):
                yield start + 1, end - 1


def _occurrences(text: bytes, part: bytes) -> Iterator[tuple[int, int]]:
    start = text.find(part)
    while start >= 0:
        yield start, start + len(part)
        start = text.find(part, start + 1)


def _without(body: bytes, places: Iterable[tuple[int, int]]) -> bytes:
    """`body` with what is at `places`, which may overlap, replaced."""
    pieces, done = [], 0
    for start, end in sorted(places):
        if start >= done:
            pieces += [body[done:start], REDACTED.encode()]
        done = max(done, end)
    return b"".join((*pieces, body[done:]))


def _as_one(document: Any) -> bytes:
    """All texts of a JSON document as one. No escape goes across a space."""
    return " ".join(texts_in(document)).encode(errors="surrogatepass")


def _within(document: Any, forms: _Forms) -> Any:
    if isinstance(document, str):
        return forms.text(document)
    if isinstance(document, Mapping):
        return {forms.text(k): _within(v, forms) for k, v in document.items()}
    if isinstance(document, list):
        return [_within(item, forms) for item in document]
    if isinstance(document, tuple):
        return tuple(_within(item, forms) for item in document)
    return document


def _stripped(texts: Iterable[str | None]) -> tuple[str, ...]:
    """Bytes that are not UTF-8, as a variable may hold, can be neither sent nor shown."""
    stripped = (text.encode(errors="ignore").decode().strip() for text in texts if text)
    return tuple(dict.fromkeys(text for text in stripped if text))


def _forms(secret: str) -> Iterator[bytes]:
    """The secret as it may be found behind escapes, and its base64, also that of it escaped."""
    in_forms, in_csv = secret.replace(" ", "+"), secret.replace('"', '""')
    for written in dict.fromkeys((secret, in_forms, in_csv)):
        yield from _behind_escapes(written.encode())
    in_json = json.dumps(secret)[1:-1]
    escaped_forms = (secret, in_json, quote(secret, safe=""), html.escape(secret))
    for escaped in dict.fromkeys(escaped_forms):
        yield from _in_base64(escaped.encode())


def _behind_escapes(secret: bytes) -> Iterator[bytes]:
    """A secret may itself have what looks like an escape.

    Where that leaves fewer than 8 characters, they are not looked for: they could be anything.
    """
    for _ in range(_MOST_LAYERS):
        if len(secret) >= _SHORTEST_HIDDEN_ANYWHERE:
            yield secret
        secret = Unescaped(secret).text


def _in_base64(secret: bytes) -> Iterator[bytes]:
    """What of the secret's base64 is the same whatever comes before and after it, at each place
    in a group of three bytes that it may begin at.
    """
    for before, mixed in ((0, 0), (1, 2), (2, 3)):
        whole = (before + len(secret)) * 8 // 6  # characters that hold nothing of what follows
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"\0" * before + secret)[mixed:whole]
