"""Chat completions: choices, limits, formats, tools, streams."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.contract import CHUNK
from tests.contract.mockserver.raw import RawClient

BASE = "gpt-4o-mini"
TUNED = "ft:gpt-4o-mini-2024-07-18:personal::abcd1234"
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        },
    },
}
CALL = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
}


def lines() -> list[dict[str, Any]]:
    said: list[tuple[str, dict[str, Any]]] = [
        ("Say one", {"content": "one two three four"}),
        ("JSON", {"content": '{"a": 1}'}),
        ("Oslo?", {"tool_calls": [CALL]}),
    ]
    said += [(f"Filler {word}", {"content": f"{word}!"}) for word in "abcdefg"]
    return [
        {"messages": [{"role": "user", "content": asked}, {"role": "assistant", **answer}]}
        for asked, answer in said
    ]


@pytest.fixture(autouse=True)
def _tuned(ft_mock: FtMock) -> None:
    ft_mock.seed(
        {
            "files": [{"id": "file-a", "lines": lines()}],
            "jobs": [{"id": "ftjob-a", "training_file": "file-a", "fine_tuned_model": TUNED}],
        }
    )


def test_a_base_model_says_the_same_for_the_same_seed(client: RawClient) -> None:
    assert client.answer(BASE, "Hello", seed=5) == client.answer(BASE, "Hello", seed=5)


def test_n_choices(client: RawClient) -> None:
    choices = client.ask(BASE, "Hello", n=3).json()["choices"]

    assert [choice["index"] for choice in choices] == [0, 1, 2]


@pytest.mark.parametrize(
    ("fields", "text", "reason"),
    [
        ({}, "one two three four", "stop"),
        ({"stop": " three"}, "one two", "stop"),
        ({"stop": ["four", "two"]}, "one ", "stop"),
        ({"max_tokens": 2}, "one two", "length"),
        ({"max_tokens": 0}, "", "length"),
        ({"max_completion_tokens": 0, "max_tokens": 2}, "", "length"),
        ({"max_completion_tokens": 1}, "one", "length"),
        ({"max_tokens": 100}, "one two three four", "stop"),
    ],
)
def test_where_an_answer_ends(
    client: RawClient, fields: dict[str, Any], text: str, reason: str
) -> None:
    choice = client.ask(TUNED, "Say one", **fields).json()["choices"][0]

    assert (choice["message"]["content"], choice["finish_reason"]) == (text, reason)


def test_usage_counts_the_prompt_and_the_answer(client: RawClient) -> None:
    usage = client.ask(TUNED, "Say one").json()["usage"]

    assert usage["completion_tokens"] == 4
    assert usage["total_tokens"] == usage["prompt_tokens"] + 4


def test_tool_calls_come_back_as_trained(client: RawClient) -> None:
    choice = client.ask(TUNED, "Oslo?").json()["choices"][0]

    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"] == [CALL]


def test_json_comes_back_as_trained(client: RawClient) -> None:
    assert client.answer(TUNED, "JSON", response_format={"type": "json_object"}) == '{"a": 1}'


def test_a_base_model_fits_the_format(client: RawClient) -> None:
    schema = {
        "type": "object",
        "properties": {"size": {"enum": ["s", "m"]}, "notes": {"type": "string"}},
    }
    wanted = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}

    plain = json.loads(client.answer(BASE, "Hello", response_format={"type": "json_object"}))
    shaped = json.loads(client.answer(BASE, "Hello", response_format=wanted))

    assert isinstance(plain, dict)
    assert shaped["size"] == "s"
    assert isinstance(shaped["notes"], str)


def test_a_tool_that_must_be_called_is_called(client: RawClient) -> None:
    for choice in ("required", {"type": "function", "function": {"name": "weather"}}):
        answer = client.ask(BASE, "Hello", tools=[WEATHER], tool_choice=choice).json()["choices"][0]
        function = answer["message"]["tool_calls"][0]["function"]
        assert function["name"] == "weather"
        assert json.loads(function["arguments"])["days"] == 0


def test_logprobs_spell_the_answer(client: RawClient) -> None:
    choice = client.ask(TUNED, "Say one", logprobs=True).json()["choices"][0]

    assert "".join(part["token"] for part in choice["logprobs"]["content"]) == "one two three four"


def test_a_stream_says_the_same_as_the_whole(ft_mock: FtMock, client: RawClient) -> None:
    raw = client.ask(TUNED, "Say one", stream=True, stream_options={"include_usage": True})
    events = [line.removeprefix("data: ") for line in raw.text.split("\n\n") if line]
    for event in events[:-1]:
        CHUNK.validate(json.loads(event))
    parts = [json.loads(event) for event in events[:-1]]

    assert raw.headers["content-type"].startswith("text/event-stream")
    assert events[-1] == "[DONE]"
    deltas = [part["choices"][0]["delta"] for part in parts if part["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == "one two three four"
    assert parts[-2]["choices"][0]["finish_reason"] == "stop"
    assert (parts[-1]["choices"], parts[-1]["usage"]["completion_tokens"]) == ([], 4)


def test_the_official_client_reads_streams_with_tool_calls(ft_mock: FtMock) -> None:
    with openai.OpenAI(
        base_url=ft_mock.base_url, api_key=ft_mock.api_key, _strict_response_validation=True
    ) as official:
        stream = official.chat.completions.create(
            model=TUNED, messages=[{"role": "user", "content": "Oslo?"}], stream=True
        )
        calls = [
            call
            for chunk in stream
            for choice in chunk.choices
            for call in choice.delta.tool_calls or []
        ]

    named = [call.function.name for call in calls if call.function and call.function.name]
    arguments = "".join((call.function and call.function.arguments) or "" for call in calls)
    assert (named, arguments) == (["weather"], '{"city": "Oslo"}')


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": [{"role": "user", "content": "x"}]}, "model"),
        ({"model": BASE}, "messages"),
        ({"model": BASE, "messages": []}, "messages"),
        ({"model": BASE, "messages": [{"role": "bot", "content": "x"}]}, "messages[0].role"),
        ({"model": BASE, "messages": [{"role": "user"}]}, "messages[0].content"),
        ({"model": BASE, "messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
    ],
)
def test_requests_that_are_refused(client: RawClient, body: dict[str, Any], param: str) -> None:
    refused = client.post("/chat/completions", body)

    assert (refused.status_code, refused.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize(
    "fields",
    [{"n": 0}, {"n": 200}, {"temperature": 3}, {"surprise": 1}, {"stream_options": {}},
     {"max_tokens": -1}, {"stop": ["a"] * 5}],
)  # fmt: skip
def test_options_out_of_range_are_refused(client: RawClient, fields: dict[str, Any]) -> None:
    assert client.ask(BASE, "Hello", **fields).status_code == 400


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ([{"type": "text", "text": "Say one"}], 200),
        ([{"type": "image_url", "image_url": {"url": "data:,"}}], 200),
        ([{"type": "text"}], 400),
        (["Say one"], 400),
    ],
)
def test_content_in_parts(client: RawClient, content: list[Any], status: int) -> None:
    body = {"model": TUNED, "messages": [{"role": "user", "content": content}]}

    assert client.post("/chat/completions", body).status_code == status


def test_metadata_out_of_limits_is_refused(client: RawClient) -> None:
    assert client.ask(BASE, "Hello", metadata={"k": "v" * 513}).status_code == 400


def test_an_unknown_model_is_a_404_in_the_provider_s_words(client: RawClient) -> None:
    refused = client.ask("ft:gpt-4o-mini:personal::none", "Hello")

    assert refused.status_code == 404
    assert refused.json() == {
        "error": {
            "message": "The model 'ft:gpt-4o-mini:personal::none' does not exist or you do not "
            "have access to it.",
            "type": "invalid_request_error",
            "param": "model",
            "code": "model_not_found",
        }
    }


def test_answers_vary_above_a_temperature_of_zero_alone(client: RawClient) -> None:
    def said(model: str, **fields: Any) -> list[str]:
        return [client.answer(model, "Filler a", **fields) for _ in range(40)]

    assert len({*said(TUNED), *said(TUNED, temperature=0)}) == 1
    assert len(set(said(TUNED, temperature=2))) > 1
    assert len(set(said(BASE, temperature=1))) > 5
    assert len(set(said(BASE, temperature=0))) == 1


def test_a_seed_in_the_request_holds_its_answer(client: RawClient) -> None:
    said = [client.answer(BASE, "Hi", temperature=1, seed=seed) for seed in (1, 1, 2, 3, 4)]

    assert said[0] == said[1]
    assert len(set(said)) > 1


def test_answers_vary_alike_on_a_server_with_the_same_seed() -> None:
    runs = []
    for seed in (5, 5, 6):
        with MockServer(Settings(seed=seed)) as server:
            client = RawClient(server.base_url)
            runs.append([client.answer(BASE, "Hi", temperature=1) for _ in range(10)])
            client.session.close()

    assert runs[0] == runs[1] != runs[2]


def test_choices_vary_too(client: RawClient) -> None:
    choices = client.ask(BASE, "Hi", temperature=1, n=20).json()["choices"]

    assert len({choice["message"]["content"] for choice in choices}) > 3


JUDGED = "Rate the answer.\nReference: The deep sea\nAnswer: The deep lake"


def test_the_judge_scores_by_likeness(client: RawClient) -> None:
    scores = [
        float(client.answer("mock-judge", f"Reference: The deep sea\nAnswer: {text}"))
        for text in ("The deep sea", "The deep lake", "No idea")
    ]

    assert scores[0] == 1
    assert scores == sorted(scores, reverse=True)
    assert client.get("/models/mock-judge").status_code == 200


def test_the_judge_fills_the_form_asked_for(client: RawClient) -> None:
    schema = {"type": "object", "properties": {"score": {"type": "number"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "v", "schema": schema}}

    said = client.answer("mock-judge", JUDGED, response_format=wanted, temperature=1)

    assert 0.7 < json.loads(said)["score"] < 0.9
