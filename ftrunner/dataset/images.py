"""Rules about images: where they stand, how many, of which type and size."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ftrunner.dataset import conversation
from ftrunner.dataset.conversation import Line, Path, Problem
from ftrunner.dataset.formats import Format

# OpenAI vision fine-tuning guide.
MOST_IMAGES = 10
LARGEST_IMAGE = 10 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "image/webp")

_DATA_URL = re.compile(r"data:([a-z]+/[a-z0-9.+-]+)?(?:;[a-z0-9=-]+)*;base64,", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_WEB = ("https://", "http://")


def images_are_shown_to_the_model(line: Line, format_: Format) -> Iterator[Problem]:
    for message in conversation.every_message(line, format_):
        if message.role != "user":
            for path, _ in conversation.images(message):
                yield path, f"an image stands in a message from '{message.role}'"


def preference_is_text_only(line: Line, format_: Format) -> Iterator[Problem]:
    for path, _ in _images(line, format_):
        yield path, "preference data holds text only"


def not_too_many(line: Line, format_: Format) -> Iterator[Problem]:
    count = sum(1 for _ in _images(line, format_))
    if count > MOST_IMAGES:
        yield ("messages",), f"{count} images in one example; at most {MOST_IMAGES} are taken"


def addresses_are_usable(line: Line, format_: Format) -> Iterator[Problem]:
    for path, image in _images(line, format_):
        url = image["url"]
        if not url.startswith(_WEB) and not _DATA_URL.match(url):
            yield (*path, "url"), "the image has neither a web address nor base64 data"
        elif url.startswith("data:") and not _BASE64.match(_payload(url)):
            yield (*path, "url"), "the image's data is not base64"


def types_are_known(line: Line, format_: Format) -> Iterator[Problem]:
    for path, image in _images(line, format_):
        match = _DATA_URL.match(image["url"])
        if match and (match.group(1) or "").lower() not in TYPES:
            yield (*path, "url"), f"the image is {match.group(1) or 'of no type'}"


def not_too_big(line: Line, format_: Format) -> Iterator[Problem]:
    for path, image in _images(line, format_):
        size = len(_payload(image["url"])) * 3 // 4
        if size > LARGEST_IMAGE:
            yield (*path, "url"), f"the image has {size:,} bytes; {LARGEST_IMAGE:,} are taken"


def _images(line: Line, format_: Format) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for message in conversation.every_message(line, format_):
        yield from conversation.images(message)


def _payload(url: str) -> str:
    return url.partition(",")[2] if url.startswith("data:") else ""
