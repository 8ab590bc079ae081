"""`/_mock/`: control of the server for tests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from mockserver.build_provider import reset
from mockserver.clock import ManualClock
from mockserver.data.records import Job
from mockserver.faults.scenario import Fault, Scenario, ScenarioError, load_scenario
from mockserver.fixtures import FixtureError, parse_fixtures, plant
from mockserver.http import respond
from mockserver.http.body import read_bytes, read_object
from mockserver.http.errors import WireError, bad_request
from mockserver.jobs.events import checkpoints_at
from mockserver.jobs.settling import settle
from mockserver.jobs.training import state_at
from mockserver.page.page import HEADERS, page
from mockserver.provider import Provider
from mockserver.verdict.findings import is_clean
from mockserver.verdict.verdict import findings_on


class Control:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    async def page(self, request: Request) -> Response:
        """The page for browsers at the root."""
        url = request.url
        shown = page(self._provider, f"{url.scheme}://{url.netloc}")
        return HTMLResponse(shown, headers=HEADERS)

    async def health(self, _: Request) -> Response:
        return respond.document({"status": "ok", "now": self._provider.clock.now()})

    async def reset(self, _: Request) -> Response:
        reset(self._provider)
        return respond.document({"status": "ok"})

    async def seed(self, request: Request) -> Response:
        try:
            fixtures = parse_fixtures(await read_bytes(request), "the request's body")
            plant(self._provider, fixtures, None)
        except FixtureError as error:
            raise bad_request(str(error)) from None
        return respond.document({"files": len(fixtures.files), "jobs": len(fixtures.jobs)})

    async def clock(self, _: Request) -> Response:
        kind, now = self._provider.settings.clock, self._provider.clock.now()
        return respond.document({"clock": kind, "now": now})

    async def advance(self, request: Request) -> Response:
        seconds = (await read_object(request)).get("seconds")
        clock = self._provider.clock
        if not isinstance(clock, ManualClock):
            raise WireError(409, "The clock can only be advanced with --clock manual.")
        if not isinstance(seconds, int | float) or not 0 <= seconds <= 1e9:
            raise bad_request("'seconds' must be a number of 0 or more.", param="seconds")
        now = clock.advance(seconds)
        self._provider.store.remember("clock", now)
        return respond.document({"clock": "manual", "now": now})

    async def faults(self, _: Request) -> Response:
        return self._armed()

    async def add_faults(self, request: Request) -> Response:
        """Add a scenario by name, a complete scenario, or a single fault."""
        try:
            self._provider.faults.add(_scenario(await read_object(request)))
        except (ScenarioError, msgspec.ValidationError) as error:
            raise bad_request(str(error)) from None
        return self._armed()

    async def clear_faults(self, _: Request) -> Response:
        self._provider.faults.clear()
        return self._armed()

    async def requests(self, _: Request) -> Response:
        kept = [asdict(exchange) for exchange in self._provider.exchanges.latest()]
        forgotten = self._provider.exchanges.forgotten
        return respond.document({"requests": kept, "forgotten": forgotten})

    async def state(self, _: Request) -> Response:
        settle(self._provider)
        store, now = self._provider.store, self._provider.clock.now()
        return respond.document(
            {
                "now": now,
                "files": [asdict(file) for file in store.files.every()],
                "jobs": [_job(job, now) for job in store.jobs.every()],
                "uploads": [asdict(upload) for upload in store.uploads.every()],
                "completions": store.completions.count(),
                "resources": [asdict(r) for r in store.resources.every() if not r.deleted],
            }
        )

    async def verdict(self, _: Request) -> Response:
        settle(self._provider)
        findings = findings_on(self._provider)
        listed = [asdict(finding) for finding in findings]
        return respond.document({"clean": is_clean(findings), "findings": listed})

    def _armed(self) -> Response:
        faults = self._provider.faults
        return respond.document(
            {
                "faults": [
                    {
                        "name": armed.fault.name,
                        "match": msgspec.to_builtins(armed.fault.match),
                        "do": msgspec.to_builtins(armed.fault.do),
                        "hits": armed.hits,
                    }
                    for armed in faults.armed
                ],
                "jobs": [
                    {"outcome": msgspec.to_builtins(armed.outcome), "hits": armed.hits}
                    for armed in faults.outcomes
                ],
                "limits": [
                    {"limit": msgspec.to_builtins(limiter.limit), "hits": limiter.hits}
                    for limiter in faults.limits
                ],
                "unfired": faults.unfired(),
            }
        )


def _scenario(asked: dict[str, Any]) -> Scenario:
    if isinstance(asked.get("scenario"), str):
        return load_scenario(asked["scenario"])
    if "do" in asked:
        return Scenario(faults=[msgspec.convert(asked, Fault)])
    return msgspec.convert(asked, Scenario)


def _job(job: Job, now: float) -> dict[str, Any]:
    state = state_at(job, now)
    return {
        "id": job.id,
        "status": state.status,
        "step": state.step,
        "created_at": job.created_at,
        "finished_at": state.finished_at,
        "model": job.model,
        "training_file": job.training_file,
        "validation_file": job.validation_file,
        "fine_tuned_model": job.tuned_model if state.status == "succeeded" else None,
        "metadata": job.metadata,
        "checkpoints": len(checkpoints_at(job, now)),
    }
