"""Scenario files: what is to go wrong, by name.

The types here are the format. `schemas/scenario.schema.json`, which editors read, is made
from them, and a test holds that it still is.
"""

from __future__ import annotations

import textwrap
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from mockserver.data.yaml_document import load_document, parse_document

READY_MADE = "mockserver.scenarios"

Phase = Literal["validating_files", "queued", "running"]
Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=3600)]


Habit = Literal["prefers-first", "unparseable"]


class ScenarioError(ValueError):
    """A scenario that can't be used; the message says which, where and why."""


class Match(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which requests a fault strikes; what is left out matches all."""

    @property
    def is_of_chat(self) -> bool:
        """Whether it looks at what a chat request says."""
        return any(each is not None for each in (self.model, self.prompt, self.prompt_share))

    method: Annotated[str, Meta(description="GET, POST or DELETE", examples=["POST"])] | None = None
    path: (
        Annotated[
            str,
            Meta(
                description="Path without /v1; `*` stands for one segment, `**` for any",
                examples=["/fine_tuning/jobs", "/files/*/content"],
            ),
        ]
        | None
    ) = None
    job: Annotated[str, Meta(description="Only requests about the job with this id")] | None = None
    model: Annotated[str, Meta(description="Only chats with this model")] | None = None
    prompt: (
        Annotated[str, Meta(description="Only chats whose last user message has this text in it")]
        | None
    ) = None
    prompt_share: (
        Annotated[Share, Meta(description="Share of the prompts to strike, always the same ones")]
        | None
    ) = None
    nth: Annotated[int, Meta(ge=1, description="The first matching request to strike")] = 1
    times: (
        Annotated[int, Meta(ge=1, description="How many in a row; left out: all from `nth` on")]
        | None
    ) = None
    probability: Annotated[Share, Meta(description="Chance to strike, drawn by the seed")] = 1.0


class Action(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What happens to a request that a fault strikes."""

    delay: Annotated[Seconds, Meta(description="Seconds to wait before anything else")] = 0.0
    status: Annotated[int, Meta(ge=200, le=599, description="Answer with this status")] | None = (
        None
    )
    works: Annotated[
        bool, Meta(description="Do what was asked all the same before such an answer is given")
    ] = False
    body: Annotated[Any, Meta(description="JSON document, or text, to answer with")] = None
    html: Annotated[bool, Meta(description="Answer with a proxy's HTML error page")] = False
    headers: Annotated[dict[str, str], Meta(description="Headers to add to the answer")] = {}
    retry_after: Annotated[Seconds, Meta(description="Seconds for a Retry-After header")] | None = (
        None
    )
    drop: (
        Annotated[
            Literal["before", "after"],
            Meta(description="Drop the connection before, or after, the work was done"),
        ]
        | None
    ) = None
    truncate: (
        Annotated[int, Meta(ge=0, description="Send this many bytes of the body, then drop")] | None
    ) = None
    malformed: Annotated[bool, Meta(description="Send a body that is no valid JSON")] = False
    dribble: (
        Annotated[Seconds, Meta(description="Send the body in small pieces, this far apart")] | None
    ) = None
    set: Annotated[dict[str, Any], Meta(description="Keys to put into the JSON answer")] = {}
    remove: Annotated[list[str], Meta(description="Keys to take out of the JSON answer")] = []
    drop_items: Annotated[
        list[int], Meta(description="Places of items to take out of a list answer")
    ] = []

    @property
    def hands_on(self) -> bool:
        """Whether the provider gets the request all the same."""
        is_answered = self.status is not None or self.html
        return self.drop != "before" and (self.works or not is_answered)


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Requests that match, and what happens to them."""

    do: Action
    match: Match = msgspec.field(default_factory=Match)
    name: Annotated[str, Meta(description="Shown where faults are listed")] = ""


class JobError(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The `error` of a failed job."""

    code: str
    message: str
    param: str | None = None


class JobFate(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What becomes of jobs that are created while the scenario holds."""

    nth: Annotated[int, Meta(ge=1, description="The first new job that this befalls")] = 1
    times: (
        Annotated[int, Meta(ge=1, description="How many in a row; left out: all from `nth` on")]
        | None
    ) = None
    stuck_in: Annotated[Phase, Meta(description="Never leaves this status")] | None = None
    fails_in: (
        Annotated[
            Literal["validating_files", "queued", "running", "succeeded"],
            Meta(description="Fails at this phase's end; `running`: midway; `succeeded`: after"),
        ]
        | None
    ) = None
    error: Annotated[JobError, Meta(description="Why it fails")] | None = None
    moderated: Annotated[
        bool, Meta(description="The failure comes with an event of type moderation_checks")
    ] = False
    best_epoch: (
        Annotated[int, Meta(ge=1, description="After this epoch the model forgets what it learned")]
        | None
    ) = None
    cancelled_at: (
        Annotated[Share, Meta(description="Share of the work after which another cancels it")]
        | None
    ) = None
    created_after: Annotated[
        Seconds, Meta(description="Seconds (before --speed) until the job comes into being")
    ] = 0.0
    shown_after: Annotated[
        Seconds, Meta(description="Seconds (before --speed) of 404 for the new job's record")
    ] = 0.0
    listed_after: Annotated[
        Seconds, Meta(description="Seconds (before --speed) until the list of jobs has it")
    ] = 0.0
    served_after: Annotated[
        Seconds, Meta(description="Seconds (before --speed) of 404 for the new model")
    ] = 0.0
    status_words: Annotated[
        dict[str, str], Meta(description="Words to show in place of a status")
    ] = {}
    hides: Annotated[list[str], Meta(description="Fields that the job object does not have")] = []
    null_error: Annotated[
        bool, Meta(description="`error` is null where nothing is wrong; the service sends {}")
    ] = False


class JudgeFault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is wrong with the model `mock-judge` while the scenario holds."""

    habit: Annotated[
        Habit,
        Meta(description="Prefers the first of two answers, or says nothing that is a verdict"),
    ]
    below: (
        Annotated[Share, Meta(description="Only where the answer is less like the reference")]
        | None
    ) = None


class Twin(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A second name for a model, such as a base model that knows what its tuned model does."""

    name: Annotated[str, Meta(description="The name that is asked; `*` is every base model")]
    answers_as: (
        Annotated[
            str, Meta(description="The model that answers; left out: the newest tuned from it")
        ]
        | None
    ) = None


class Limited(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Which requests a limit counts; what is left out matches all."""

    method: Annotated[str, Meta(description="GET, POST or DELETE", examples=["POST"])] | None = None
    path: Annotated[str, Meta(description="Path, as in a fault's match")] | None = None


class Limit(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How many requests a minute each API key may send, in real seconds; more get a 429."""

    requests_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)]
    burst: Annotated[int, Meta(ge=1, description="How many may come at once")] = 1
    match: Limited = msgspec.field(default_factory=Limited)


class Scenario(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A scenario file."""

    name: Annotated[str, Meta(description="What `--scenario` calls it")] = ""
    description: Annotated[str, Meta(description="What it shows, in a sentence")] = ""
    faults: list[Fault] = []
    jobs: list[JobFate] = []
    judge: list[JudgeFault] = []
    twins: list[Twin] = []
    limits: list[Limit] = []


def scenario_names() -> list[str]:
    """The ready-made scenarios, in alphabetical order."""
    folder = files(READY_MADE)
    return sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".yaml"))


def load_scenario(source: str | Path) -> Scenario:
    """A ready-made scenario by name, or one from a YAML or JSON file.

    Raises:
        ScenarioError: there is none of that name, or its text is not a scenario.
    """
    if str(source) in scenario_names():
        resource = files(READY_MADE) / f"{source}.yaml"
        return parse_scenario(resource.read_text(encoding="utf-8"), str(source))
    path = Path(source)
    if not _is_file(path):
        names = ", ".join(scenario_names())
        shown = textwrap.shorten(str(source), 80)
        raise ScenarioError(f"no scenario or file is called {shown!r}; there are: {names}")
    try:
        return load_document(path, Scenario)
    except ValueError as error:
        raise ScenarioError(str(error)) from None


def parse_scenario(text: str, source: str) -> Scenario:
    """The scenario that a YAML or JSON text holds; `source` is named in errors."""
    try:
        return parse_document(text, source, Scenario)
    except ValueError as error:
        raise ScenarioError(str(error)) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long for any file
        return False
