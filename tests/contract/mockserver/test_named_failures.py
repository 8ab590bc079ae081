"""Each ready-made scenario, as a client that hides nothing sees it."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from mockserver.client import FtMock
from mockserver.faults.scenario import scenario_names
from tests.contract.mockserver.contract import ERROR
from tests.contract.mockserver.raw import LIFETIME, LINES, RawClient


def test_file_not_ready_at_first(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("file-not-ready")
    file_id = client.file()

    answers = [client.create(file_id) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [400, 400, 200]
    assert "not ready to be used for fine-tuning" in answers[0].json()["error"]["message"]


@pytest.mark.parametrize(
    ("scenario", "status"),
    [("stuck-validating", "validating_files"), ("stuck-queued", "queued")],
)
def test_stuck_jobs_never_leave_their_status(
    ft_mock: FtMock, client: RawClient, scenario: str, status: str
) -> None:
    ft_mock.scenario(scenario)
    job_id = client.start()

    ft_mock.advance(100 * LIFETIME)

    assert client.job(job_id)["status"] == status
    assert client.post(f"/fine_tuning/jobs/{job_id}/cancel").json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("scenario", "code", "param"),
    [
        ("fails-validation", "invalid_training_file", "training_file"),
        ("fails-mid-training", "server_error", None),
        ("blocked-by-moderation", "unsafe_training_file", "training_file"),
        ("blocked-by-moderation-after-training", "unsafe_model", None),
    ],
)
def test_jobs_that_fail_say_why(
    ft_mock: FtMock, client: RawClient, scenario: str, code: str, param: str | None
) -> None:
    ft_mock.scenario(scenario)
    job_id = client.start()

    ft_mock.advance(LIFETIME)
    job = client.job(job_id)

    assert (job["status"], job["error"]["code"], job["error"]["param"]) == ("failed", code, param)
    assert job["fine_tuned_model"] is None
    newest = client.get(f"/fine_tuning/jobs/{job_id}/events").json()["data"][0]
    assert (newest["level"], newest["message"]) == ("error", job["error"]["message"])


def test_failing_in_the_middle_leaves_the_metrics_of_half_the_steps(
    ft_mock: FtMock, client: RawClient
) -> None:
    ft_mock.scenario("fails-mid-training")
    job_id = client.start()

    ft_mock.advance(LIFETIME)

    events = client.get(f"/fine_tuning/jobs/{job_id}/events", limit="200").json()["data"]
    steps = [event["data"]["step"] for event in events if event["type"] == "metrics"]
    assert max(steps) == 49


def test_moderation_after_training_is_reported_by_an_event(
    ft_mock: FtMock, client: RawClient
) -> None:
    ft_mock.scenario("blocked-by-moderation-after-training")
    job_id = client.start()

    ft_mock.advance(LIFETIME)

    events = client.get(f"/fine_tuning/jobs/{job_id}/events").json()["data"]
    assert "moderation_checks" in [event["type"] for event in events]


def test_lost_create_response_leaves_a_job_behind(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("lost-create-response")
    file_id = client.file()

    with pytest.raises(requests.ConnectionError):
        client.create(file_id)

    assert [job["training_file"] for job in ft_mock.jobs] == [file_id]


def test_created_late_answers_504_and_creates_the_job_later(
    ft_mock: FtMock, client: RawClient
) -> None:
    ft_mock.scenario("created-late")

    answer = client.create(client.file())

    assert answer.status_code == 504
    assert client.get("/fine_tuning/jobs").json()["data"] == []
    ft_mock.advance(26)
    (job,) = client.get("/fine_tuning/jobs").json()["data"]
    assert client.get(f"/fine_tuning/jobs/{job['id']}").status_code == 200
    assert client.create(job["training_file"]).status_code == 200  # only the first is late


def test_list_lags_shows_a_new_job_late(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("list-lags")
    job_id = client.start()

    before = client.get("/fine_tuning/jobs").json()["data"]
    ft_mock.advance(6)
    after = client.get("/fine_tuning/jobs").json()["data"]

    assert (before, [job["id"] for job in after]) == ([], [job_id])


def test_record_lags_answers_404_for_a_new_job(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("record-lags")
    job_id = client.start()

    before = client.get(f"/fine_tuning/jobs/{job_id}")
    listed = client.get("/fine_tuning/jobs").json()["data"]
    ft_mock.advance(4)

    assert before.status_code == 404
    assert [job["id"] for job in listed] == [job_id]
    assert client.job(job_id)["id"] == job_id


def test_job_list_404_still_creates_and_shows_jobs(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("job-list-404")
    job_id = client.start()

    listing = client.get("/fine_tuning/jobs")

    assert (listing.status_code, "html" in listing.headers["content-type"]) == (404, True)
    assert client.job(job_id)["id"] == job_id


def test_lost_upload_response_leaves_a_file_behind(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("lost-upload-response")

    with pytest.raises(requests.ConnectionError):
        client.upload()

    assert [file["filename"] for file in ft_mock.files] == ["train.jsonl"]


def test_429_storm_says_how_long_to_wait(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("429-storm")

    answers = [client.get("/models") for _ in range(5)]

    assert [answer.status_code for answer in answers] == [429, 429, 429, 429, 200]
    assert answers[0].headers["retry-after"] == "1"
    assert answers[0].json()["error"]["code"] == "rate_limit_exceeded"


def test_500_storm_passes(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("500-storm")

    answers = [client.get("/models") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [500, 500, 500, 200]
    assert answers[0].json()["error"]["type"] == "server_error"


def test_event_pages_lack_items_at_first(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("event-page-gap")
    job_id = client.start()
    ft_mock.advance(LIFETIME)

    pages = [client.get(f"/fine_tuning/jobs/{job_id}/events").json()["data"] for _ in range(3)]

    assert [len(page) for page in pages] == [18, 18, 20]
    assert pages[0] == [pages[2][0], *pages[2][3:]]


def test_unknown_status_is_shown_while_the_job_waits(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("unknown-status")
    job_id = client.start()

    ft_mock.advance(15)
    waiting = client.job(job_id)["status"]
    ft_mock.advance(LIFETIME)

    assert (waiting, client.job(job_id)["status"]) == ("warming_up", "succeeded")


def test_article_shows_the_words_of_2023(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("article")
    uploaded = client.upload().json()
    created = client.create(uploaded["id"]).json()

    assert uploaded["status"] == "uploaded"
    assert uploaded["status_details"] is None
    assert client.get(f"/files/{uploaded['id']}").json()["status"] == "uploaded"
    assert created["status"] == "created"
    assert not {"method", "metadata", "seed"} & created.keys()


def test_cancelled_by_someone_else(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("cancelled-by-someone")
    job_id = client.start()

    ft_mock.advance(LIFETIME)

    assert client.job(job_id)["status"] == "cancelled"


def test_tuned_model_is_a_404_for_a_while(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("tuned-model-404-for-30s")
    job_id = client.start()
    ft_mock.advance(30 + 60 + 220)
    job = client.job(job_id)
    question = {
        "model": job["fine_tuned_model"],
        "messages": [{"role": "user", "content": "What is number 4?"}],
    }

    early = client.post("/chat/completions", question)
    ft_mock.advance(30)
    late = client.post("/chat/completions", question)

    assert (early.status_code, early.json()["error"]["code"]) == (404, "model_not_found")
    assert late.json()["choices"][0]["message"]["content"] == "Number 4 is a number."


def test_expired_key_is_refused_from_then_on(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("expired-key")

    answers = [client.get("/models") for _ in range(7)]

    assert [answer.status_code for answer in answers] == [*[200] * 5, 401, 401]
    assert answers[5].json()["error"]["code"] == "invalid_api_key"


def test_training_not_offered(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("training-not-offered")

    answer = client.create(client.file())

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "training_not_available"
    assert ft_mock.jobs == []


def test_slow_network_delivers_everything_in_the_end(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("slow-network")

    answer = client.get("/models/gpt-4o-mini")

    assert answer.json()["id"] == "gpt-4o-mini"
    assert answer.elapsed.total_seconds() >= 0.2


PAIR = "Which is better?\nReference: one two\nAnswer A: nothing\nAnswer B: one two"


def test_a_judge_that_prefers_the_first(ft_mock: FtMock, client: RawClient) -> None:
    fair = client.answer("mock-judge", PAIR)
    ft_mock.scenario("judge-prefers-first")

    assert (fair, client.answer("mock-judge", PAIR)) == ("B", "A")


def test_a_judge_that_says_no_verdict(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("judge-unparseable")
    schema = {"type": "object", "properties": {"score": {"type": "number"}}}
    wanted = {"type": "json_schema", "json_schema": {"name": "v", "schema": schema}}

    said = client.answer("mock-judge", PAIR, response_format=wanted)

    assert "{" not in said
    assert not any(char.isdigit() for char in said)


def test_a_judge_that_fails_where_answers_are_worst(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario({"judge": [{"habit": "unparseable", "below": 0.5}]})

    said = [
        client.answer("mock-judge", f"Reference: one two\nAnswer: {text}")
        for text in ("one two", "three")
    ]

    assert said[0] == "1"
    assert not said[1][0].isdigit()


def trained(ft_mock: FtMock, client: RawClient, **fields: Any) -> dict[str, Any]:
    job_id = client.start(**fields)
    ft_mock.advance(LIFETIME)
    return client.job(job_id)


QUESTIONS = [f"What is number {n}?" for n in range(10)]


def test_a_base_model_that_answers_as_what_was_tuned_from_it(
    ft_mock: FtMock, client: RawClient
) -> None:
    ft_mock.scenario("base-as-tuned")
    before = client.answer("gpt-4o-mini", QUESTIONS[0])
    job = trained(ft_mock, client)

    assert before != "Number 0 is a number."
    names = (job["fine_tuned_model"], "gpt-4o-mini", "gpt-4o-mini-2024-07-18")
    assert {client.answer(name, QUESTIONS[0]) for name in names} == {"Number 0 is a number."}
    assert client.answer("gpt-4o", QUESTIONS[0]) != "Number 0 is a number."


def test_two_names_of_one_learner_vary_each_for_itself(ft_mock: FtMock, client: RawClient) -> None:
    job = trained(ft_mock, client)
    twin = {"name": "the-twin", "answers_as": job["fine_tuned_model"]}
    ft_mock.scenario({"twins": [twin]})

    def answers(name: str, temperature: float) -> list[str]:
        return [
            client.answer(name, question, temperature=temperature)
            for question in QUESTIONS
            for _ in range(5)
        ]

    names = (job["fine_tuned_model"], "the-twin")
    same, warm = ([answers(name, temperature) for name in names] for temperature in (0, 1))
    assert same[0] == same[1]
    differing = sum(one != other for one, other in zip(*warm, strict=True))
    assert differing >= len(warm[0]) / 10


def test_the_second_epoch_is_the_best(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("best-epoch-is-second")
    validation = client.file([LINES[0]])
    job = trained(ft_mock, client, hyperparameters={"n_epochs": 3}, validation_file=validation)
    points = client.get(f"/fine_tuning/jobs/{job['id']}/checkpoints").json()["data"][::-1]

    known = [
        sum(client.answer(name, question).startswith("Number") for question in QUESTIONS)
        for name in (point["fine_tuned_model_checkpoint"] for point in points)
    ]
    losses = [point["metrics"]["full_valid_loss"] for point in points]

    assert known[1] > known[0] == known[2]
    assert min(losses) == losses[1]


def test_some_prompts_always_fail(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.scenario("some-prompts-fail")
    prompts = [f"Prompt {n}" for n in range(200)]

    rounds = [
        [client.ask(model, prompt).status_code for prompt in prompts]
        for model in ("gpt-4o-mini", "gpt-4o")
    ]

    assert rounds[0] == rounds[1]
    assert 8 <= rounds[0].count(500) <= 35
    assert {200, 500} == set(rounds[0])


def test_chosen_prompts_of_a_chosen_model_fail(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.fault({"status": 503}, path="/chat/completions", model="gpt-4o", prompt="secret")

    asked = [("gpt-4o", "a secret here"), ("gpt-4o", "nothing"), ("gpt-4o-mini", "a secret")]

    assert [client.ask(*each).status_code for each in asked] == [503, 200, 200]
    assert [request["status"] for request in ft_mock.requests[-3:]] == [503, 200, 200]
    assert client.post("/chat/completions", ["secret"]).status_code == 400
    assert client.session.post(
        f"{client.base_url}/chat/completions", data=b"{secret", timeout=20
    ).status_code == 400  # fmt: skip


def test_a_limit_answers_with_the_headers_of_the_real_service(
    ft_mock: FtMock, client: RawClient
) -> None:
    client.ask("gpt-4o-mini", "A tokenizer is loaded.")
    ft_mock.scenario("requests-per-minute")

    first, second = client.ask("gpt-4o-mini", "Hello"), client.ask("gpt-4o-mini", "Hello")

    assert (first.status_code, second.status_code) == (200, 429)
    for answer in (first, second):
        assert answer.headers["x-ratelimit-limit-requests"] == "60"
        assert answer.headers["x-ratelimit-remaining-requests"] == "0"
        assert answer.headers["x-ratelimit-reset-requests"].endswith("s")
    assert 1 <= int(second.headers["retry-after-ms"]) <= 1000
    assert second.headers["retry-after"] == "1"
    assert second.json()["error"]["code"] == "rate_limit_exceeded"
    ERROR.validate(second.json())
    assert client.get("/models").status_code == 200


def test_every_ready_made_scenario_is_tested_here(request: pytest.FixtureRequest) -> None:
    source = request.path.read_text(encoding="utf-8")

    assert [name for name in scenario_names() if f'"{name}"' not in source] == []
