"""A large file of chat data, in English and Chinese, with what real text has: punctuation, code,
line breaks, quotes. The same for everyone: it comes from a seed.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

SEED = 7
_ENGLISH = tuple(
    """
    the of and to a in is it you that he was for on are with as his they be at one have this from
    or had by hot but some what there we can out other were all your when up use word how said an
    each she which do their time if will way about many then them would write like so these her
    long make thing see him two has look more day could go come did my sound no most number who
    over know water than call first people may down side been now find any new work part take get
    place made live where after back little only round man year came show every good me give our
    under name very through just form much great think say help low line before turn cause same
    mean differ move right boy old too does tell sentence set three want air well also play small
    end put home read hand port large spell add even land here must big high such follow act why
    """.split()  # noqa: SIM905 - a hundred quoted words read worse
)
_CHINESE = (
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而"
    "方后多定行学法所民得经十三之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应"
    "开它合还因由其些然前外天政四日那社义事平形相全表间样与关各重新线内数正心反你明看原又么利比或但质气第向道命"
)
_MARKS = (". ", ", ", "; ", " - ", ": ", "? ", "! ", "\n", ' "', " (", ") ", "'s ")


def english(rng: random.Random, words: int) -> str:
    """Some sentences of common words."""
    pieces = []
    for word in rng.choices(_ENGLISH, k=words):
        pieces += [word, " " if rng.random() < 0.85 else rng.choice(_MARKS)]
    return "".join(pieces).strip() + "."


def chinese(rng: random.Random, characters: int) -> str:
    """Some sentences of common characters."""
    text = rng.choices(_CHINESE, k=characters)
    for place in range(9, characters, rng.randint(8, 20)):
        text[place] = rng.choice("，。；：？！")
    return "".join(text) + "。"


def write_chat(path: Path, size: int) -> int:
    """Write about `size` bytes of conversations, none twice, and count the lines."""
    rng = random.Random(SEED)
    texts = [
        english(rng, rng.randint(5, 400)) if number % 2 else chinese(rng, rng.randint(5, 700))
        for number in range(4_000)
    ]
    written = lines = 0
    with path.open("wb") as file:
        while written < size:
            row = json.dumps(_conversation(rng, texts, lines), ensure_ascii=False).encode()
            written += file.write(row + b"\n")
            lines += 1
    return lines


def beginning(path: Path, size: int) -> Path:
    """A file of the first lines of another, about `size` bytes."""
    if size >= path.stat().st_size:
        return path
    with path.open("rb") as file:
        head = file.read(size)
    shorter = path.with_name(f"first-{size}.jsonl")
    shorter.write_bytes(head[: head.rfind(b"\n") + 1])
    return shorter


def _conversation(rng: random.Random, texts: list[str], number: int) -> dict[str, object]:
    messages = []
    if number % 2:
        messages.append(
            {"role": "system", "content": "You are a helpful assistant. 请用中文回答。"}
        )
    for turn in range(rng.choice((1, 1, 1, 2, 3))):
        asked = f"{number}.{turn}: {rng.choice(texts)}"
        messages.append({"role": "user", "content": asked})
        messages.append({"role": "assistant", "content": rng.choice(texts)})
    return {"messages": messages}
