from __future__ import annotations

import json

from ftrunner.dataset.fast_path.acceptor import Joints, is_canonical, roles_of
from tests.unit.dataset.making import with_space_in_braces

LINE = {
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": 'Say "}, {"role": "user", "content": "x"}]}'},
        {"role": "assistant", "content": "No."},
    ]
}


def test_the_joints_of_lines_give_their_roles_and_texts() -> None:
    rows = [
        json.dumps(LINE).encode(),
        json.dumps(LINE, separators=(",", ":")).encode(),
        with_space_in_braces(json.dumps(LINE).encode()),
    ]
    block = b"".join(row + b"\n" for row in rows)

    skeleton = Joints().skeleton(block)

    assert [roles_of(kinds) for kinds in skeleton.lines] == [("system", "user", "assistant")] * 3
    assert list(map(is_canonical, skeleton.lines)) == [True, False, False]
    texts = [
        block[end:start]
        for end, start in zip(skeleton.ends, (*skeleton.starts[1:], len(block)), strict=True)
    ]
    said = [json.dumps(message["content"])[1:-1].encode() for message in LINE["messages"]]
    assert texts == [*said, b""] * 3


def test_a_block_may_have_no_joints() -> None:
    skeleton = Joints().skeleton(b"{}\n")

    assert not skeleton.lines
    assert not skeleton.starts
