"""Rules about the texts themselves: what no training text should hold.

Without the bytes that `suspects` names none of these rules finds anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ftrunner.dataset.lines.conversation import Example, Problem

# OpenAI's own samples of prompt/completion data end so.
_END = "<|endoftext|>"
_CONTROL = r"<\|[a-zA-Z0-9_]{1,40}\|>"

# Zero-width joiners and direction marks stay out: emoji, Persian, Arabic and Hebrew need them.
_INVISIBLE = (
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
_NAMES = {
    "\u200b": "zero-width space",
    "\u2060": "word joiner",
    "\ufeff": "byte order mark",
    "\x00": "null",
    "\x1b": "escape",
    "\x7f": "delete",
}


# What the bytes 0x80 to 0xBF of UTF-8 become when they are read as Windows-1252 or Latin-1, and
# those of them that neither end a word nor follow one.
_C = "[\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]"
_ODD = "[\u0080-\u009f€ƒ†‡ˆ‰˜¡¢£¤¥¦§¨ª¬¯±´µ¶¸º¼½¾¿]"
# The same of Windows-1251, the Cyrillic one.
_CYRILLIC = "[^\x00-\x7fА-я]"
_MOJIBAKE = "|".join(
    (
        # é, and all that is two bytes: after a capital it may be a word in capitals.
        f"(?<![A-ZÀ-Þ])[ÂÃ]{_C}",
        f"(?<=[a-zß-öø-ÿ])[Ä-ÖØ-Þ]{_C}",
        f"(?<![A-ZÀ-Þ])[Ä-ÖØ-Þ](?![†‡¡ª¿º]){_ODD}",
        "(?<![A-ZÀ-Þ])[Ä-ÖØ-Þ][‚„†‡‰Š‹ŒŽ“•™š›œžŸ][a-z]",
        f"(?:[Ä-Þ]{_C}){{2}}",
        # 你好, €, → and all that is three bytes; ’ and ✅ are of those that end a word.
        f"[à-ï](?:{_ODD}{_C}|{_C}{_ODD})",
        f"(?:[à-ï]{_C}{_C}){{2}}|(?:[à-ï]{_C}){{3}}",
        f"â[œšž]{_C}",
        "â[€\u0080]|ï»¿",
        # Emoji, in Turkish too.
        f"[ðğ][Ÿ\u009f]{_C}",
        # é and ’ read as Mac Roman, as Windows-1250 or 1251, and as DOS had them.
        "[a-z]√[©®§ºü°†ß¢¥ª•£™´]|‚Ä[ôìúùî¶¢]",
        "(?<=[a-z])[ĂГ][¤-¬®-¸]|вЂ",
        "[├┬┼╨╤╬][À-ÿƒ¢£¥©®°ª-¬º-½¿⌐¡]|ΓÇ[ÖÜûôöª£¥]|ÔÇ[ÖÜûôöØ£ª]",
        # Привет.
        f"Р[°±µ¶·»][РС]{_CYRILLIC}|[РС]{_CYRILLIC}Р[°±µ¶·»]",
        # Punctuation read as GBK, kana as Shift-JIS, and what is beyond repair.
        "[锛銆鈥]|[縺繧繝].{1,2}[縺繧繝]|锟斤拷",
    )
)


def no_mojibake(example: Example) -> Iterator[Problem]:
    for path, text in example.texts:
        match = re.search(_MOJIBAKE, text)
        if match:
            place = f"at character {match.start() + 1}"
            yield path, f"'{match.group()}' {place} is UTF-8 that was read as another encoding"


def has_mojibake(text: str) -> bool:
    """Whether FT265 finds anything in `text`."""
    return re.search(_MOJIBAKE, text) is not None


def no_special_tokens(example: Example) -> Iterator[Problem]:
    for path, text in example.texts:
        if path == ("completion",):
            text = text.rstrip().removesuffix(_END)
        for token in dict.fromkeys(re.findall(_CONTROL, text)):
            yield path, f"the text holds the special token {token}"


def nothing_invisible(example: Example) -> Iterator[Problem]:
    for path, text in example.texts:
        match = re.search(_INVISIBLE, text)
        if match:
            character = match.group()
            name = _NAMES.get(character, "control character")
            place = f"character {match.start() + 1}"
            yield path, f"an invisible {name} (U+{ord(character):04X}) is at {place}"


def no_replacement_characters(example: Example) -> Iterator[Problem]:
    for path, text in example.texts:
        if "\ufffd" in text:
            place = text.index("\ufffd") + 1
            yield path, f"the replacement character U+FFFD is at character {place}"


@dataclass(frozen=True, slots=True)
class SecretKind:
    """A kind of key: what it is called, and how it looks."""

    name: str
    pattern: str


SECRETS = (
    SecretKind("an API key", r"\bsk-[A-Za-z0-9_-]{16,}"),
    SecretKind("an AWS access key", r"\bAKIA[0-9A-Z]{16}\b"),
    SecretKind("a GitHub token", r"\b(?:gh[pousr]|github_pat)_[A-Za-z0-9_]{20,}"),
    SecretKind("a Hugging Face token", r"\bhf_[A-Za-z0-9]{20,}"),
    SecretKind("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
)
_EMAIL = (
    r"[A-Za-z0-9._%+-]{1,64}@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24})"
)
# Reserved for examples by RFC 2606 and RFC 6761: no one has such an address.
_NOBODY = r"(?i)(?:^|\.)(?:example(?:\.(?:com|org|net))?|test|invalid|localhost)$"


def no_secrets(example: Example) -> Iterator[Problem]:
    for path, text in example.texts:
        for kind in SECRETS:
            for match in re.finditer(kind.pattern, text):
                yield path, f"the text holds what looks like {kind.name}: {mask(match.group())}"


def no_addresses(example: Example) -> Iterator[Problem]:
    for path, text in example.texts:
        for match in re.finditer(_EMAIL, text):
            if not re.search(_NOBODY, match.group(1)):
                yield path, f"the text holds an e-mail address: {mask(match.group())}"


def without_invisible(text: str) -> str:
    """`text` without what FT260 finds."""
    return re.sub(_INVISIBLE, "", text)


def without_secrets(text: str) -> str:
    """`text` with a placeholder for what FT262 finds."""
    for kind in SECRETS:
        text = re.sub(kind.pattern, "[secret]", text)
    return text


def without_addresses(text: str) -> str:
    """`text` with a reserved address for each one that FT263 finds."""
    return re.sub(
        _EMAIL,
        lambda match: match.group() if re.search(_NOBODY, match.group(1)) else "user@example.com",
        text,
    )


def mask(secret: str) -> str:
    """The first characters of a secret, enough to find it by and not to use it."""
    return f"{secret[: min(4, len(secret) // 3)]}…"
