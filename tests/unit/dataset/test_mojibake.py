"""Text that was read in another encoding is found, and text with real accents is not."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.fast_path.suspects import Search
from ftrunner.dataset.lines.texts import has_mojibake

SEARCH = Search()
TEXTS = {
    "French": "Où est la forêt ? L’été déjà à Noël : « garçon naïf, cœur élevé… »",
    "FRENCH": "L’ÉTÉ À ÎLE-DE-FRANCE ? ÇA VA : « ÂGÉ », CAFÉ™, NAÏF…",
    "German": "Größe und Spaß“, Mädchen über Öl – „schön“, Äpfel, Übung, ein Café»",
    "Spanish": "¿Dónde está el niño? ¡Mañana, el 2º!",
    "Portuguese": "Não é possível: ação, órgão, IRMÃ”, À“",
    "Italian": "Perché è così? Città più",
    "Swedish": "Åsa åker på en ö där",
    "Danish": "Ærlig æble, øl på Århus",
    "Icelandic": "Það er gott, ÞAÐ“",
    "Polish": "Łódź: zażółć gęślą jaźń, słońce”",
    "Czech": "„náš kůň“ úpěl ďábelské ódy, že čas",
    "Hungarian": "Árvíztűrő tükörfúrógép, tűz",
    "Turkish": "İstanbul’da güneş ışığı çok şeker",
    "Romanian": "Țara și ființă mâine, oraș",
    "Vietnamese": "Tiếng Việt rất đẹp",
    "Russian": "«СССР» — Привет, как дела? РФ: Рёв",
    "Ukrainian": "Їжак їсть, Сієна, Рік",
    "Greek": "Καλημέρα κόσμε, ναι",
    "Hebrew": "שלום עולם",
    "Arabic": "مرحبا بالعالم",
    "Hindi": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "Chinese": "你好，世界。是“中文”",
    "Japanese": "こんにちは、世界。縺れた糸",
    "Korean": "안녕하세요, 세계",
    "punctuation": "“Yes,” – it’s fine… 20 °C, 5 €, 3 × 4 ± ½, a → b ≤ π, ✓ ✅ 😀 Foo™",
    "mathematics": "√2 ≈ 1.41, 3√π, x√∞, r ¬∃, ∑√∂",
    "boxes": "├── école\n│   └── é.txt ┼──┤ ╬═╬ ├文件 ├имя",
    "sizes": "2”×3”×4”, 3×…×",
}
NOT_WORDS = ("FRENCH", "sizes", "mathematics", "boxes")
# What a console, an editor or a spreadsheet made of é, ’, Привет, 你好， and こんにちは.
OTHERS = {
    "mac_roman": ("caf√©", "it‚Äôs", "gr√º√üe"),
    "cp437": ("caf├⌐", "itΓÇÖs", "╨ƒ╤Ç╨╕╨▓╨╡╤é"),
    "cp850": ("caf├®", "itÔÇÖs"),
    "cp1250": ("cafĂ©", "grĂ¶Ăźe"),
    "cp1251": ("cafГ©", "itвЂ™s", "РџСЂРёРІРµС‚", "Р”Р°"),
    "cp1254": ("cafÃ©", "ğŸ˜€"),
    "gb18030": ("锟斤拷", "浣犲ソ锛", "it鈥檚"),
    "shift_jis": ("縺薙ｓ縺ｫ縺｡縺ｯ",),
    "twice": ("cafÃƒÂ©", "itÃ¢â‚¬â„¢s"),
}


def as_windows_1252(text: str) -> str:
    """`text` in UTF-8 as Windows reads it, with control characters for what has no letter."""
    return "".join(
        bytes([byte]).decode("cp1252", errors="ignore") or chr(byte) for byte in text.encode()
    )


def spellings(text: str) -> list[str]:
    """`text` as JSON in letters, in escapes, and in letters and escapes by turns."""
    escaped = [json.dumps(letter)[1:-1] for letter in text]
    pairs = list(zip(text, escaped, strict=True))
    mixed = ("".join(pair[(at + turn) % 2] for at, pair in enumerate(pairs)) for turn in (0, 1))
    return [json.dumps(text, ensure_ascii=False)[1:-1], "".join(escaped), *mixed]


def is_suspect(text: str) -> bool:
    return any(code in (None, "FT265") for _, code in SEARCH.places(text.encode()))


@pytest.mark.parametrize("language", TEXTS)
def test_real_text_is_free_of_it(language: str) -> None:
    text = TEXTS[language]

    assert not has_mojibake(text)
    assert not is_suspect(json.dumps(text, ensure_ascii=False))


@pytest.mark.parametrize("encoding", ["cp1252", "latin-1"])
@pytest.mark.parametrize("language", [name for name in TEXTS if name not in NOT_WORDS])
def test_text_of_every_language_is_found_word_by_word(language: str, encoding: str) -> None:
    words = re.findall(r"[^\W\d_]{2,}", TEXTS[language])
    read = [
        as_windows_1252(word) if encoding == "cp1252" else word.encode().decode(encoding)
        for word in words
        if not word.isascii() and word[0] != word[0].upper()
    ]

    assert [word for word in read if not has_mojibake(word)] == []
    assert all(is_suspect(spelled) for word in read for spelled in spellings(word))


@pytest.mark.parametrize(
    ("encoding", "text"), [(name, text) for name, texts in OTHERS.items() for text in texts]
)
def test_other_encodings_are_found_too(encoding: str, text: str) -> None:
    assert has_mojibake(text)
    assert all(is_suspect(spelled) for spelled in spellings(text))


@pytest.mark.parametrize("text", ['縺"Â縺', "縺\\縺", '縺"\\縺', "\\" * 40 + "Ã©", '"' * 40 + "Ã©"])
def test_a_quote_or_a_backslash_in_between_hides_nothing(text: str) -> None:
    assert has_mojibake(text)
    assert all(is_suspect(spelled) for spelled in spellings(text))


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*"ÂÃÄÅÎÐÑ×Øâãåéìïðğ√‚ĂГвРС├╨ΓÔÇ锛縺繧", "a", "Z", '"', "\\", "\n"]),
            st.characters(min_codepoint=0x80, max_codepoint=0xBF),
            st.sampled_from("€‚„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸЂѓ©®ôƒµ°"),
        ),
        max_size=9,
    ).map("".join)
)
def test_nothing_that_is_found_is_hidden_from_the_search(text: str) -> None:
    if has_mojibake(text):
        assert all(is_suspect(spelled) for spelled in spellings(text))
