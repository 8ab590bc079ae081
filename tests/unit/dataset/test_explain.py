from __future__ import annotations

from ftrunner.dataset.explain import faults
from ftrunner.dataset.formats import Format


def test_null_is_not_suggested_where_something_is_wanted() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": 5}]

    said = [fault.message for fault in faults({"messages": messages}, Format.CHAT)]

    # The order of the kinds is the validator's, and differs between its versions.
    assert said in (["5 where a text or a list is wanted"], ["5 where a list or a text is wanted"])
