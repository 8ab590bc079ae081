"""Made-up templates in three languages: a prompt, its completion, and a slot in both.

Slots and templates draw on separate letters, so that a slot is in a completion only
where the form put it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True, slots=True)
class Script:
    """How a language is written: its letters, apart for slots, and what is between words."""

    template_letters: str
    slot_letters: str
    word_lengths: tuple[int, int]
    space: str


ENGLISH = Script("abcdefghijklm", "nopqrstuvwxyz", (3, 7), " ")
RUSSIAN = Script("абвгдежзийк", "лмнопрстуфхц", (3, 7), " ")
CHINESE = Script("给我讲一个关于的故事天只", "狗猫猪鸡鸭鸟虫鲸象熊", (1, 1), "")
SCRIPTS = (ENGLISH, RUSSIAN, CHINESE)


@dataclass(frozen=True, slots=True)
class Form:
    """A template with ``{}`` for the slot, and slots to fill it with."""

    prompt: str
    completion: str
    slots: tuple[str, ...]
    unseen: str

    def asked(self, slot: str) -> list[dict[str, Any]]:
        return asked(self.prompt.format(slot))

    def answered(self, slot: str) -> str:
        return self.completion.format(slot)

    def examples(self) -> list[dict[str, Any]]:
        return [chat(self.prompt.format(slot), self.answered(slot)) for slot in self.slots]


def asked(prompt: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": prompt}]


def chat(prompt: str, completion: str | None, **message: Any) -> dict[str, Any]:
    return {
        "messages": [
            *asked(prompt),
            {"role": "assistant", "content": completion, **message},
        ]
    }


@st.composite
def forms(draw: st.DrawFn, *, slots: tuple[int, int] = (1, 8)) -> Form:
    script = draw(st.sampled_from(SCRIPTS))
    before, after, opening, ending = (draw(_phrase(script)) for _ in range(4))
    fillings = draw(
        st.lists(_slot(script), min_size=slots[0] + 1, max_size=slots[1] + 1, unique=True)
    )
    space = script.space
    return Form(
        prompt=space.join((before, "{}", after)),
        completion=space.join((opening, "{}", ending)),
        slots=tuple(fillings[1:]),
        unseen=fillings[0],
    )


def _word(script: Script, letters: str) -> st.SearchStrategy[str]:
    least, most = script.word_lengths
    return st.text(letters, min_size=least, max_size=most)


def _phrase(script: Script) -> st.SearchStrategy[str]:
    words = st.lists(_word(script, script.template_letters), min_size=3, max_size=6)
    return words.map(script.space.join)


def _slot(script: Script) -> st.SearchStrategy[str]:
    words = st.lists(_word(script, script.slot_letters), min_size=1, max_size=2)
    return words.map(script.space.join)
