"""Rules about images: where they stand, how many, of which type and size."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ftrunner.dataset.lines.conversation import Example, Problem

# OpenAI vision fine-tuning guide. How many there may be is in the profiles.
LARGEST_IMAGE = 10 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "image/webp")

_DATA_URL = re.compile(r"data:([a-z]+/[a-z0-9.+-]+)?(?:;[a-z0-9=-]+)*;base64,", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/]*={0,2}\Z")
_WEB = ("https://", "http://")


def images_are_shown_to_the_model(example: Example) -> Iterator[Problem]:
    for image in example.images:
        if image.role != "user":
            yield image.path, f"an image stands in a message from '{image.role}'"


def preference_is_text_only(example: Example) -> Iterator[Problem]:
    for image in example.images:
        yield image.path, "preference data holds text only"


def not_too_many(example: Example, most: int | None = None) -> Iterator[Problem]:
    count = len(example.images)
    if most is not None and count > most:
        yield ("messages",), f"{count} images in one example; at most {most} are taken"


def images_are_data(example: Example) -> Iterator[Problem]:
    for image in example.images:
        if image.url.startswith(_WEB):
            yield (*image.path, "url"), "the image is on the web"


def addresses_are_usable(example: Example) -> Iterator[Problem]:
    for image in example.images:
        if not image.url.startswith(_WEB) and not _DATA_URL.match(image.url):
            yield (*image.path, "url"), "the image has neither a web address nor base64 data"
        elif image.url.startswith("data:") and not _BASE64.match(_payload(image.url)):
            yield (*image.path, "url"), "the image's data is not base64"


def types_are_known(example: Example) -> Iterator[Problem]:
    for image in example.images:
        match = _DATA_URL.match(image.url)
        if match and (match.group(1) or "").lower() not in TYPES:
            yield (*image.path, "url"), f"the image is {match.group(1) or 'of no type'}"


def not_too_big(example: Example) -> Iterator[Problem]:
    for image in example.images:
        size = len(_payload(image.url)) * 3 // 4
        if size > LARGEST_IMAGE:
            path = (*image.path, "url")
            yield path, f"the image has {size:,} bytes; {LARGEST_IMAGE:,} are taken"


def _payload(url: str) -> str:
    return url.partition(",")[2] if url.startswith("data:") else ""
