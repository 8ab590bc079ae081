from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from ftrunner.evaluation.sets import rows
from tests.unit.evaluation.sets.reading import asked, codes, read, rows_of

CHAT = {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}


def lines(*values: object) -> str:
    return "".join(f"{json.dumps(value, ensure_ascii=False)}\n" for value in values)


def numbered(count: int) -> str:
    return lines(*({"user": f"question {n}", "answer": "yes"} for n in range(count)))


def test_the_last_assistant_turn_of_a_chat_is_the_reference(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, lines({**CHAT, "language": "en"}), slices="[language]").rows

    assert row.messages == ({"role": "user", "content": "Hi"},)
    assert row.expect[0].value == "Ho"
    assert (row.place, row.slices) == (f"{tmp_path}/rows.jsonl:1", {"language": "en"})


def test_tools_of_a_chat_are_sent_and_its_calls_are_the_reference(tmp_path: Path) -> None:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    said = [{"role": "user", "content": "?"}, {"role": "assistant", "tool_calls": [call]}]
    tools = [{"type": "function", "function": {"name": "look"}}]

    (row,) = rows_of(tmp_path, lines({"messages": said, "tools": tools})).rows

    assert row.request == {"tools": tools}
    assert json.loads(row.expect[0].value) == [call]


def test_weights_of_training_are_not_sent(tmp_path: Path) -> None:
    said = [{"role": "assistant", "content": "a", "weight": 0}, *CHAT["messages"]]

    (row,) = rows_of(tmp_path, lines({"messages": said})).rows

    assert row.messages[0] == {"role": "assistant", "content": "a"}


@pytest.mark.parametrize(
    ("name", "data", "keys"),
    [
        ("a.jsonl", lines({"text": "Hi", "label": "Ho"}), {}),
        ("a.csv", "text,label\nHi,Ho\n", {}),
        ("a.csv", b"\xef\xbb\xbftext;label\r\nHi;Ho\r\n", {}),
        ("a.csv", "text,label\nHi,Ho\n".encode("utf-16"), {}),
        ("a.csv", 'sep=;\r\ntext;label\r\n"Hi";"Ho"\r\n', {}),
        ("a.tsv", "text\tlabel\nHi\tHo\n", {}),
        ("a.jsonl.gz", gzip.compress(lines({"text": "Hi", "label": "Ho"}).encode(), mtime=0), {}),
        ("a.csv.gz", gzip.compress(b"text,label\nHi,Ho\n", mtime=0), {}),
        ("a.json", json.dumps([{"text": "Hi", "label": "Ho"}], indent=1), {}),
    ],
)
def test_a_flat_file_of_any_kind_is_read(
    tmp_path: Path, name: str, data: str | bytes, keys: dict[str, str]
) -> None:
    columns = "{user: text, answer: label}"

    (row,) = rows_of(tmp_path, data, name, columns=columns, **keys).rows

    assert row.messages == ({"role": "user", "content": "Hi"},)
    assert row.expect[0].value == "Ho"


def test_columns_called_user_system_and_answer_need_no_words(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path, "system,user,answer\nBe brief,Hi,Ho\n", "a.csv").rows

    assert [message["content"] for message in row.messages] == ["Be brief", "Hi"]


def test_messages_can_be_texts_with_columns(tmp_path: Path) -> None:
    found = rows_of(
        tmp_path,
        "text,kind,answer\nHi,mail,Ho\n",
        "a.csv",
        user="'Sort: {{item.text}}'",
        system="'You sort {{ item.kind }}.'",
    )

    assert [message["content"] for message in found.rows[0].messages] == [
        "You sort mail.",
        "Sort: Hi",
    ]


def test_a_sample_stays_where_it_is_when_rows_are_added(tmp_path: Path) -> None:
    few = asked(rows_of(tmp_path, numbered(200), sample="{count: 50, seed: 7}"))
    more = asked(rows_of(tmp_path, numbered(220), sample="{count: 50, seed: 7}"))
    other = asked(rows_of(tmp_path, numbered(200), sample="{count: 50, seed: 8}"))

    assert len(few) == len(more) == 50
    assert few == sorted(few, key=lambda text: int(text.split()[1]))
    assert len(set(few) & set(more)) >= 40
    assert len(set(few) & set(other)) < 40


def test_a_sample_of_more_than_there_is_is_all(tmp_path: Path) -> None:
    assert len(rows_of(tmp_path, numbered(3), sample="{count: 5}").rows) == 3


def test_repeated_rows_are_asked_once(tmp_path: Path) -> None:
    found, findings = read(tmp_path, lines(CHAT, CHAT, CHAT))

    assert found is not None
    assert len(found.rows) == 1
    assert [(one.code, str(one.severity)) for one in findings] == [("FT514", "warning")]


def test_references_of_the_row_are_read(tmp_path: Path) -> None:
    expect = (
        "[{number: {is: '{{item.n}}'}}, {label: {in: [Billing, other], is: '{{item.l}}'}}, "
        "{matches: '^{{item.m}}$'}, {any_of: [{equals: '{{item.m}}'}, {refuses: true}]}]"
    )

    data = lines({"user": "?", "n": "12.50", "l": " billing", "m": "a+b"})
    (row,) = rows_of(tmp_path, data, expect=expect).rows

    number, label, matches, any_of = row.expect
    assert number.value["is"] == 12.5
    assert label.value["is"] == "Billing"
    assert matches.value == r"^a\+b$"
    assert any_of.value[0].value == "a+b"


@pytest.mark.parametrize(
    ("data", "keys", "code"),
    [
        ("", {}, "FT511"),
        ("\n \n", {}, "FT511"),
        ("user,answer\n", {"name": "a.csv"}, "FT511"),
        (numbered(1) + "{broken\n" + lines(CHAT), {}, "FT211"),
        (lines(CHAT) + '{"a": NaN}\n', {}, "FT215"),
        (lines(CHAT).encode() + b'{"user": "\xff"}\n', {}, "FT210"),
        (r'{"user": "?", "answer": "\ud800"}', {}, "FT218"),
        (lines(CHAT) + "[1]\n", {}, "FT212"),
        ('{"user": "a", "answer": "b", "x": ' + "[" * 700 + "]" * 700 + "}", {}, "FT216"),
        (lines({"messages": "Hi"}), {}, "FT223"),
        (lines({"messages": [{"content": "Hi"}]}), {}, "FT223"),
        (lines({"messages": [{"role": "assistant", "content": "Hi"}]}), {}, "FT225"),
        (lines({"user": " ", "answer": "a"}), {}, "FT225"),
        (lines({"text": "Hi", "answer": "a"}), {}, "FT160"),
        (lines({"messages": CHAT["messages"][:1]}), {}, "FT160"),
        (lines(CHAT), {"expect": "[{equals: '{{item.anwser}}'}]"}, "FT160"),
        (lines(CHAT), {"cluster": "customer"}, "FT160"),
        (lines(CHAT), {"slices": "[language]"}, "FT160"),
        (lines({"a": "b"}), {"user": "'{{item.text}}'"}, "FT160"),
        ("a,b\n1,2\n", {"name": "a.csv", "columns": "{user: a, answer: c}"}, "FT160"),
        (lines({"user": "a", "answer": "b"}, {"user": "c"}), {}, "FT512"),
        ("user,answer\na,b\nc,\n", {"name": "a.csv"}, "FT512"),
        ("user,answer\na,b\nc\n", {"name": "a.csv"}, "FT512"),
        ("user,answer\na,b,c\n", {"name": "a.csv"}, "FT221"),
        (numbered(1), {"expect": "[{number: {is: '{{item.answer}}'}}]"}, "FT513"),
        (numbered(1), {"expect": "[{label: {in: [a, b], is: '{{item.answer}}'}}]"}, "FT513"),
        (
            numbered(1),
            {"expect": "[{fields: {of: '{{item.answer}}', keys: {a: equals}}}]"},
            "FT513",
        ),
        (numbered(1).encode()[:-1], {"name": "a.jsonl.gz"}, "FT203"),
    ],
)
def test_what_is_wrong_with_a_file_is_a_finding(
    tmp_path: Path, data: str | bytes, keys: dict[str, str], code: str
) -> None:
    assert codes(tmp_path, data, **keys) == [code]


def test_a_file_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    found, findings = read(tmp_path, numbered(1), file="rows.json")

    assert found is None
    assert [(one.code, one.location.line) for one in findings] == [("FT201", 9)]
    assert "rows.jsonl" in findings[0].message


def test_rows_with_one_fault_are_one_finding(tmp_path: Path) -> None:
    data = numbered(3) + lines(*({"user": f"more {n}"} for n in range(40)))

    _, (finding,) = read(tmp_path, data)

    assert finding.rows is not None
    assert (finding.rows.count, finding.rows.of, finding.rows.lines[0]) == (40, 43, 4)


def test_all_columns_that_a_row_lacks_are_named_with_what_was_meant(tmp_path: Path) -> None:
    _, (finding,) = read(tmp_path, lines(CHAT), expect="[{equals: '{{item.anwser}}'}]")

    assert "did you mean 'answer'" in finding.message
    assert finding.location.line == 10


def test_a_set_may_be_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_ROWS", 20)

    assert codes(tmp_path, numbered(21)) == ["FT516"]
    assert codes(tmp_path, numbered(21), sample="{count: 20}") == []


def test_rows_that_were_trained_on_are_left_out_and_counted(tmp_path: Path) -> None:
    trained = lines(
        {"messages": [{"role": "system", "content": "Be brief"}, *CHAT["messages"]]},
        {"messages": [{"role": "user", "content": " question 1 "}, CHAT["messages"][1]]},
        {"input": {"messages": [{"role": "user", "content": "question 2"}]}},
        {"prompt": "question 3", "completion": "yes"},
    )

    found, findings = read(tmp_path, lines(CHAT) + numbered(5), train=trained)

    assert found is not None
    assert asked(found) == ["question 0", "question 4"]
    assert found.leaked == 4
    assert [(one.code, str(one.severity)) for one in findings] == [("FT515", "warning")]


def test_a_conversation_leaks_by_what_was_said_before(tmp_path: Path) -> None:
    def talk(*said: str) -> dict[str, object]:
        turns = [[{"role": "user", "content": one}, CHAT["messages"][1]] for one in said]
        return {"messages": [message for turn in turns for message in turn]}

    found = rows_of(
        tmp_path,
        lines(talk("a"), talk("a", "b"), talk("b"), talk("a", "b", "c"), talk("z", "b")),
        train=lines(talk("a", "b", "d")),
    )

    assert [len(row.messages) for row in found.rows] == [1, 5, 3]
    assert found.leaked == 2


def test_a_set_that_was_trained_on_is_an_error(tmp_path: Path) -> None:
    found, findings = read(tmp_path, lines(CHAT), train=lines(CHAT))

    assert found is None
    assert [(one.code, str(one.severity)) for one in findings] == [("FT515", "error")]


def test_the_digest_is_that_of_the_rows(tmp_path: Path) -> None:
    digests = [rows_of(tmp_path, numbered(count)).digest for count in (3, 3, 4)]

    assert digests[0] == digests[1] != digests[2]
