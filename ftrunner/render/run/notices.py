"""Events that need no more than a sentence, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ftrunner import events as e
from ftrunner.text import dollars, duration, one_line

_LIMITS = {
    "job_listing": "this provider lists no jobs, so an identical job started elsewhere cannot be "
    "found",
    "metadata": "this provider stores no metadata, so an identical job started elsewhere cannot be "
    "detected",
}
_CANCELLED = {
    "duplicate": ", a duplicate of the same inputs",
    "former_inputs": ", which trained former inputs",
}


@dataclass(frozen=True, slots=True)
class Notice:
    """One sentence; `level` is note or warning, or debug for what only programs need."""

    text: str
    level: str = "note"


def notices(event: e.Event) -> tuple[Notice, ...]:
    """The sentences for `event`; none for an event that is shown in another way."""
    if isinstance(event, e.Noted):
        return (Notice(event.message, event.level),)
    if isinstance(event, e.PriceQuoted):
        return tuple(_price(event))
    if isinstance(event, e.JobCancelled) and event.why == "requested":
        return ()  # the command says it
    if type(event) in _WARNINGS:
        return (Notice(_WARNINGS[type(event)](event), "warning"),)
    if type(event) in _NOTES:
        return (Notice(_NOTES[type(event)](event)),)
    if isinstance(event, e.ModelNotDescribed):
        return (Notice(f"the provider gives no information about {event.model}", "debug"),)
    return ()


def notices_for_people(event: e.Event) -> tuple[Notice, ...]:
    """The same without level debug."""
    return tuple(notice for notice in notices(event) if notice.level != "debug")


def _price(event: e.PriceQuoted) -> Iterator[Notice]:
    if event.price is None:
        why = f": {event.reason}" if event.reason else ""
        yield Notice(f"{event.provider} gives no price estimate{why}", "warning")
        return
    tokens = "" if event.tokens is None else f" for {event.tokens:,} tokens"
    yield Notice(f"{event.provider} estimates {dollars(event.price)}{tokens}")
    if event.allowed is False:
        limit = "" if event.limit is None else f" of {dollars(event.limit)}"
        yield Notice(f"the account's limit{limit} does not cover that; the job may fail", "warning")


def retrying(event: e.Retrying) -> str:
    """The event in a sentence."""
    when = f"in {event.delay:.1f} s" if event.delay >= 0.05 else "at once"
    return f"{one_line(event.reason).rstrip('.')}; asking again {when}"


def _unconfirmed(event: e.JobUnconfirmed) -> str:
    if event.command:
        return f"an unconfirmed job may still appear; {event.command} finds it"
    return "the unconfirmed job is not at the provider yet; ftrunner keeps looking"


def _duplicates(event: e.DuplicatesKept) -> str:
    names = ", ".join(event.duplicates)
    if event.why == "succeeded":
        return f"{names} has the same inputs as {event.job_id} and succeeded too; both were billed"
    return f"same inputs as {event.job_id}, but not cancelled: {names}"


def _left_running(event: e.JobLeftRunning) -> str:
    if event.why == "replaced":
        return f"{event.job_id}, the job recorded before, was not cancelled"
    return f"no longer watching {event.job_id}; it may still be running"


def _found(event: e.DeploymentFound) -> str:
    when = "whose creation was never confirmed" if event.unconfirmed else "created before"
    return f"found the {event.noun} {event.id}, {when}"


def _deleted(what: str, *, existed: bool) -> str:
    return f"deleted {what}" if existed else f"{what} was already deleted"


_Sentences = dict[type[e.Event], Callable[[Any], str]]

_NOTES: _Sentences = {
    e.AdoptionLimited: lambda event: _LIMITS.get(event.lacks, event.lacks),
    e.DeploymentCreated: lambda event: (
        f"created the {event.noun} {event.id}; waiting until it is ready"
    ),
    e.DeploymentDeleted: lambda event: _deleted(f"{event.noun} {event.id}", existed=event.existed),
    e.DeploymentFound: _found,
    e.DeploymentStatusChanged: lambda event: (
        f"the {event.noun} is {event.status or 'not visible yet'}"
    ),
    e.FileDeleted: lambda event: _deleted(event.file_id, existed=event.existed),
    e.FileProcessing: lambda event: f"waiting for the provider to process {event.file_id}",
    e.JobCancelled: lambda event: f"cancelled {event.job_id}{_CANCELLED.get(event.why, '')}",
    e.JobEventsUnavailable: lambda _: "this server has no job events; following the status only",
    e.JobModelGone: lambda event: f"{event.job_id} has the same inputs, but its model is gone",
    e.JobNotVisible: lambda event: f"{event.job_id} is not visible yet",
    e.JobUnconfirmed: _unconfirmed,
    e.ModelDeleted: lambda event: _deleted(event.model, existed=event.existed),
    e.ModelNotDeleted: lambda event: (
        f"{event.model} was not deleted: the API of {event.provider} cannot delete models"
    ),
    e.ModelNotReady: lambda event: f"{event.model} does not answer yet: {event.error}",
    e.Recovering: lambda event: (
        f"an earlier run was stopped before it knew whether its {event.what} exists; looking for "
        f"it at the provider, for up to {duration(event.seconds)}"
    ),
    e.WaitingForProcess: lambda event: (
        f"waiting for {event.holder or 'another process'}, which is working on this spec"
    ),
}

_WARNINGS: _Sentences = {
    e.AdoptionUnverified: lambda event: (
        f"cannot verify that {event.job_id} was trained on this data"
    ),
    e.DeploymentNotDeleted: lambda event: (
        f"the failed {event.noun} {event.id} could not be deleted: {event.error}"
    ),
    e.DuplicatesKept: _duplicates,
    e.DuplicatesUnchecked: lambda event: f"could not look for duplicates: {event.error}",
    e.JobLeftRunning: _left_running,
    e.JobNotCancelled: lambda event: (
        f"{event.job_id}{_CANCELLED.get(event.why, '')}, could not be cancelled: {event.error}"
    ),
    e.JobStalled: lambda event: f"{event.job_id}: nothing new for {duration(event.seconds)}",
    e.JobsUnclear: lambda event: (
        f"{', '.join(event.job_ids)}: may come from an unconfirmed request; cancel those that do"
    ),
    e.ObjectMissing: lambda event: f"{event.id} is not at the provider",
    e.PollFailed: lambda event: f"could not read the job's {event.what}: {event.error}",
    e.RequestUnconfirmed: lambda event: (
        f"{event.error.rstrip('.')}; checking whether the {event.what} exists"
    ),
    e.ResultsMissing: lambda event: (
        f"the results file {event.file_id} could not be fetched: {event.error}"
    ),
    e.RunningCosts: lambda event: f"{', '.join(event.deployments)}: {event.cost}; {event.advice}",
}
