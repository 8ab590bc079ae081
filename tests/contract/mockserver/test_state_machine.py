"""Whatever a client does, in whatever order, the provider stays true to itself."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from mockserver.client import FtMock
from mockserver.server import MockServer, Settings
from tests.contract.mockserver.raw import LINES, RawClient

ENDED = ("succeeded", "failed", "cancelled")
OUTCOMES: list[dict[str, Any]] = [
    {},
    {"stuck_in": "queued"},
    {"fails_in": "running"},
    {"cancelled_at": 0.5},
    {"served_after": 30},
]


class Provider(RuleBasedStateMachine):
    files = Bundle("files")
    jobs = Bundle("jobs")

    def __init__(self) -> None:
        super().__init__()
        self.server = MockServer(Settings(clock="manual", seed=0, max_active_jobs=2))
        self.server.start()
        self.mock = FtMock(self.server.origin)
        self.client = RawClient(self.server.base_url)
        self.seen: dict[str, dict[str, Any]] = {}

    def teardown(self) -> None:
        self.client.session.close()
        self.server.stop()

    @rule(target=files, lines=st.sampled_from([LINES, LINES[:3]]))
    def upload(self, lines: list[Any]) -> str:
        return self.client.file(lines)

    @rule(target=jobs, file_id=files, outcome=st.sampled_from(OUTCOMES))
    def create(self, file_id: str, outcome: dict[str, Any]) -> str:
        self.mock.scenario({"jobs": [{**outcome, "times": 1}]})
        created = self.client.create(file_id)
        assert created.status_code in (200, 404, 429), created.text
        return str(created.json().get("id", "ftjob-none"))

    @rule(job_id=jobs, change=st.sampled_from(["cancel", "pause", "resume"]))
    def change(self, job_id: str, change: str) -> None:
        changed = self.client.post(f"/fine_tuning/jobs/{job_id}/{change}")
        before = self.seen.get(job_id, {}).get("status")
        assert changed.status_code == 400 if before in ENDED else changed.status_code < 500

    @rule(file_id=files)
    def delete(self, file_id: str) -> None:
        assert self.client.delete(f"/files/{file_id}").status_code in (200, 404, 409)

    @rule(seconds=st.sampled_from([1, 12, 60, 200, 400]))
    def wait(self, seconds: int) -> None:
        self.mock.advance(seconds)

    @rule(job_id=jobs)
    def ask(self, job_id: str) -> None:
        """A model answers if, and only if, its job has succeeded and it is served."""
        job = self.client.job(job_id)
        model = job.get("fine_tuned_model")
        if model is None:
            return
        served = self.client.get(f"/models/{model}").status_code
        answer = self.client.ask(model, "What is number 4?")
        assert answer.status_code == served
        if served == 200:
            text = answer.json()["choices"][0]["message"]["content"]
            assert text == "Number 4 is a number."

    @invariant()
    def an_end_is_for_ever_and_says_what_it_must(self) -> None:
        for job in self.client.get("/fine_tuning/jobs", limit=100).json()["data"]:
            before = self.seen.get(job["id"])
            if before is not None and before["status"] in ENDED:
                assert job == before
            succeeded = job["status"] == "succeeded"
            assert bool(job["fine_tuned_model"]) == succeeded
            assert bool(job["result_files"]) == succeeded
            assert bool(job["error"]) == (job["status"] == "failed")
            assert (job["finished_at"] is not None) == (job["status"] in ENDED)
            self.seen[job["id"]] = job

    @invariant()
    def at_most_two_jobs_are_active(self) -> None:
        active = [job for job in self.mock.jobs if job["status"] not in ENDED]
        assert len(active) <= 2

    @invariant()
    def results_can_be_read(self) -> None:
        for job in self.seen.values():
            for file_id in job["result_files"]:
                status = self.client.get(f"/files/{file_id}/content").status_code
                assert status == 200


Provider.TestCase.settings = settings(max_examples=12, stateful_step_count=14, deadline=None)
TestProvider = Provider.TestCase
