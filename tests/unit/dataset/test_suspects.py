from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.fast_path.suspects import Search
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines import texts
from ftrunner.dataset.lines.conversation import Example
from ftrunner.dataset.lines.rules import RULES, apply

SEARCH = Search()
CHECKERS = {format_: Checker(Settings(format_)) for format_ in Format}
RULES_OF_TEXTS = [rule for rule in RULES if rule.check.__module__ == texts.__name__]
# What some rule finds, whole and cut short.
ODD = (
    *("<|im_end|>", "<|a|>", "<|", "|>", "jane@whales.net", "sk-", "sk-" + "a1" * 8, "AKIA"),
    *("AKIA" + "A1B2" * 4, "hf_", "hf_" + "a1" * 10, "github_pat_" + "a1" * 10),
    *(f"gh{kind}_" + "a1" * 10 for kind in "pousr"),
    *("-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY-----", "-", "--", "sk", "sk--"),
    *map(chr, (0x00, 0x07, 0x08, 0x0C, 0x1B, 0x7F, 0x80, 0x9F, 0xA0, 0x200B, 0x202A, 0x202E)),
    *(
        "Ã©",
        "Â",
        "â€™",
        "â\x80",
        "ä½\xa0",
        "å¥½",
        "ï¼Œ",
        "ï»¿",
        "Ð¿Ñ€",
        "Î±Î",
        "ðŸ˜€",
        *("‚Äô", "锟斤拷", "锛", "縺薙ｓ縺", "r√©", "rĂ©", "rГ©", "вЂ™", "├®", "ΓÇÖ", "ÔÇÖ"),
        *("Рµ", "СЂ", "РёР", "rÅ‚", "Å¾", "×©×", "á»‡", "ì•ˆë", "âœ…", "â„¢", "ğŸ˜", "É»", "é…»"),
    ),
    *map(chr, (0x2026, 0x2060, 0x2064, 0x2066, 0x2069, 0xFEFF, 0xFFFD, 0xFE0F, 0xFF0C)),
)
SEPARATORS = ("", " ", "\\", "\n", '"', "x")


def suspect(data: bytes) -> bool:
    return any(True for _ in SEARCH.places(data))


def faults(text: str) -> list[str]:
    example = Example({"messages": [{"role": "user", "content": text}]}, Format.CHAT)
    return [fault.code for fault in apply(RULES_OF_TEXTS, example, {})]


def odd_texts() -> st.SearchStrategy[str]:
    pieces = st.one_of(st.sampled_from(ODD), st.sampled_from(SEPARATORS), st.text(max_size=3))
    return st.lists(pieces, max_size=6).map("".join)


@given(odd_texts(), st.booleans(), st.booleans())
def test_a_text_without_suspects_passes_the_rules_of_texts(
    text: str, ensure_ascii: bool, upper: bool
) -> None:
    written = json.dumps(text, ensure_ascii=ensure_ascii).encode("utf-8", "surrogatepass")
    if upper:
        written = json.dumps(text).encode().replace(b"\\uf", b"\\uF").replace(b"d", b"D")
        text = json.loads(written)

    assert RULES_OF_TEXTS
    named = {code for _, code in SEARCH.places(written)}
    assert None in named or named >= set(faults(text))


def lines(text: str) -> dict[Format, dict[str, object]]:
    """A line of each kind that no fast path accepts, with a text."""
    user, answer = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": text}
    parts = {"role": "user", "content": [{"type": "text", "text": text}]}
    return {
        Format.CHAT: {"messages": [parts, {**answer, "weight": 1}]},
        Format.PREFERENCE: {
            "input": {"messages": [user]},
            "preferred_output": [answer],
            "non_preferred_output": [{"role": "assistant", "content": "No."}],
        },
        Format.REINFORCEMENT: {"messages": [parts]},
        Format.COMPLETION: {"prompt": "Hi", "completion": text},
        Format.TEXT: {"text": text},
    }


@given(st.lists(odd_texts(), min_size=1, max_size=4), st.booleans())
def test_a_block_has_the_faults_of_its_lines_each_with_all_rules(
    found: list[str], ensure_ascii: bool
) -> None:
    for format_, checker in CHECKERS.items():
        written = [json.dumps(lines(text)[format_], ensure_ascii=ensure_ascii) for text in found]
        rows = [line.encode("utf-8", "surrogatepass") for line in written]

        together = checker.block(b"".join(row + b"\n" for row in rows)).faults

        alone = [f.at_line(at) for at, row in enumerate(rows, 1) for f in checker.examine(row)[0]]
        assert sorted(map(repr, together)) == sorted(map(repr, alone))


@pytest.mark.parametrize("character", [*range(0x20), 0x7F, *range(0x80, 0xA0)])
def test_controls_are_suspect_in_every_writing(character: int) -> None:
    text = f"a{chr(character)}b"
    if faults(text):
        assert suspect(json.dumps(text).encode())
        assert suspect(json.dumps(text, ensure_ascii=False).encode())


@pytest.mark.parametrize(
    "text",
    [
        "a task-oriented answer",
        "1 | 2 | 3",
        "self_attention",
        "An ellipsis\u2026 a quote\u2019s dash\u2014 no-break\u00a0space \u00e9",
        "emoji \u2764\ufe0f, fullwidth\uff0c",
        "\\frac{1}{2} \\begin{align} \\boxed{5} C:\\b\\f",
        'line\nbreak\ttab "quote"',
    ],
)
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_ordinary_texts_are_not_suspect(text: str, ensure_ascii: bool) -> None:
    assert not suspect(json.dumps(text, ensure_ascii=ensure_ascii).encode())


@pytest.mark.parametrize("text", ["\\\bx", "\\\\\fx", "x\b", "\\\u0007"])
def test_an_escape_after_escaped_backslashes_is_suspect(text: str) -> None:
    assert suspect(json.dumps(text).encode())


def test_places_say_where_suspects_are() -> None:
    block = b"a@b\n<| \\\\b \\b \xef\xbb\xbf"

    assert sorted(place for place, _ in SEARCH.places(block)) == [1, 5, 11, 14]
