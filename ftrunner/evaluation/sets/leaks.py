"""Which rows of a test set a model was trained on: the user says the same to it.

Compared is all that the user says up to an answer, whatever the system prompt and the answers are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import msgspec
from xxhash import xxh3_64_intdigest

from ftrunner.dataset.files.reader import DataFile, ReadError, read_blocks


class _Line(msgspec.Struct):
    messages: list[dict[str, Any]] = []
    input: Any = None
    prompt: Any = None


_DECODER = msgspec.json.Decoder(_Line)


def conversation_key(messages: Iterable[Mapping[str, Any]]) -> int:
    """What two conversations have in common in which the user says the same."""
    return next(reversed(list(_keys(messages))), 0)


def trained_keys(files: Iterable[DataFile], wanted: Collection[int]) -> set[int]:
    """Those of the conversations `wanted` that the training data has, whole or as a beginning.

    Lines and files that cannot be read have other findings.
    """
    found: set[int] = set()
    for file in files:
        with suppress(ReadError):
            for block in read_blocks(file):
                for line in block.splitlines():
                    found.update(key for key in _keys(_said(line)) if key in wanted)
    return found


def _said(line: bytes) -> Iterable[Mapping[str, Any]]:
    """The messages that a line of training data has in any format."""
    try:
        decoded = _DECODER.decode(line)
    except (msgspec.MsgspecError, RecursionError):
        return ()
    if isinstance(decoded.prompt, str):
        return ({"role": "user", "content": decoded.prompt},)
    if isinstance(decoded.input, dict):
        messages = decoded.input.get("messages")
        return [m for m in messages if isinstance(m, dict)] if isinstance(messages, list) else ()
    return decoded.messages


def _keys(messages: Iterable[Mapping[str, Any]]) -> Iterator[int]:
    """A key after each thing that the user says."""
    said = ""
    for message in messages:
        if message.get("role") == "user":
            said += f"{_text(message.get('content')).strip()}\0"
            yield xxh3_64_intdigest(said.encode(errors="surrogatepass"))


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "".join(map(_part, content))
    return content if isinstance(content, str) else ""


def _part(part: Any) -> str:
    text = part.get("text") if isinstance(part, dict) else part
    return text if isinstance(text, str) else msgspec.json.encode(part).decode()
