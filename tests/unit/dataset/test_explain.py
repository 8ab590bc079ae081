from __future__ import annotations

from ftrunner.dataset.explain import faults
from ftrunner.dataset.formats import Format


def test_null_is_not_suggested_where_something_is_wanted() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": 5}]

    said = [fault.message for fault in faults({"messages": messages}, Format.CHAT)]

    assert said == ["5 where a text or a list is wanted"]
