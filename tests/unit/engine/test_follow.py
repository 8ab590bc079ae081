"""Following a job through blips, gaps and silence, against a provider that answers from a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from itertools import repeat
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from ftrunner.api import reference
from ftrunner.api.errors import (
    ApiError,
    AuthenticationFailed,
    ConnectionLost,
    NotFound,
    PermissionDenied,
    ServerError,
)
from ftrunner.api.wire import Job, JobEvent
from ftrunner.engine.jobs.follow import Follower
from ftrunner.engine.waiting import Schedules
from ftrunner.errors import GaveUpWaiting
from ftrunner.events import (
    Event,
    JobMessage,
    JobStatusChanged,
    JobSucceeded,
    MetricsReported,
)
from ftrunner.providers import registry
from ftrunner.providers.profile import JobState, Profile
from ftrunner.render.run.board import Board
from ftrunner.render.run.jsonl import JsonLines
from ftrunner.render.run.notices import notices
from ftrunner.render.run.terminal import Terminal
from ftrunner.spec.model import Wait
from tests.unit.api.fakes import FakeClock


def job(state: JobState = JobState.RUNNING, job_id: str = "ftjob-1") -> Job:
    return Job(id=job_id, status=str(state), state=state)


def events(*numbers: int) -> list[JobEvent]:
    """Events as a provider lists them, newest first."""
    return [JobEvent(id=f"e{n}", created_at=float(n), message=f"event {n}") for n in numbers]


DONE = job(JobState.SUCCEEDED)
BLIP = ConnectionLost("the connection broke", code="FT303")


@dataclass
class Script:
    """A provider that answers from lists; the last page of events is the answer ever after."""

    jobs: list[Job | ApiError]
    pages: list[list[JobEvent] | ApiError] = field(default_factory=lambda: [[]])
    profile: Profile = field(default_factory=lambda: registry.get("openai"))

    def retrieve_job(self, _job_id: str) -> Job:
        following = self.jobs.pop(0)
        if isinstance(following, ApiError):
            raise following
        return following

    def job_events(self, _job_id: str) -> Iterator[JobEvent]:
        page = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        if isinstance(page, ApiError):
            raise page
        yield from page


@dataclass
class Watched:
    """What a follower reported."""

    job: Job
    reported: list[Event]
    statuses: list[str]

    @property
    def messages(self) -> list[str]:
        return [event.message for event in self.reported if isinstance(event, JobMessage)]

    @property
    def notes(self) -> str:
        return "\n".join(notice.text for event in self.reported for notice in notices(event))


def follow(script: Script, *, wait: Wait | None = None, interval: float = 1.0) -> Watched:
    reported: list[Event] = []
    statuses: list[str] = []
    follower = Follower(
        client=script,  # type: ignore[arg-type] # what a follower needs of a client
        clock=FakeClock(),
        emit=reported.append,
        wait=wait or Wait(timeout=3600, stall_after=600),
        on_change=lambda latest: statuses.append(latest.status),
        resolve_duplicates=lambda seen: seen,
        intervals=repeat(interval),
        may_be_missing=sum(Schedules().recorded),
    )
    return Watched(follower.follow(job(JobState.WAITING)), reported, statuses)


def test_statuses_are_reported_once_each_and_the_last_after_its_events() -> None:
    script = Script([job(), job(), DONE], [events(1), events(2, 1), events(3, 2, 1)])

    watched = follow(script)

    assert watched.statuses == ["waiting", "running", "succeeded"]
    assert watched.messages == ["event 1", "event 2", "event 3"]
    assert isinstance(watched.reported[-1], JobStatusChanged)


def test_blips_do_not_end_the_wait() -> None:
    server = ServerError("the server failed", code="FT317", status=500)

    watched = follow(Script([BLIP, server, DONE]))

    assert watched.job is DONE
    assert watched.notes.count("could not read the job's status") == 2


@pytest.mark.parametrize("error", [AuthenticationFailed, PermissionDenied, NotFound])
def test_a_refusal_ends_the_wait(error: type[ApiError]) -> None:
    with pytest.raises(error):
        follow(Script([error("no", code="FT311"), DONE]))


def test_an_event_that_a_page_lacked_is_reported_later() -> None:
    script = Script([job(), DONE], [events(5, 3, 2, 1), events(6, 5, 4, 3, 2, 1)])

    assert follow(script).messages == [f"event {n}" for n in (1, 2, 3, 5, 4, 6)]


def test_events_are_read_no_further_than_where_all_are_known() -> None:
    read: list[str] = []

    class Counting(Script):
        def job_events(self, _job_id: str) -> Iterator[JobEvent]:
            for event in super().job_events(_job_id):
                read.append(event.id)
                yield event

    long_ago = events(*range(500, 0, -1))
    follow(Counting([job(), DONE], [long_ago, [*events(501), *long_ago]]))

    assert len(read) == 500 + 1 + 20


def test_trouble_with_events_does_not_hide_the_end() -> None:
    watched = follow(Script([DONE], [BLIP]))

    assert watched.job is DONE
    assert "could not read the job's events" in watched.notes


def test_a_server_without_events_is_followed_by_status_alone() -> None:
    missing = NotFound("no route", code="FT319", status=501)

    watched = follow(Script([job(), DONE], [missing, events(1)]))

    assert watched.messages == []
    assert watched.notes.count("no job events") == 1


def test_a_stall_is_reported_once_until_something_happens() -> None:
    still = [job() for _ in range(20)]

    watched = follow(Script([*still, DONE]), wait=Wait(timeout=3600, stall_after=300), interval=60)

    assert watched.notes.count("nothing new for 5 min") == 1


def test_giving_up_leaves_the_job_and_waits_no_longer_than_asked() -> None:
    script = Script([job() for _ in range(100)])

    with pytest.raises(GaveUpWaiting, match=r"still running after 100 s; it keeps running"):
        follow(script, wait=Wait(timeout=100, stall_after=600), interval=30)

    assert len(script.jobs) == 96  # polls at 30, 60, 90 and 100 seconds


def test_giving_up_on_an_unknown_status_names_the_line_for_the_profile() -> None:
    odd = Job("ftjob-1", "Expired", JobState.UNKNOWN)

    with pytest.raises(GaveUpWaiting, match="the profile does not know this status") as gave_up:
        follow(Script([odd] * 100), wait=Wait(timeout=100, stall_after=600), interval=30)

    assert '`statuses: {"expired": succeeded}` (or `failed`, or `cancelled`)' in str(
        gave_up.value.hint
    )


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ({"global_step": 4, "reward": 0.3}, "step 4  reward 0.3"),
        ({"iteration": 4, "kl": 0.01}, "step 4  kl 0.01"),
        ({"step": "5", "train_mean_reward": "0.42"}, "step 5  train mean reward 0.42"),
        ({"step": 6, "train": {"mean_reward": 0.4}, "note": "x"}, "step 6  train.mean reward 0.4"),
    ],
)
def test_a_metric_is_shown_however_it_is_written(data: dict[str, Any], shown: str) -> None:
    out = StringIO()
    point = JobEvent(id="e1", type="metrics", data=data)

    watched = follow(Script([DONE], [[point]]))
    Terminal(Console(file=out, width=200))(
        next(event for event in watched.reported if isinstance(event, MetricsReported))
    )

    assert out.getvalue().strip() == shown


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
EXTREMES = st.sampled_from([10**400, -(10**400), 1e308, -1e308, 2**63, -1, 0])
JSON = st.recursive(
    SCALARS | EXTREMES,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
METRICS = ("step", "total_steps", "train_loss", "valid_loss", "loss")
DATA = JSON | st.fixed_dictionaries({}, optional=dict.fromkeys(METRICS, EXTREMES | JSON))
EVENT = st.fixed_dictionaries(
    {"type": st.just("metrics") | JSON, "data": DATA},
    optional=dict.fromkeys(("id", "created_at", "level", "message"), JSON),
)


def show(reported: list[Event]) -> str:
    """What every renderer makes of the events, as one text."""
    stream = StringIO()
    console = Console(file=stream)
    succeeded = JobSucceeded("ftjob-1", "ft:model", None)
    for render in (Terminal(console), Board(console, ["a"]).lane("a"), JsonLines(stream)):
        for event in [*reported, succeeded]:
            render(event)
    return stream.getvalue()


@given(st.lists(EVENT, max_size=3), st.sampled_from(["openai", "nebius", "together"]))
def test_no_event_is_too_odd_to_be_followed_and_shown(
    raw: list[dict[str, Any]], provider: str
) -> None:
    profile = registry.get(provider)
    page = [JobEvent.read(reference.event(event, profile)) for event in raw]

    watched = follow(Script([DONE], [page], profile=profile))

    assert "ft:model" in show(watched.reported)


def test_a_metric_that_is_not_a_measure_counts_as_absent() -> None:
    data = {"step": True, "train_loss": 10**400, "valid_loss": "low"}
    page = [JobEvent(id="e1", type="metrics", data=data)]

    [reported] = [
        e for e in follow(Script([DONE], [page])).reported if isinstance(e, MetricsReported)
    ]

    assert (reported.step, reported.train_loss, reported.valid_loss) == (None, None, None)
    assert reported.metrics == data


def test_details_are_shown_as_deep_as_anyone_reads() -> None:
    deep: dict[str, Any] = {}
    for _ in range(900):
        deep = {"in": deep}

    watched = follow(Script([DONE], [[JobEvent(id="e1", message="m", data=deep)]]))

    assert show(watched.reported).count('"in"') < 100


@pytest.mark.parametrize(
    "reported",
    [{"finished_at": 1_700_000_000}, {"fine_tuned_model": "ft:m"}, {"error": {"message": "no"}}],
    ids=lambda reported: next(iter(reported)),
)
def test_an_unknown_status_beside_what_ends_a_job_is_final(reported: dict[str, Any]) -> None:
    openai = registry.get("openai")
    going_on = Job.read({"id": "ftjob-1", "status": "rinsing", "error": {}}, openai)
    over = Job.read({"id": "ftjob-1", "status": "rinsed", **reported}, openai)

    watched = follow(Script([going_on, over, BLIP]))

    assert watched.statuses == ["waiting", "rinsing", "rinsed"]
    assert watched.job is over


def test_a_name_that_a_model_has_from_the_start_ends_nothing() -> None:
    together = registry.get("together")
    raw = {"id": "ft-1", "status": "rinsing", "model_output_name": "me/model-1"}

    assert not Job.read(raw, together).is_over


REWARDS = {
    "step": 10,
    "total_steps": 20,
    "train_mean_reward": 0.42,
    "full_valid_mean_reward": 0.68,
    "scores": {"grader": 1},
}


@pytest.mark.parametrize("kind", ["metrics", "message"])
def test_whatever_metrics_an_event_brings_are_shown_drawn_and_kept(kind: str) -> None:
    out = StringIO()
    show = Terminal(Console(file=out, width=200))
    rewards = [{**REWARDS, "step": step, "train_mean_reward": step / 50} for step in (10, 15, 20)]
    pages = [
        JobEvent(id=f"e{data['step']}", type=kind, message="Step 10/20 , train mean", data=data)
        for data in rewards
    ]

    watched = follow(Script([DONE], [pages[::-1]]))
    reported = [event for event in watched.reported if isinstance(event, MetricsReported)]
    for event in (*reported, JobSucceeded("ftjob-1", "ft:m", None)):
        show(event)

    assert [event.metrics for event in reported] == rewards
    assert "step 10/20  train mean reward 0.2  full valid mean reward 0.68" in out.getvalue()
    assert "train mean reward 0.20 ▁▄█ 0.40" in out.getvalue()


def test_beside_a_loss_an_accuracy_says_nothing_new() -> None:
    data = {"step": 1, "train_loss": 0.5, "train_mean_token_accuracy": 0.9, "kl": 0.1}
    out = StringIO()

    watched = follow(Script([DONE], [[JobEvent(id="e1", type="metrics", data=data)]]))
    Terminal(Console(file=out, width=200))(
        next(event for event in watched.reported if isinstance(event, MetricsReported))
    )

    assert out.getvalue().strip() == "step 1  loss 0.5000  kl 0.1"


def test_an_event_that_names_only_a_step_is_a_message() -> None:
    point = JobEvent(id="e1", type="message", message="Checkpoint created", data={"step": 10})

    assert follow(Script([DONE], [[point]])).messages == ["Checkpoint created"]
