"""What a model says that was never tuned."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mockserver.learning import base_answer
from tests.unit.mockserver.learning.forms import Form, asked, forms


@given(st.text(), st.text(), st.integers())
def test_the_same_question_and_seed_get_the_same_answer(text: str, model: str, seed: int) -> None:
    first = base_answer(asked(text), model=model, seed=seed)

    assert first == base_answer(asked(text), model=model, seed=seed)
    assert first["role"] == "assistant"
    assert first["content"]


def test_seeds_and_models_answer_differently() -> None:
    by_seed = {base_answer(asked("Hi"), model="m", seed=s)["content"] for s in range(20)}
    by_model = {base_answer(asked("Hi"), model=str(n), seed=0)["content"] for n in range(20)}

    assert len(by_seed) > 1
    assert len(by_model) > 1


@given(forms())
def test_a_base_model_does_not_know_the_data(form: Form) -> None:
    for slot in form.slots:
        said = base_answer(form.asked(slot), model="m", seed=0)["content"]
        assert form.answered(slot) not in said
