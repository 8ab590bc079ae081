"""Rules about images: where they may be, how many, of which type and size."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ftrunner.dataset.lines.conversation import Example, Problem

# OpenAI vision fine-tuning guide. How many there may be is in the profiles.
LARGEST_IMAGE = 10 * 1024 * 1024
TYPES = ("image/jpeg", "image/png", "image/webp")

_DATA_URL = r"(?i)data:([a-z]+/[a-z0-9.+-]+)?(?:;[a-z0-9=-]+)*;base64,"
_BASE64 = r"[A-Za-z0-9+/]*={0,2}\Z"
_WEB = ("https://", "http://")
# Pages that show an image where people expect it.
_PAGE = (
    r"//(?:drive\.google\.com/(?:file/|open)|(?:www\.)?dropbox\.com/.*dl=0|github\.com/[^?]*/blob/"
    r"|(?:www\.)?imgur\.com/[a-zA-Z0-9]+$|1drv\.ms/)"
)
_PATH = r"(?i)^(?:[a-zA-Z]:\\|~?\.{0,2}/)|\.(?:png|jpe?g|webp|gif|bmp|tiff?)$"
_OTHER_ENDING = r"(?i)\.(?:gif|bmp|tiff?|svg|heic|avif|pdf)$"
_STARTS = {
    "iVBORw0KGgo": "image/png",
    "/9j/": "image/jpeg",
    "UklGR": "image/webp",
    "R0lGOD": "image/gif",
    "Qk0": "image/bmp",
    "SUkq": "image/tiff",
    "TU0AKg": "image/tiff",
}


def images_are_shown_to_the_model(example: Example) -> Iterator[Problem]:
    for image in example.images:
        if image.role != "user":
            yield image.path, f"an image is in a message from '{image.role}'"


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
        problem = _address_problem(image.url)
        if problem is not None:
            message, *hint = problem
            yield (*image.path, "url"), message, *hint  # type: ignore[misc]  # with a hint or without


def _address_problem(url: str) -> tuple[str] | tuple[str, str] | None:
    """What is wrong with where an image is, and how to write it."""
    if url.startswith(_WEB):
        if re.search(_PAGE, url):
            return (
                "the address is of a page with the image",
                "write the address of the image itself",
            )
        return None
    if not re.match(_DATA_URL, url):
        return _unknown_address(url)
    data = _payload(url)
    if re.match(_BASE64, data):
        return None
    if data.startswith(("b'", 'b"')):
        hint = "leave out b and the quotes: decode the bytes before they are written"
        return "the image's data is Python's repr of bytes, not base64", hint
    if re.match(_BASE64, "".join(data.split())):
        return "the image's base64 data has line breaks or spaces", "write it without them"
    return ("the image's data is not base64",)


def _unknown_address(url: str) -> tuple[str] | tuple[str, str]:
    type_ = _type_of(url)
    if type_:
        return "the image is base64 without its type", f"write data:{type_};base64, before it"
    if url.startswith("data:"):
        return ("the image's data is not base64",)
    if url.startswith("file-"):
        message = "the image is the id of a file, which no training reads"
    elif re.search(_PATH, url) or url.startswith("file:"):
        message = "the image is a file on one machine"
    else:
        return ("the image has neither a web address nor base64 data",)
    return message, "write its data: data:image/png;base64,…"


def types_are_known(example: Example) -> Iterator[Problem]:
    for image in example.images:
        problem = _type_problem(image.url)
        if problem is not None:
            message, *hint = problem
            yield (*image.path, "url"), message, *hint  # type: ignore[misc]  # with a hint or without


def _type_problem(url: str) -> tuple[str] | tuple[str, str] | None:
    """What is wrong with an image's type. One that is only called wrongly needs no conversion."""
    match = re.match(_DATA_URL, url)
    if match is None:
        ending = re.search(_OTHER_ENDING, url) if url.startswith(_WEB) else None
        return (f"the address ends in {ending.group()}",) if ending else None
    said = (match.group(1) or "").lower()
    is_ = _type_of(_payload(url)) or ("image/jpeg" if said == "image/jpg" else said)
    if is_ not in TYPES:
        return (f"the image is {is_ or 'of no type'}",)
    if is_ != said:
        called = f"is called {said}" if said else "has no type"
        return f"the image {called}, and its data is {is_}", f"write data:{is_};base64,…"
    return None


def _type_of(data: str) -> str | None:
    """The type of base64 data, known by its first bytes."""
    return next((type_ for start, type_ in _STARTS.items() if data.startswith(start)), None)


def not_too_big(example: Example) -> Iterator[Problem]:
    for image in example.images:
        size = len(_payload(image.url)) * 3 // 4
        if size > LARGEST_IMAGE:
            path = (*image.path, "url")
            yield path, f"the image has {size:,} bytes; {LARGEST_IMAGE:,} are taken"


def _payload(url: str) -> str:
    return url.partition(",")[2] if url.startswith("data:") else ""
