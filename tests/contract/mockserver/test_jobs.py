"""What jobs are refused, what they show, and what their models answer."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import LIFETIME, LINES, MODEL, RawClient, example


@pytest.mark.parametrize(
    ("fields", "param", "code"),
    [
        ({"model": "nope"}, "model", "model_not_available"),
        ({"model": "gpt-5"}, "model", "model_not_available"),
        ({"model": 7}, "model", "invalid_value"),
        ({"suffix": "x" * 65}, "suffix", "invalid_value"),
        ({"suffix": ""}, "suffix", "invalid_value"),
        ({"seed": -1}, "seed", "invalid_value"),
        ({"seed": 2**31}, "seed", "invalid_value"),
        ({"surprise": 1}, "surprise", "unknown_parameter"),
        ({"hyperparameters": {"n_epochs": 0}}, "hyperparameters.n_epochs", "invalid_value"),
        ({"hyperparameters": {"n_epochs": 51}}, "hyperparameters.n_epochs", "invalid_value"),
        ({"hyperparameters": {"n_epochs": "ten"}}, "hyperparameters.n_epochs", "invalid_value"),
        ({"hyperparameters": {"batch_size": 257}}, "hyperparameters.batch_size", "invalid_value"),
        ({"hyperparameters": {"beta": 1}}, "hyperparameters.beta", "unknown_parameter"),
        ({"method": {}}, "method.type", "missing_required_parameter"),
        (
            {"method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 3}}}},
            "method.dpo.hyperparameters.beta",
            "invalid_value",
        ),
        (
            {"method": {"type": "reinforcement"}},
            "method.reinforcement.grader",
            "missing_required_parameter",
        ),
        ({"metadata": {"k": 1}}, "metadata[...]", "invalid_value"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata", "object_above_max_properties"),
        ({"metadata": {"k": "v" * 513}}, "metadata", "string_above_max_length"),
        ({"integrations": [{"type": "x"}]}, "integrations[0]", "invalid_value"),
        (
            {"integrations": [{"type": "wandb", "wandb": {}}]},
            "integrations[0].wandb.project",
            "missing_required_parameter",
        ),
        (
            {"hyperparameters": {}, "method": {"type": "supervised"}},
            "hyperparameters",
            "invalid_value",
        ),
        ({"validation_file": "file-none"}, "validation_file", None),
    ],
)
def test_requests_for_a_job_that_are_refused(
    client: RawClient, fields: dict[str, Any], param: str, code: str | None
) -> None:
    refused = client.create(client.file(), **fields)

    error = refused.json()["error"]
    assert refused.status_code == (404 if code is None else 400)
    assert (error["param"], error["code"]) == (param, code)


def test_unknown_and_unfit_training_files(client: RawClient) -> None:
    unknown = client.create("file-none")
    other = client.create(client.upload(purpose="batch").json()["id"])

    assert (unknown.status_code, unknown.json()["error"]["param"]) == (404, "training_file")
    assert (other.status_code, other.json()["error"]["code"]) == (400, "invalid_file_purpose")


@pytest.mark.parametrize(
    ("lines", "code", "message"),
    [
        (LINES[:9], "invalid_n_examples", "Training file has 9 example(s)"),
        ([*LINES, {"messages": []}], "invalid_training_file", "Example 11, key"),
        ([*LINES, [1]], "invalid_training_file", "Example 11 is not a JSON object."),
        ([*LINES[:3], {"prompt": "a"}], "invalid_training_file", 'Example 4 is missing key "mes'),
    ],
)
def test_bad_examples_fail_the_job_when_validation_ends(
    ft_mock: FtMock, client: RawClient, lines: list[Any], code: str, message: str
) -> None:
    job_id = client.start(lines)
    assert client.job(job_id)["status"] == "validating_files"

    ft_mock.advance(10)

    job = client.job(job_id)
    assert (job["status"], job["error"]["code"]) == ("failed", code)
    assert job["error"]["param"] == "training_file"
    assert message in job["error"]["message"]


def test_a_line_that_is_not_json_is_named_by_its_number(ft_mock: FtMock, client: RawClient) -> None:
    ft_mock.seed({"files": [{"id": "file-bad", "content": '{"messages": 1\n'}]})
    job_id = str(client.create("file-bad").json()["id"])

    ft_mock.advance(10)

    assert "Example 1 cannot be parsed" in client.job(job_id)["error"]["message"]


def test_validation_data_has_its_own_losses(ft_mock: FtMock, client: RawClient) -> None:
    training, validation = client.file(), client.file(LINES[:3])
    job_id = client.create(training, validation_file=validation).json()["id"]
    ft_mock.advance(LIFETIME)

    points = client.get(f"/fine_tuning/jobs/{job_id}/checkpoints").json()["data"]
    assert all(point["metrics"]["full_valid_loss"] > 0 for point in points)


def test_the_training_file_is_not_a_validation_file(client: RawClient) -> None:
    file_id = client.file()

    refused = client.create(file_id, validation_file=file_id)

    assert refused.json()["error"]["param"] == "validation_file"


def test_a_bad_validation_file_fails_the_job(ft_mock: FtMock, client: RawClient) -> None:
    job_id = client.create(client.file(), validation_file=client.file([{}])).json()["id"]
    ft_mock.advance(10)

    assert client.job(job_id)["error"]["code"] == "invalid_validation_file"


def test_dpo_learns_what_is_preferred(ft_mock: FtMock, client: RawClient) -> None:
    lines = [
        {
            "input": {"messages": line["messages"][:1]},
            "preferred_output": line["messages"][1:],
            "non_preferred_output": [{"role": "assistant", "content": "No idea."}],
        }
        for line in LINES
    ]
    job_id = client.start(lines, method={"type": "dpo"})

    ft_mock.advance(LIFETIME)

    job = client.job(job_id)
    assert job["method"]["type"] == "dpo"
    assert client.answer(job["fine_tuned_model"], "What is number 3?") == "Number 3 is a number."


def test_too_many_active_jobs_get_a_time_to_come_back(ft_mock: FtMock, client: RawClient) -> None:
    file_id = client.file()
    accepted = [client.create(file_id).status_code for _ in range(3)]

    refused = client.create(file_id)
    ft_mock.advance(LIFETIME)

    assert accepted == [200, 200, 200]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert client.create(file_id).status_code == 200


def test_paused_jobs_hold_their_places(client: RawClient) -> None:
    file_id = client.file()
    for _ in range(3):
        job_id = client.create(file_id).json()["id"]
        client.post(f"/fine_tuning/jobs/{job_id}/pause")

    refused = client.create(file_id)

    assert (refused.status_code, refused.headers["retry-after"]) == (429, "60")


def test_a_file_in_use_cannot_be_deleted(ft_mock: FtMock, client: RawClient) -> None:
    file_id = client.file()
    job_id = client.create(file_id).json()["id"]

    refused = client.delete(f"/files/{file_id}")
    ft_mock.advance(LIFETIME)
    deleted = client.delete(f"/files/{file_id}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "file_in_use")
    assert deleted.json()["deleted"]
    model = client.job(job_id)["fine_tuned_model"]
    assert client.answer(model, "What is number 1?") == "Number 1 is a number."


@pytest.mark.parametrize("change", ["cancel", "pause", "resume"])
def test_a_finished_job_cannot_be_changed(ft_mock: FtMock, client: RawClient, change: str) -> None:
    job_id = client.start()
    ft_mock.advance(LIFETIME)

    refused = client.post(f"/fine_tuning/jobs/{job_id}/{change}")

    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid_job_status")


def test_hyperparameters_are_shown_as_asked_then_as_used(
    ft_mock: FtMock, client: RawClient
) -> None:
    job_id = client.start()
    asked = client.job(job_id)["hyperparameters"]
    ft_mock.advance(10)

    assert asked == dict.fromkeys(("n_epochs", "batch_size", "learning_rate_multiplier"), "auto")
    assert client.job(job_id)["hyperparameters"]["n_epochs"] == 10


def test_the_model_exists_from_success_until_it_is_deleted(
    ft_mock: FtMock, client: RawClient
) -> None:
    ft_mock.seed(
        {
            "files": [{"id": "file-a", "lines": LINES}],
            "jobs": [
                {"id": "ftjob-a", "training_file": "file-a", "status": "validating_files",
                 "fine_tuned_model": "ft:gpt-4o-mini-2024-07-18:personal:a:00000000"}
            ],
        }
    )  # fmt: skip
    name = "ft:gpt-4o-mini-2024-07-18:personal:a:00000000"
    seen = []
    for _ in range(2):
        seen.append((client.get(f"/models/{name}").status_code, client.ask(name, "?").status_code))
        ft_mock.advance(LIFETIME)
    client.delete(f"/models/{name}")
    seen.append((client.get(f"/models/{name}").status_code, client.ask(name, "?").status_code))

    assert seen == [(404, 404), (200, 200), (404, 404)]


def test_early_checkpoints_know_less_than_late_ones(ft_mock: FtMock, client: RawClient) -> None:
    lines = [example(f"Where is town {n}?", f"Town {n} is by the sea.") for n in range(40)]
    job_id = client.start(lines, hyperparameters={"n_epochs": 4})
    ft_mock.advance(LIFETIME)
    points = client.get(f"/fine_tuning/jobs/{job_id}/checkpoints").json()["data"]

    known = [
        sum(
            client.answer(point["fine_tuned_model_checkpoint"], f"Where is town {n}?")
            == f"Town {n} is by the sea."
            for n in range(40)
        )
        for point in reversed(points)
    ]

    assert known == sorted(known)
    assert known[0] < known[-1] == 40


def test_a_checkpoint_is_not_deleted_on_its_own(ft_mock: FtMock, client: RawClient) -> None:
    job_id = client.start()
    ft_mock.advance(LIFETIME)
    points = client.get(f"/fine_tuning/jobs/{job_id}/checkpoints").json()["data"]
    name = points[1]["fine_tuned_model_checkpoint"]

    assert points[0]["fine_tuned_model_checkpoint"] == client.job(job_id)["fine_tuned_model"]
    assert client.delete(f"/models/{name}").status_code == 400
    assert client.delete("/models/gpt-4o-mini").status_code == 403
    assert client.ask(name, "Hello").status_code == 200


def test_results_are_a_csv_in_base64(ft_mock: FtMock, client: RawClient) -> None:
    job_id = client.start()
    ft_mock.advance(LIFETIME)
    result_file = client.job(job_id)["result_files"][0]

    content = client.get(f"/files/{result_file}/content").content

    assert client.get(f"/files/{result_file}").json()["purpose"] == "fine-tune-results"
    assert base64.b64decode(content).startswith(b"step,train_loss,")


def test_a_healthy_job_has_no_error_in_the_form_asked_for() -> None:
    forms = {}
    for null in (False, True):
        with MockServer(Settings(clock="manual", null_error=null)) as server:
            client = RawClient(server.base_url)
            forms[null] = client.job(client.start())["error"]
            client.session.close()

    assert forms == {False: {}, True: None}


def test_a_job_has_the_fields_that_recordings_show(client: RawClient) -> None:
    wandb = [{"type": "wandb", "wandb": {"project": "tales"}}]

    job = client.job(client.start(suffix="tales", integrations=wandb))

    assert "suffix" not in job
    assert job["user_provided_suffix"] == "tales"
    assert (job["usage_metrics"], job["shared_with_openai"]) == (None, False)
    unset = {"entity": None, "name": None, "tags": None}
    run = {"project": "tales", **unset, "run_id": job["id"]}
    assert job["integrations"] == [{"type": "wandb", "wandb": run}]


@pytest.mark.parametrize(
    ("model", "rate"),
    [
        ("gpt-4o-mini", 1.8),
        ("gpt-4o-mini-2024-07-18", 1.8),
        ("gpt-4.1-nano-2025-04-14", 1),
        ("gpt-3.5-turbo-0613", 2),
    ],
)
def test_an_automatic_learning_rate_is_the_recorded_one(
    ft_mock: FtMock, client: RawClient, model: str, rate: float
) -> None:
    job_id = client.start(model=model)
    ft_mock.advance(LIFETIME)

    assert client.job(job_id)["hyperparameters"]["learning_rate_multiplier"] == rate


def test_a_reinforcement_job_reports_rewards(ft_mock: FtMock, client: RawClient) -> None:
    grader = {"type": "string_check", "name": "same", "operation": "eq",
              "input": "{{sample.output_text}}", "reference": "{{item.answer}}"}  # fmt: skip
    lines = [
        {"messages": [{"role": "user", "content": f"Number {n}?"}], "answer": f"{n}"}
        for n in range(10)
    ]
    method = {"type": "reinforcement", "reinforcement": {"grader": grader}}
    job_id = client.start(
        lines, model="o4-mini-2025-04-16", method=method, validation_file=client.file(lines[:2])
    )
    ft_mock.advance(2 * LIFETIME)

    job = client.job(job_id)
    assert job["status"] == "succeeded", job
    chosen = job["method"]["reinforcement"]["hyperparameters"]
    assert (chosen["eval_interval"], chosen["reasoning_effort"]) == (5, "medium")
    events = client.get(f"/fine_tuning/jobs/{job_id}/events", limit=1000).json()["data"]
    steps = [event for event in events if event["type"] == "metrics"]
    assert all("train_mean_reward" in step["data"] for step in steps)
    assert "train_loss" not in str(steps)
    assert ", full validation mean reward=" in steps[0]["message"]
    points = client.get(f"/fine_tuning/jobs/{job_id}/checkpoints").json()["data"]
    assert points[0]["metrics"]["full_valid_mean_reward"] > 0
    content = client.get(f"/files/{job['result_files'][0]}/content").content
    assert base64.b64decode(content).startswith(b"step,train_mean_reward,full_valid_mean_reward")


def test_jobs_are_found_by_their_metadata(ft_mock: FtMock, client: RawClient) -> None:
    file_id = client.file()
    first = client.create(file_id, metadata={"run": "1", "team": "a"}).json()["id"]
    client.create(file_id, metadata={"run": "2", "team": "a"})

    def ids(**labels: str) -> list[str]:
        wanted = {f"metadata[{key}]": value for key, value in labels.items()}
        return [job["id"] for job in client.get("/fine_tuning/jobs", **wanted).json()["data"]]

    assert ids(run="1") == [first]
    assert ids(run="1", team="a") == [first]
    assert len(ids(team="a")) == 2
    assert ids(run="3") == []


def test_a_tuned_model_can_be_tuned_further(ft_mock: FtMock, client: RawClient) -> None:
    job_id = client.start()
    ft_mock.advance(LIFETIME)
    model = client.job(job_id)["fine_tuned_model"]

    again = client.create(client.file(), model=model, suffix="more")
    ft_mock.advance(LIFETIME)

    job = client.job(again.json()["id"])
    assert job["model"] == model
    assert job["fine_tuned_model"].startswith(f"ft:{MODEL}:personal:more:")


def test_polling_gets_its_pace(ft_mock: FtMock, client: RawClient) -> None:
    created = client.create(client.file())
    ft_mock.advance(LIFETIME)
    ended = client.get(f"/fine_tuning/jobs/{created.json()['id']}")

    assert created.headers["openai-poll-after-ms"] == "1000"
    assert "openai-poll-after-ms" not in ended.headers
