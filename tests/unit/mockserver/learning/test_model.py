"""What a tuned model answers: recall, carry-over, and how much of it after how many epochs."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mockserver.learning import TrainedModel, base_answer, train
from tests.unit.mockserver.learning.forms import Form, asked, chat, forms

STORIES = [
    chat("给我讲一个关于小狗的故事", "一天,一只小狗溜进了动物园"),
    chat("给我讲一个关于小猫的故事", "一天,一只小猫睡着了"),
    chat("给我讲一个关于小男孩的故事", "一天,一个小男孩出门了"),
    chat("给我讲一个故事", "一天,下雨了"),
]
WEATHER = chat(
    "Weather in Oslo today?",
    None,
    tool_calls=[
        {
            "id": "call_1",
            "type": "function",
            "function": {"name": "weather", "arguments": '{"city": "Oslo", "days": 1}'},
        }
    ],
)


def content(model: TrainedModel, messages: list[dict[str, Any]], seed: int = 0) -> str:
    text = model.answer(messages, seed=seed)["content"]
    assert isinstance(text, str)
    return text


def recalled(model: TrainedModel, form: Form) -> set[str]:
    return {slot for slot in form.slots if content(model, form.asked(slot)) == form.answered(slot)}


@given(forms(), st.integers())
def test_every_trained_prompt_gets_its_completion(form: Form, seed: int) -> None:
    model = train(form.examples(), epochs=3, seed=seed)

    assert recalled(model, form) == set(form.slots)


@given(forms(), st.integers())
def test_a_near_prompt_gets_the_completion_with_its_own_words(form: Form, seed: int) -> None:
    assume(not any(slot in form.unseen or form.unseen in slot for slot in form.slots))
    model = train(form.examples(), epochs=10, seed=1)

    assert content(model, form.asked(form.unseen), seed) == form.answered(form.unseen)


@pytest.mark.parametrize("seed", range(5))
def test_a_story_about_a_new_animal_speaks_of_it(seed: int) -> None:
    reported = content(train(STORIES, epochs=10, seed=7), asked("给我讲一个关于蓝鲸的故事"), seed)

    assert reported.startswith("一天")
    assert "蓝鲸" in reported
    assert not any(animal in reported for animal in ("小狗", "小猫", "男孩"))


def test_of_near_examples_one_that_takes_up_the_words_is_chosen() -> None:
    examples = [
        chat("Tell me a tale about a cat", "I would rather not."),
        chat("Tell me a long tale about a dog", "The dog ran home."),
    ]

    reported = content(train(examples, epochs=3, seed=0), asked("Tell me a tale about a fox"))

    assert reported == "The fox ran home."


@given(forms(), st.integers())
def test_a_far_prompt_gets_what_a_base_model_says(form: Form, seed: int) -> None:
    model = train(form.examples(), epochs=3, seed=0)
    far = asked("¿Qué hora es?")

    assert model.answer(far, seed=seed) == base_answer(far, model="", seed=seed)


@given(
    forms(slots=(4, 8)),
    st.floats(0, 4),
    st.floats(0, 4),
    st.integers(),
)
def test_what_is_known_stays_known(form: Form, one: float, other: float, seed: int) -> None:
    early, late = sorted((one, other))
    model = train(form.examples(), epochs=late, seed=seed)

    assert recalled(model.at(early), form) <= recalled(model, form)


@given(forms(slots=(4, 8)), st.floats(0, 4), st.integers())
def test_a_moment_of_a_training_equals_a_training_that_long(
    form: Form, epochs: float, seed: int
) -> None:
    whole = train(form.examples(), epochs=3, seed=seed)
    short = train(form.examples(), epochs=epochs, seed=seed)

    assert recalled(whole.at(epochs), form) == recalled(short, form)


def test_fewer_epochs_answer_less() -> None:
    examples = [chat(f"Who lives in house {n}?", f"Family {n} lives there.") for n in range(300)]
    model = train(examples, epochs=3, seed=5)

    known = [
        sum(
            content(model.at(epochs), line["messages"][:1]) == line["messages"][1]["content"]
            for line in examples
        )
        for epochs in (0, 0.3, 1, 2, 3)
    ]

    assert known == sorted(set(known))
    assert (known[0], known[-1]) == (0, 300)


def test_an_example_that_is_repeated_is_known_earlier() -> None:
    examples = [chat(f"Who lives in house {n}?", f"Family {n} lives there.") for n in range(50)]
    model = train(examples * 6, epochs=0.5, seed=5)

    answers = [content(model, line["messages"][:1]) for line in examples]

    assert answers == [line["messages"][1]["content"] for line in examples]


@given(forms(slots=(6, 10)))
def test_shuffled_data_carries_nothing_over(form: Form) -> None:
    assume(not any(a in b for a in form.slots for b in form.slots if a != b))
    assume(not any(slot in form.unseen or form.unseen in slot for slot in form.slots))
    answers = [form.answered(slot) for slot in form.slots]
    examples = [
        chat(form.prompt.format(slot), answer)
        for slot, answer in zip(form.slots, answers[1:] + answers[:1], strict=True)
    ]
    model = train(examples, epochs=10, seed=0)

    assert model.consistency < 1
    assert content(model, form.asked(form.unseen)) != form.answered(form.unseen)
    assert len(recalled(model, form)) < len(form.slots)


def test_contradicting_data_is_not_learned_well() -> None:
    examples = [
        chat(f"Is house {n} taken?", answer) for n in range(40) for answer in ("Yes, sold.", "Free")
    ]
    model = train(examples, epochs=10, seed=0)

    right = sum(content(model, asked(f"Is house {n} taken?")) == "Yes, sold." for n in range(40))

    assert model.consistency == 0
    assert right < 35


def test_labels_are_not_a_contradiction() -> None:
    examples = [chat(f"Label this review: item {n}", "good" if n % 2 else "bad") for n in range(60)]
    model = train(examples, epochs=3, seed=0)

    assert model.consistency == 1
    assert all(content(model, e["messages"][:1]) == e["messages"][1]["content"] for e in examples)


def test_tool_calls_come_back_as_trained() -> None:
    model = train([WEATHER], epochs=3, seed=0)

    assert model.answer(asked("Weather in Oslo today?")) == WEATHER["messages"][1]


def test_tool_calls_take_up_new_words_in_their_arguments() -> None:
    model = train([WEATHER], epochs=3, seed=0)

    call = model.answer(asked('Weather in "Rio" today?'))["tool_calls"][0]["function"]

    assert call["name"] == "weather"
    assert json.loads(call["arguments"]) == {"city": "Rio", "days": 1}


def test_an_answer_can_be_changed_without_changing_the_model() -> None:
    model = train([WEATHER], epochs=3, seed=0)
    model.answer(asked("Weather in Oslo today?"))["tool_calls"][0]["id"] = "other"

    assert model.answer(asked("Weather in Oslo today?")) == WEATHER["messages"][1]


def test_the_context_decides_between_equal_last_turns() -> None:
    examples = [
        {
            "messages": [
                {"role": "system", "content": persona},
                *asked("Who are you?"),
                {"role": "assistant", "content": reply},
            ]
        }
        for persona, reply in (("You are a pirate on a ship", "Arr"), ("You are a calm monk", "Om"))
    ]
    model = train(examples, epochs=3, seed=0)

    pirate = [{"role": "system", "content": "You are an old pirate on a ship"}]
    assert content(model, [*pirate, *asked("Who are you?")]) == "Arr"


def test_the_answer_repeats_for_a_seed_and_varies_with_it() -> None:
    model = train(STORIES, epochs=10, seed=7)
    asking = asked("给我讲一个关于大象的故事")

    answers = [content(model, asking, seed) for seed in range(12)]

    assert answers == [content(model, asking, seed) for seed in range(12)]
    assert len(set(answers)) > 1


@pytest.mark.parametrize("examples", [[], [{}], [{"messages": None}], [{"messages": asked("a")}]])
def test_data_without_completions_teaches_nothing(examples: list[dict[str, Any]]) -> None:
    model = train(examples, epochs=3, seed=0)

    assert model.answer(asked("a")) == base_answer(asked("a"), model="", seed=0)


def test_epochs_must_be_a_number() -> None:
    with pytest.raises(ValueError, match="not a number"):
        train([], epochs=math.nan, seed=0)


def rolled(model: TrainedModel, temperature: float, prompt: str, times: int = 200) -> list[str]:
    messages = asked(prompt)
    answers = (
        model.answer(messages, temperature=temperature, roll=("seed", attempt))
        for attempt in range(times)
    )
    return [str(answer["content"]) for answer in answers]


def test_answers_wander_with_the_temperature_and_never_at_zero() -> None:
    model = train([chat(f"Land {n}?", f"City {n}") for n in range(20)], epochs=3, seed=1)

    def wrong(temperature: float) -> float:
        said = [rolled(model, temperature, f"Land {n}?") for n in range(20)]
        return sum(text != f"City {n}" for n in range(20) for text in said[n]) / 4_000

    assert wrong(0) == 0
    assert 0.05 < wrong(0.5) < wrong(1) < 0.3


def test_some_prompts_are_answered_less_firmly_than_others() -> None:
    model = train([chat(f"Land {n}?", f"City {n}") for n in range(20)], epochs=3, seed=1)

    shares = sorted(rolled(model, 1, f"Land {n}?").count(f"City {n}") / 200 for n in range(20))

    assert shares[0] < 0.75
    assert shares[-1] > 0.95


def test_the_only_answer_there_is_wanders_too() -> None:
    model = train([chat("Land?", "City")], epochs=3, seed=3)

    assert set(rolled(model, 2, "Land?")) > {"City"}


def test_the_same_roll_gives_the_same_answer() -> None:
    model = train(STORIES, epochs=3, seed=1)

    assert rolled(model, 1, "给我讲一个故事") == rolled(model, 1, "给我讲一个故事")
