"""Lines of training data, made by hypothesis: correct ones, and the same ones spoilt."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

TEXT = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20),
    st.sampled_from(
        ["一天,一只蓝鲸跃出了水面", "Tell me a story.", 'a\nb\t"c" \\d', "привет", "👩‍👩‍👧"]
    ),
)
# Texts of which some rule has something to say.
ODD_TEXT = st.sampled_from(
    [
        "",
        " ",
        "\u3000",
        "\u2003 ",
        "\xa0",
        "\n \t",
        "<|endoftext|>",
        "a\u200bb",
        "\ufeff",
        "\ufffd",
        "\x07",
        "\x7f",
        "\x9f",
        "\u202e",
        "\u2066",
        "jane@whales.net",
        "sk-" + "a1" * 12,
        "AKIA" + "A1B2" * 4,
        "ghp_" + "a" * 24,
        "hf_" + "a" * 24,
        "-----BEGIN PRIVATE KEY-----",
        '", "content": "x',
        '"}, {"role": "user", "content": "',
    ]
)
ROLES = st.sampled_from(["system", "user", "assistant", "assistant", "tool", "usr"])
VALUES = st.one_of(
    TEXT, ODD_TEXT, st.none(), st.integers(), st.just([]), st.just({}), st.just([{"content": "x"}])
)


@st.composite
def conversations(draw: st.DrawFn, texts: st.SearchStrategy[str] = TEXT) -> dict[str, Any]:
    """Mostly correct conversations of plain texts."""
    turns = draw(st.integers(1, 3))
    messages = [{"role": "system", "content": draw(texts)}] if draw(st.booleans()) else []
    for _ in range(turns):
        messages.append({"role": "user", "content": draw(texts)})
        messages.append({"role": "assistant", "content": draw(texts)})
    return {"messages": messages}


def _change_a_message(draw: st.DrawFn, line: dict[str, Any]) -> None:
    message = draw(st.sampled_from(line["messages"]))
    key = draw(st.sampled_from(["role", "content", "name", "weight", "contnt"]))
    message[key] = draw(ROLES) if key == "role" else draw(VALUES)


def _drop_a_key(draw: st.DrawFn, line: dict[str, Any]) -> None:
    draw(st.sampled_from(line["messages"])).pop(draw(st.sampled_from(["role", "content"])), None)


def _move_a_message(draw: st.DrawFn, line: dict[str, Any]) -> None:
    messages = line["messages"]
    messages.insert(draw(st.integers(0, len(messages))), messages.pop())


def _swap_keys(draw: st.DrawFn, line: dict[str, Any]) -> None:
    index = draw(st.integers(0, len(line["messages"]) - 1))
    line["messages"][index] = dict(reversed(line["messages"][index].items()))


def _drop_the_last(_draw: st.DrawFn, line: dict[str, Any]) -> None:
    line["messages"].pop()


def _add_a_key(draw: st.DrawFn, line: dict[str, Any]) -> None:
    line[draw(st.sampled_from(["tools", "weight", "prompt", "id"]))] = draw(VALUES)


Change = Callable[[st.DrawFn, dict[str, Any]], None]
_CHANGES: list[Change] = [
    _change_a_message,
    _drop_a_key,
    _move_a_message,
    _swap_keys,
    _drop_the_last,
    _add_a_key,
]


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    """Conversations, some of them spoilt in one way."""
    line = draw(conversations(draw(st.sampled_from([TEXT, TEXT, st.one_of(TEXT, ODD_TEXT)]))))
    if draw(st.integers(0, 2)) == 0:
        draw(st.sampled_from(_CHANGES))(draw, line)
    return line


def _cut(draw: st.DrawFn, row: bytes) -> bytes:
    return row[: draw(st.integers(0, len(row)))]


def _insert(draw: st.DrawFn, row: bytes) -> bytes:
    place = draw(st.integers(0, len(row)))
    what = [b" ", b'"', b"\\", b"\t", b"\xff", b"\xc2\x85", b"}", b",", b"\\u200b", b"\\ud83d"]
    return row[:place] + draw(st.sampled_from(what)) + row[place:]


def _repeat_a_key(draw: st.DrawFn, row: bytes) -> bytes:
    keys = [b'"role": "user", ', b'"role":"user",', b'"content": "x", ', b'"messages": [], ']
    place = draw(st.sampled_from([i for i, byte in enumerate(row) if byte == ord("{")] or [0]))
    return row[: place + 1] + draw(st.sampled_from(keys)) + row[place + 1 :]


def _escape(draw: st.DrawFn, row: bytes) -> bytes:
    old, new = draw(
        st.sampled_from(
            [(b"r", b"\\u0072"), (b"<", b"\\u003c"), (b"@", b"\\u0040"), (b"o", b"\\u006F")]
        )
    )
    return row.replace(old, new, 1)


_SPOILERS: list[Callable[[st.DrawFn, bytes], bytes]] = [_cut, _insert, _repeat_a_key, _escape]


def with_space_in_braces(row: bytes) -> bytes:
    """The line with each message written as `{ "role": ... }`, as many write by hand."""
    return re.sub(rb'(?<!\\)"\}(?=[,\]])', b'" }', row.replace(b'{"role"', b'{ "role"'))


@st.composite
def rows(draw: st.DrawFn) -> bytes:
    """Lines as bytes, without line ends: of several JSON libraries, some spoilt."""
    line = draw(objects())
    spaced, compact, odd = (", ", ": "), (",", ":"), (" , ", " : ")
    separators = draw(st.sampled_from([*[spaced] * 5, *[compact] * 3, odd]))
    row = json.dumps(line, ensure_ascii=draw(st.booleans()), separators=separators).encode(
        "utf-8", "surrogatepass"
    )
    if separators == spaced and draw(st.booleans()):
        row = with_space_in_braces(row)
    if draw(st.integers(0, 3)) == 0:
        row = draw(st.sampled_from(_SPOILERS))(draw, row)
    return row.replace(b"\n", b" ")
