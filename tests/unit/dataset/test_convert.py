"""What other tools write becomes training data that the checker passes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ftrunner.dataset.check import Checker, Settings
from ftrunner.dataset.edit.convert import Conversion, converted
from ftrunner.dataset.files.reader import DataFile
from ftrunner.dataset.files.values import ValueFault, values
from ftrunner.dataset.foreign.shapes import SHAPES
from ftrunner.dataset.formats import Format
from ftrunner.dataset.lines.faults import Fault

CHAT = {
    "messages": [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "That."}]
}
PREFERENCE = {
    "input": {"messages": [{"role": "user", "content": "What?"}]},
    "preferred_output": [{"role": "assistant", "content": "That."}],
    "non_preferred_output": [{"role": "assistant", "content": "This."}],
}
SYSTEM = {"messages": [{"role": "system", "content": "Be brief."}, *CHAT["messages"]]}
AS_CHAT: tuple[Any, ...] = (
    {"prompt": "What?", "completion": " That.\n"},
    {"instruction": "What?", "input": "", "output": "That."},
    {"instruction": "What?", "context": "", "response": "That.", "category": "qa"},
    {"question": "What?", "answer": "That."},
    {"prompt": "What?", "response": "That."},
    {"input": "What?", "output": "That."},
    {"Question": "What?", "Answer": "That.", "id": 7},
    {"query": "What?", "response": "That."},
    {"conversations": [{"from": "human", "value": "What?"}, {"from": "gpt", "value": "That."}]},
    {"messages": [{"from": "human", "value": "What?"}, {"from": "gpt", "value": "That."}]},
    {"conversation": CHAT["messages"]},
    {"messages": json.dumps(CHAT["messages"])},
    {"messages": str(CHAT["messages"])},
    {"model": "gpt-4o-mini", "temperature": 0.2, **CHAT},
    {"contents": [{"role": "user", "parts": [{"text": "What?"}]},
                  {"role": "model", "parts": [{"text": "That."}]}]},
    {"input": [{"role": "user", "content": "What?"}],
     "output": [{"role": "assistant", "content": [{"type": "output_text", "text": "That."}]}]},
    {"prompt": CHAT["messages"][:1], "completion": CHAT["messages"][1:]},
    {"messages": [{"author": "user", "content": "What?"}, {"author": "bot", "content": "That."}]},
    {"messages": [{"user": "What?"}, {"assistant": "That."}]},
    {"messages": [{"type": "human", "data": {"content": "What?"}},
                  {"type": "ai", "data": {"content": "That."}}]},
    {"schemaVersion": "bedrock-conversation-2024",
     "messages": [{"role": "user", "content": [{"text": "What?"}]},
                  {"role": "assistant", "content": [{"text": "That."}]}]},
    {"input": "What?", "output": [{"role": "assistant", "content": "That."}]},
    {"input": [{"role": "user", "content": "What?"}], "ideal": "That."},
    {"text_input": "What?", "output": "That."},
    {"text": "What?", "label": "That."},
    {"messages": [{"role": "Human", "content": "What?"}, {"role": "model", "content": "That."}]},
    CHAT["messages"],
    {**CHAT, "id": "a", "tools": None},
)  # fmt: skip
AS_PREFERENCE: tuple[Any, ...] = (
    {"prompt": "What?", "chosen": "That.", "rejected": "This."},
    {"prompt": CHAT["messages"][:1], "chosen": [CHAT["messages"][1]],
     "rejected": [{"role": "assistant", "content": "This."}]},
    {"chosen": CHAT["messages"],
     "rejected": [CHAT["messages"][0], {"role": "assistant", "content": "This."}]},
    {"prompt": "What?", "chosen": CHAT["messages"],
     "rejected": [CHAT["messages"][0], {"role": "assistant", "content": "This."}],
     "score_chosen": 9},
    {"conversations": [{"from": "human", "value": "What?"}],
     "chosen": {"from": "gpt", "value": "That."}, "rejected": {"from": "gpt", "value": "This."}},
    {"instruction": "What?", "input": "", "chosen": "That.", "rejected": "This."},
    {"chosen": "\n\nHuman: What?\n\nAssistant: That.",
     "rejected": "\n\nHuman: What?\n\nAssistant: This."},
)  # fmt: skip


def make(lines: Iterable[Any], **how: Any) -> list[Any]:
    made = converted(enumerate(lines, start=1), Conversion(**how))
    return [row if isinstance(row, Fault) else json.loads(row) for row in made]


@pytest.mark.parametrize("line", AS_CHAT, ids=range(len(AS_CHAT)))
def test_lines_of_other_tools_become_chat_data(line: Any) -> None:
    assert make([line]) == [CHAT]


@pytest.mark.parametrize("line", AS_PREFERENCE)
def test_preference_pairs_become_preference_data(line: Any) -> None:
    [made] = make([line])

    assert made == PREFERENCE
    row = json.dumps(made).encode()
    assert Checker(Settings(Format.PREFERENCE)).examine(row)[0] == []


_BRIEF = "Be brief."
_TIDE = {"name": "tide", "description": "How high"}
_OBJECT = {"type": "object", "properties": {"day": {"type": "integer"}}}
# One conversation as others write it: a question, a call with what is said before it, its result,
# and the answer.
WITH_CALLS: dict[str, Any] = {
    "anthropic": {
        "system": [{"type": "text", "text": _BRIEF}],
        "messages": [
            {"role": "user", "content": "How high?"},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "…"}, {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "call_1", "name": "tide", "input": {"day": 1}}]},
            {"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": "call_1",
                 "content": [{"type": "text", "text": "4 m"}]}]},
            {"role": "assistant", "content": [{"type": "text", "text": "Four metres."}]},
        ],
        "tools": [{**_TIDE, "input_schema": _OBJECT}],
    },
    "bedrock": {
        "schemaVersion": "bedrock-conversation-2024",
        "system": [{"text": _BRIEF}],
        "messages": [
            {"role": "user", "content": [{"text": "How high?"}]},
            {"role": "assistant", "content": [
                {"text": "I look."},
                {"toolUse": {"toolUseId": "call_1", "name": "tide", "input": {"day": 1}}}]},
            {"role": "user", "content": [
                {"toolResult": {"toolUseId": "call_1", "content": [{"text": "4 m"}]}}]},
            {"role": "assistant", "content": [{"text": "Four metres."}]},
        ],
        "toolConfig": {"tools": [{"toolSpec": {**_TIDE, "inputSchema": {"json": _OBJECT}}}]},
    },
    "gemini": {
        "systemInstruction": {"parts": [{"text": _BRIEF}]},
        "contents": [
            {"role": "user", "parts": [{"text": "How high?"}]},
            {"role": "model", "parts": [
                {"text": "I look."}, {"functionCall": {"name": "tide", "args": {"day": 1}}}]},
            {"role": "function", "parts": [
                {"functionResponse": {"name": "tide", "response": "4 m"}}]},
            {"role": "model", "parts": [{"text": "Four metres."}]},
        ],
        "tools": [{"functionDeclarations": [{**_TIDE, "parameters": {
            "type": "OBJECT", "properties": {"day": {"type": "INTEGER"}}}}]}],
    },
    "responses": {
        "instructions": _BRIEF,
        "input": [
            {"role": "user", "content": "How high?"},
            {"role": "assistant", "content": "I look."},
            {"type": "function_call", "call_id": "call_1", "name": "tide",
             "arguments": '{"day": 1}'},
            {"type": "function_call_output", "call_id": "call_1", "output": "4 m"},
        ],
        "output": [
            {"type": "reasoning", "summary": []},
            {"type": "message", "role": "assistant",
             "content": [{"type": "output_text", "text": "Four metres."}]},
        ],
        "tools": [{"type": "function", **_TIDE, "parameters": _OBJECT}],
    },
}  # fmt: skip


@pytest.mark.parametrize("tool", WITH_CALLS)
def test_calls_and_results_of_every_kind_become_those_of_chat(tool: str) -> None:
    call = {"name": "tide", "arguments": '{"day": 1}'}

    [made] = make([WITH_CALLS[tool]])

    assert made == {
        "messages": [
            {"role": "system", "content": _BRIEF},
            {"role": "user", "content": "How high?"},
            {
                "role": "assistant",
                "content": "I look.",
                "tool_calls": [{"id": "call_1", "type": "function", "function": call}],
            },
            {"role": "tool", "content": "4 m", "tool_call_id": "call_1"},
            {"role": "assistant", "content": "Four metres."},
        ],
        "tools": [{"type": "function", "function": {**_TIDE, "parameters": _OBJECT}}],
    }
    assert Checker(Settings(Format.CHAT)).examine(json.dumps(made).encode())[0] == []


def test_images_of_others_become_parts_of_chat() -> None:
    pixel = {"media_type": "image/png", "data": "iVBORw0KGgo="}
    held = {"inlineData": {"mimeType": "image/png", "data": pixel["data"]}}
    anthropic = [{"type": "image", "source": {"type": "base64", **pixel}}]
    answer = {"role": "assistant", "content": "A dot."}
    asked = {"system": _BRIEF, "messages": [{"role": "user", "content": anthropic}, answer]}
    gemini = {"contents": [{"parts": [held]}, {"role": "model", "parts": [{"text": "A dot."}]}]}

    shown = [made["messages"][-2]["content"] for each in (asked, gemini) for made in make([each])]

    url = "data:image/png;base64,iVBORw0KGgo="
    assert shown == [[{"type": "image_url", "image_url": {"url": url}}]] * 2


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"contents": [{"parts": [{"fileData": {"mimeType": "image/png", "fileUri": "gs://a/b"}}]},
                       {"role": "model", "parts": [{"text": "A."}]}]}, "no provider can fetch it"),
        ({"system": "a", "messages": [{"role": "user", "content": [
            {"type": "document", "source": {"media_type": "application/pdf", "data": ""}}]}]},
         "application/pdf"),
        ({"system": "a", "messages": [{"role": "user", "content": [
            {"type": "tool_result", "tool_use_id": "b", "content": "c"}]}]}, "no call before it"),
        ({"contents": [{"role": "user", "parts": [{"executableCode": {}}]}]}, "executableCode"),
        ({"conversations": [{"from": "alien", "value": "Hi"}]}, "alien"),
        ({"item": {"id": 1}}, "neither messages nor a question"),
    ],
)  # fmt: skip
def test_the_checker_promises_no_conversion_that_fails(line: Any, why: str) -> None:
    [fault] = make([line])
    [found] = Checker(Settings(Format.CHAT)).examine(json.dumps(line).encode())[0]

    assert why in fault.message
    assert found.hint is not None
    assert why in found.hint


def spoilt(value: Any) -> Iterator[Any]:
    """A value with each of its parts, itself first, replaced by what does not belong there."""
    yield from (None, 1, "x", [], {}, [{}])
    is_list = isinstance(value, list)
    for key in range(len(value)) if is_list else value if isinstance(value, dict) else ():
        for other in spoilt(value[key]):
            copied = value.copy()
            copied[key] = other
            yield copied


@pytest.mark.parametrize("line", [*AS_CHAT, *AS_PREFERENCE, *WITH_CALLS.values(), {"item": CHAT}])
def test_a_spoilt_line_of_another_tool_is_a_fault_and_no_crash(line: Any) -> None:
    checker = Checker(Settings(Format.CHAT))

    for each in spoilt(line):
        assert all(fault.message for fault in checker.examine(json.dumps(each).encode())[0])
        assert len(make([each])) == 1


def test_calls_of_tools_become_calls_with_their_answers() -> None:
    call = {"name": "tide", "arguments": {"day": 1}}
    turns = [
        {"from": "human", "value": "How high?"},
        {"from": "function_call", "value": json.dumps([call, call])},
        *[{"from": "observation", "value": metres} for metres in ("4 m", "5 m")],
        {"from": "gpt", "value": "Four or five metres."},
    ]
    tool = {"name": "tide", "description": "How high", "parameters": {"type": "object"}}

    [made] = make([{"conversations": turns, "tools": json.dumps([tool])}])

    _, calling, first, second, _ = made["messages"]
    assert [each["id"] for each in calling["tool_calls"]] == ["call_1", "call_2"]
    assert (first["tool_call_id"], second["tool_call_id"]) == ("call_1", "call_2")
    assert made["tools"] == [{"type": "function", "function": tool}]
    row = json.dumps(made).encode()
    assert Checker(Settings(Format.CHAT)).examine(row)[0] == []


def test_an_item_of_an_eval_is_asked_as_reinforcement_data_asks() -> None:
    made = make([{"item": {"question": "What?", "answer": "That."}}])

    assert made == [{"messages": [{"role": "user", "content": "What?"}], "answer": "That."}]


def test_a_system_prompt_comes_first_and_only_once() -> None:
    assert make([CHAT, SYSTEM], system="Be brief.") == [SYSTEM, SYSTEM]


@pytest.mark.parametrize(
    "line",
    [
        {"system": "Be brief.", **CHAT},
        {"system": "Be brief.", "instruction": "What?", "output": "That."},
        {"system_prompt": "Be brief.", "question": "What?", "answer": "That."},
        {
            "system": [{"text": "Be brief."}],
            "messages": [
                {"role": "user", "content": [{"text": "What?"}]},
                {"role": "assistant", "content": [{"text": "That."}]},
            ],
        },
    ],
)
def test_the_system_prompt_of_another_tool_is_kept(line: Any) -> None:
    assert make([line]) == [SYSTEM]


def test_columns_are_named_by_what_they_are() -> None:
    line = {"frage": "What?", "antwort": "That.", "prompt": "no", "answer": "neither"}

    assert make([line], columns={"user": "frage", "assistant": "antwort"}) == [CHAT]


def test_a_column_that_says_nothing_asks_for_names() -> None:
    [fault] = make([{"frage": "What?", "antwort": "That."}])

    assert "--map" in fault.hint


@pytest.mark.parametrize(
    "line",
    [
        {"custom_id": "a", "body": {"messages": []}},
        {"input_ids": [1, 2]},
        {"text": "A whale"},
        {"conversations": [{"from": "martian", "value": "?"}]},
        {"question": "What?", "answer": ""},
        {"instruction": 1, "output": None},
        {"contents": "What?"},
        {"chosen": 1, "rejected": 2},
        7,
    ],
)
def test_what_cannot_be_converted_is_a_fault_with_its_line(line: Any) -> None:
    _, fault = make([CHAT, line])

    assert isinstance(fault, Fault)
    assert fault.line == 2


def test_all_lines_become_one_format() -> None:
    _, fault = make([AS_CHAT[0], AS_PREFERENCE[0]])

    assert fault.code == "FT220"


PAIR = b'{"question": "What?", "answer": "That."}'
LIST = json.dumps(CHAT["messages"]).encode()
FILES = {
    "lines": PAIR + b"\n" + PAIR,
    "array": b"[%b,\n %b]" % (PAIR, PAIR),
    "wrapped": b'{"data": [%b,\n %b], "version": 1}' % (PAIR, PAIR),
    "joined": PAIR * 2,
    "escaped": PAIR + b"\\n" + PAIR,
    "pretty": json.dumps(json.loads(PAIR), indent=2).encode() * 2,
    "returns": PAIR + b"\r" + PAIR + b"\r",
    "utf-16": (PAIR + b"\n" + PAIR).decode().encode("utf-16"),
    "csv": b"question,answer\r\nWhat?,That.\r\n\r\nWhat?,That.\r\n",
    "semicolons": b'\xef\xbb\xbfquestion;answer\nWhat?;That.\n"What?";"That."\n',
    "tsv": b"question\tanswer\nWhat?\tThat.\nWhat?\tThat.",
    "sep": b"sep=;\r\nquestion;answer\r\nWhat?;That.\r\nWhat?;That.\r\n",
    "rows": b'{"features": [], "rows": [{"row_idx": 0, "row": %b}, {"row_idx": 1, "row": %b}]}'
            % (PAIR, PAIR),
    "json in csv": b'"%b"\r\n' % PAIR.replace(b'"', b'""') * 2,
    "json column": b"messages\n" + b'"%b"\n' % LIST.replace(b'"', b'""') * 2,
    "twice": json.dumps(PAIR.decode()).encode() + b"\n" + json.dumps(PAIR.decode()).encode(),
    "bare lists": LIST + b"\n" + LIST,
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_whatever_holds_the_examples_is_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(FILES[name])

    read = list(converted(values(DataFile("data", path)), Conversion()))

    assert [json.loads(row) for row in read if isinstance(row, bytes)] == [CHAT, CHAT], read


def test_a_cell_may_be_long_and_hold_line_separators(tmp_path: Path) -> None:
    path = tmp_path / "data"
    asked, said = "What\u2028is\x85it?", "wave " * 50_000
    path.write_text(f"question,answer\n{asked},{said}\n", encoding="utf-8")

    [(line, value)] = values(DataFile("data", path))

    assert (line, value) == (2, {"question": asked, "answer": said})


def test_a_fault_in_an_array_has_its_line(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.write_bytes(b'[{"a": 1},\n {"a": 2},\n {"a": }]')

    with pytest.raises(ValueFault) as caught:
        list(values(DataFile("data", path)))
    assert (caught.value.fault.code, caught.value.fault.line) == ("FT211", 3)


# An object with `role` or `from` is a turn of one conversation; these keys are shorter than that.
ANY_OBJECTS = st.dictionaries(st.text(max_size=3), st.text(max_size=9), min_size=1)


@given(st.lists(ANY_OBJECTS, min_size=1))
def test_arrays_of_any_objects_are_read_as_they_are(examples: list[dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data"
        path.write_text(json.dumps(examples, indent=1), encoding="utf-8")
        lines = [value for _, value in values(DataFile("data", path))]
    assert lines == examples


def test_the_documentation_lists_what_can_be_converted() -> None:
    page = (Path(__file__).parents[3] / "docs" / "data.md").read_text(encoding="utf-8")

    rows = re.findall(r"^\| `([a-z][a-z-]*)` \| .* \| (\w+) \|$", page, re.MULTILINE)

    assert dict(rows) == {name: str(each.makes) for name, each in SHAPES.items() if each.makes}
