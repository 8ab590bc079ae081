"""The format of scenario files.

`schemas/scenario.schema.json`, for editors, is generated from these types; a test checks it.
"""

from __future__ import annotations

import textwrap
from difflib import get_close_matches
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
    """A scenario that is not valid; the message names it, the position and the reason."""


class Match(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The requests to which a fault applies; an omitted field matches all."""

    @property
    def is_of_chat(self) -> bool:
        """Whether it depends on the text of a chat request."""
        return any(each is not None for each in (self.model, self.prompt, self.prompt_share))

    method: Annotated[str, Meta(description="GET, POST or DELETE", examples=["POST"])] | None = None
    path: (
        Annotated[
            str,
            Meta(
                description="Path without /v1; `*` is one segment, `**` any number",
                examples=["/fine_tuning/jobs", "/files/*/content"],
            ),
        ]
        | None
    ) = None
    job: Annotated[str, Meta(description="Only requests about the job with this id")] | None = None
    model: Annotated[str, Meta(description="Only chats with this model")] | None = None
    prompt: (
        Annotated[str, Meta(description="Only chats whose last user message contains this text")]
        | None
    ) = None
    prompt_share: (
        Annotated[Share, Meta(description="Share of the prompts affected, always the same ones")]
        | None
    ) = None
    nth: Annotated[int, Meta(ge=1, description="The first matching request affected")] = 1
    times: (
        Annotated[int, Meta(ge=1, description="How many in a row; by default all from `nth` on")]
        | None
    ) = None
    probability: Annotated[
        Share, Meta(description="Probability for each request, decided by the seed")
    ] = 1.0


class Action(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What happens to a request with a fault."""

    delay: Annotated[Seconds, Meta(description="Seconds to wait before anything else")] = 0.0
    status: Annotated[int, Meta(ge=200, le=599, description="Answer with this status")] | None = (
        None
    )
    works: Annotated[
        bool, Meta(description="Carry out the request before this response is sent")
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
            Meta(description="Drop the connection before or after the request is carried out"),
        ]
        | None
    ) = None
    truncate: (
        Annotated[int, Meta(ge=0, description="Send this many bytes of the body, then drop")] | None
    ) = None
    malformed: Annotated[bool, Meta(description="Send a body that is not valid JSON")] = False
    dribble: (
        Annotated[Seconds, Meta(description="Send the body in small pieces, this far apart")] | None
    ) = None
    set: Annotated[dict[str, Any], Meta(description="Keys to set in the JSON response")] = {}
    remove: Annotated[list[str], Meta(description="Keys to remove from the JSON response")] = []
    drop_items: Annotated[
        list[int], Meta(description="Positions of items to remove from a list response")
    ] = []

    @property
    def reaches_provider(self) -> bool:
        """Whether the provider still processes the request."""
        is_answered = self.status is not None or self.html
        return self.drop != "before" and (self.works or not is_answered)


class Fault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """Matching requests and what happens to them."""

    do: Action
    match: Match = msgspec.field(default_factory=Match)
    name: Annotated[str, Meta(description="Shown in the list of faults")] = ""


class JobError(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The `error` of a failed job."""

    code: str
    message: str
    param: str | None = None


class JobOutcome(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """How jobs go that are created while the scenario is active."""

    nth: Annotated[int, Meta(ge=1, description="The first new job affected")] = 1
    times: (
        Annotated[int, Meta(ge=1, description="How many in a row; by default all from `nth` on")]
        | None
    ) = None
    stuck_in: Annotated[Phase, Meta(description="The job never leaves this status")] | None = None
    fails_in: (
        Annotated[
            Literal["validating_files", "queued", "running", "succeeded"],
            Meta(description="Fails at this phase's end; `running`: midway; `succeeded`: after"),
        ]
        | None
    ) = None
    error: Annotated[JobError, Meta(description="Why the job fails")] | None = None
    moderated: Annotated[
        bool, Meta(description="The failure comes with an event of type moderation_checks")
    ] = False
    best_epoch: (
        Annotated[int, Meta(ge=1, description="The model forgets after this epoch")] | None
    ) = None
    cancelled_at: (
        Annotated[
            Share, Meta(description="Share of the work after which another user cancels the job")
        ]
        | None
    ) = None
    created_after: Annotated[
        Seconds, Meta(description="Seconds (before --speed) until the job exists")
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
    status_words: Annotated[dict[str, str], Meta(description="Replacements for status values")] = {}
    hides: Annotated[list[str], Meta(description="Fields that the job object lacks")] = []
    null_error: Annotated[
        bool, Meta(description="`error` of a healthy job is null; the service sends {}")
    ] = False


class JudgeFault(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is wrong with the model `mock-judge` while the scenario is active."""

    habit: Annotated[
        Habit,
        Meta(description="Prefers the first of two answers, or gives no verdict"),
    ]
    below: (
        Annotated[Share, Meta(description="Only below this similarity to the reference")] | None
    ) = None


class Twin(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A second name for a model, such as a base model that answers like its tuned model."""

    name: Annotated[str, Meta(description="The name in the request; `*` is every base model")]
    answers_as: (
        Annotated[
            str, Meta(description="The model that answers; by default the newest tuned from it")
        ]
        | None
    ) = None


class Limited(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The requests that a limit counts; an omitted field matches all."""

    method: Annotated[str, Meta(description="GET, POST or DELETE", examples=["POST"])] | None = None
    path: Annotated[str, Meta(description="Path, as in a fault's match")] | None = None


class Limit(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The requests per minute for each API key, in real time; others get a 429."""

    requests_per_minute: Annotated[int, Meta(ge=1, le=1_000_000)]
    burst: Annotated[int, Meta(ge=1, description="Requests allowed at once")] = 1
    match: Limited = msgspec.field(default_factory=Limited)


class Scenario(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A scenario file."""

    name: Annotated[str, Meta(description="Name for `--scenario`")] = ""
    description: Annotated[str, Meta(description="What happens, in one sentence")] = ""
    faults: list[Fault] = []
    jobs: list[JobOutcome] = []
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
        ScenarioError: there is no scenario with this name, or it is not valid.
    """
    if str(source) in scenario_names():
        resource = files(READY_MADE) / f"{source}.yaml"
        return parse_scenario(resource.read_text(encoding="utf-8"), str(source))
    path = Path(source)
    if not _is_file(path):
        names = scenario_names()
        shown = textwrap.shorten(str(source), 80)
        near = " or ".join(map(repr, get_close_matches(shown, names)))
        which = f"did you mean {near}?" if near else f"there are: {', '.join(names)}"
        raise ScenarioError(f"no scenario or file is called {shown!r}; {which}")
    try:
        return load_document(path, Scenario)
    except ValueError as error:
        raise ScenarioError(str(error)) from None


def parse_scenario(text: str, source: str) -> Scenario:
    """The scenario in a YAML or JSON text; errors name `source`."""
    try:
        return parse_document(text, source, Scenario)
    except ValueError as error:
        raise ScenarioError(str(error)) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long for a file
        return False
