"""What a run is put together from."""

from __future__ import annotations

import json
from contextlib import nullcontext
from pathlib import Path

from ftrunner.api.errors import ServerError
from ftrunner.cli import wiring
from ftrunner.cli.wiring import World
from ftrunner.engine.target import Target
from ftrunner.events import Event, Retrying
from ftrunner.providers import registry
from ftrunner.spec.model import Dataset, Spec
from tests.unit.api.fakes import BASE_URL, KEY, FakeClock, Midway, ScriptedTransport, answer


def test_a_second_try_is_reported_and_kept_as_evidence(tmp_path: Path) -> None:
    spec = Spec(tmp_path / "s.yaml", "s", "m", Dataset(train=("a",)))
    failure = ServerError("the server failed", code="FT317", status=500)
    world = World(
        clock=FakeClock(),
        transport=lambda: nullcontext(ScriptedTransport(failure, answer({"id": "j"}))),
        environment={"OPENAI_API_KEY": KEY},
        random=Midway(),
    )
    reported: list[Event] = []

    target = Target(registry.get("openai"), BASE_URL, BASE_URL)
    with wiring.open_run(spec, target, reported.append, world) as run:
        run.client.retrieve_job("j")
        kept = (run.log.folder / "events.jsonl").read_text(encoding="utf-8")

    assert [type(event) for event in reported] == [Retrying]
    assert [json.loads(line)["event"] for line in kept.splitlines()] == ["retrying"]
