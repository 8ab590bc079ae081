"""The end of step 3: create what the model of a succeeded job needs before it answers.

Every creation is announced in the lock file first, and looked for before the request: names are
derived from the job, so that one job gets one deployment however often `apply` runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any

from ftrunner.api.errors import ApiError
from ftrunner.api.fields import Document
from ftrunner.api.wire import Job
from ftrunner.canonical import content_hash
from ftrunner.engine.context import Run
from ftrunner.engine.jobs.creation import create
from ftrunner.engine.waiting import look
from ftrunner.errors import GaveUpWaiting, RunFailed, StateError
from ftrunner.events import (
    DeploymentCreated,
    DeploymentFound,
    DeploymentNotDeleted,
    DeploymentStatusChanged,
)
from ftrunner.providers.serving import Resource, Serving
from ftrunner.providers.template import UnknownPlaceholder, fill
from ftrunner.providers.wire_mapping import at_path
from ftrunner.state.lock import ResourceIntent, ResourceRecord

_HASH = 8  # characters of the job's hash in a name


def deploy(run: Run, job: Job) -> str:
    """Create what the job's model needs, and wait for it; the name that chat requests use.

    Raises RunFailed if the user must deploy the model or the provider failed, GaveUpWaiting after
    `wait.timeout`.
    """
    serving = run.target.profile.serving
    if not serving.resources:
        raise _must_deploy(run, job, serving)
    values = values_of(run, job.raw, job_id=job.id, model=job.fine_tuned_model)
    checkpoints = _last_checkpoint(run, job.id) if _needs_checkpoint(serving) else None
    values["checkpoint"] = checkpoints
    name = ""
    for resource in serving.resources:
        answer = _ensure_resource(run, resource, values, job.id)
        name = str(
            (at_path(answer, resource.called) if resource.called else None) or values["created"]
        )
        values[resource.noun] = values["created"]
    return name


def values_of(
    run: Run, job: Mapping[str, Any], *, job_id: str, model: str | None
) -> dict[str, Any]:
    """The values for the templates of a profile; `job` is the provider's response."""
    serving = run.target.profile.serving
    values: dict[str, Any] = {
        **{f"job.{key}": value for key, value in job.items()},
        "job": job_id,
        "model": model,
        "base_model": run.spec.model,
        "name": _name(run.spec.name, job_id, serving.name_length),
    }
    for name, setting in serving.settings.items():
        values[name] = setting.sent(run.spec.deployment.get(name, fill(setting.default, values)))
        if run.target.is_rehearsal:
            values[name] = _rehearsed(values[name], run)
    return values


def delete_resource(run: Run, resource: ResourceRecord) -> bool:
    """Delete a resource at the provider and from the record; False if it was already gone.

    Raises StateError, with the record unchanged, if the profile does not say how.
    """
    form = _form(run, resource.noun)
    if form is None or form.delete is None:
        raise _cannot_delete(
            run, resource, f"the profile {run.target.profile.name!r} does not say how"
        )
    values = {**_values_beside(run, resource.job), "created": resource.id}
    if form.id is None:
        values["name"] = resource.id
    try:
        was_there = run.client.resources.delete(form, values)
    except UnknownPlaceholder as missing:
        raise _cannot_delete(run, resource, f"nothing is known for {{{missing}}}") from missing
    run.journal.resource_deleted(resource)
    return was_there


def _cannot_delete(run: Run, resource: ResourceRecord, why: str) -> StateError:
    return StateError(
        f"the {resource.noun} {resource.id} cannot be deleted: {why}",
        code="FT419",
        hint=f"delete it at the provider yourself, then {run.command('forget')}",
    )


def find_orphan(run: Run, intent: ResourceIntent) -> str | None:
    """The id of what an unconfirmed request created; None if nothing was found.

    Raises StateError if the profile does not say how to look.
    """
    form = _form(run, intent.noun)
    if form is None:
        raise StateError(
            f"cannot check whether the {intent.noun} {intent.name} exists: the profile "
            f"{run.target.profile.name!r} does not describe it",
            code="FT408",
            hint=f"look at the provider yourself; {run.command('forget')} drops the record",
        )
    return _find(run, form, {**_values_beside(run, intent.job), "name": intent.name})


def _form(run: Run, noun: str) -> Resource | None:
    resources = run.target.profile.serving.resources
    return next((one for one in resources if one.noun == noun), None)


def _values_beside(run: Run, job_id: str) -> dict[str, Any]:
    """The values for a job's resources, without retrieving the job."""
    made = {r.noun: r.id for r in run.journal.record.resources if r.job == job_id}
    return values_of(run, {}, job_id=job_id, model=None) | made


def _rehearsed(value: Any, run: Run) -> Any:
    """In a rehearsal every URL is the mock's."""
    is_address = isinstance(value, str) and value.startswith("http")
    return run.client.resources.addresses["origin"] if is_address else value


def _ensure_resource(run: Run, resource: Resource, values: dict[str, Any], job_id: str) -> Document:
    """The resource once it is ready, created if it does not exist."""
    known = next(
        (r for r in run.journal.record.resources if (r.noun, r.job) == (resource.noun, job_id)),
        None,
    )
    values["created"] = known.id if known else _find(run, resource, values)
    if values["created"] is None:
        values["created"] = _new_resource(run, resource, values, job_id)
    elif known is None:
        run.emit(DeploymentFound(resource.noun, values["created"], unconfirmed=False))
    if known is None:
        made = ResourceRecord(noun=resource.noun, id=values["created"], job=job_id)
        run.journal.resource_created(made)
    return _wait_until_ready(run, resource, values)


def _find(run: Run, resource: Resource, values: dict[str, Any]) -> str | None:
    """The id of the resource created for this job before, if any."""
    if resource.id is None:
        probe = {**values, "created": values["name"]}
        return str(values["name"]) if run.client.resources.read(resource, probe) else None
    found = run.client.resources.find(resource, values)
    return None if found is None else str(at_path(found, resource.id))


def _new_resource(run: Run, resource: Resource, values: dict[str, Any], job_id: str) -> str:
    """The id of the new resource; after a lost response it is looked for before a retry."""
    intent = ResourceIntent(
        run=run.id, at=run.clock.now(), noun=resource.noun, name=values["name"], job=job_id
    )
    return create(
        run,
        resource.noun,
        announce=partial(run.journal.intend_resource, intent),
        act=lambda: _created_as(run, resource, values),
        look=lambda: _recovered(run, resource, values),
        withdraw=run.journal.no_resource_created,
    )


def _created_as(run: Run, resource: Resource, values: dict[str, Any]) -> str:
    answer = _create(run, resource, values)
    created = str(at_path(answer, resource.id) if resource.id else values["name"])
    run.emit(DeploymentCreated(resource.noun, created))
    return created


def _recovered(run: Run, resource: Resource, values: dict[str, Any]) -> str | None:
    found = look(run.clock, run.schedules.resource, lambda: _find(run, resource, values))
    if found is None:
        run.journal.no_resource_created()
    return found


def _create(run: Run, resource: Resource, values: dict[str, Any]) -> Document:
    try:
        return run.client.resources.create(resource, values)
    except UnknownPlaceholder as missing:
        run.journal.no_resource_created()
        raise RunFailed(
            f"the {resource.noun} cannot be created: nothing is known for {{{missing}}}",
            code="FT374",
            hint=f"see `ftrunner providers show {run.target.profile.name}`",
        ) from missing


def _wait_until_ready(run: Run, resource: Resource, values: dict[str, Any]) -> Document:
    """The provider's description of the resource once it is ready."""
    started = run.clock.monotonic()
    reported = None
    for delay in run.schedules.polls(run.random):
        answer = run.client.resources.read(resource, values) or {}
        state = at_path(answer, resource.state) if resource.state else None
        if answer and (resource.state is None or state in resource.ready):
            return answer
        if state in resource.failed:
            raise _failed(run, resource, values, answer, str(state))
        if state != reported:
            status = None if state is None else str(state)
            run.emit(DeploymentStatusChanged(resource.noun, str(values["created"]), status))
            reported = state
        if run.clock.monotonic() - started > run.spec.wait.timeout:
            raise GaveUpWaiting(
                f"the {resource.noun} {values['created']} is still {state}",
                code="FT352",
                hint=f"{run.command('apply')} continues waiting",
            )
        run.clock.sleep(delay)
    raise AssertionError("unreachable: polls never end")


def _failed(
    run: Run, resource: Resource, values: Mapping[str, Any], answer: Document, state: str
) -> RunFailed:
    why = at_path(answer, resource.reason) if resource.reason else None
    return RunFailed(
        f"the {resource.noun} {values['created']} is {state}{f': {why}' if why else ''}",
        code="FT374",
        hint=_without_training(run, resource, str(values["created"])),
    )


def _without_training(run: Run, resource: Resource, created: str) -> str:
    """Delete a failed resource; the next step, which needs no new training."""
    made = next(one for one in run.journal.record.resources if one.id == created)
    try:
        delete_resource(run, made)
    except (ApiError, StateError) as error:
        run.emit(DeploymentNotDeleted(resource.noun, created, error.message))
        return (
            f"correct the cause that the provider gives; {run.command('status')} shows the record"
        )
    return (
        f"the failed {resource.noun} was deleted; correct the cause, then "
        f"{run.command('apply')} creates another one, without training"
    )


def _must_deploy(run: Run, job: Job, serving: Serving) -> RunFailed:
    return RunFailed(
        f"{job.id} succeeded; {run.target.profile.title} answers for "
        f"{job.fine_tuned_model} only after a deployment",
        code="FT375",
        hint=str(fill(serving.instructions, {"model": job.fine_tuned_model})),
    )


def _needs_checkpoint(serving: Serving) -> bool:
    return any("{checkpoint}" in str(resource.create) for resource in serving.resources)


def _last_checkpoint(run: Run, job_id: str) -> str | None:
    points = look(
        run.clock, run.schedules.tuned_model, lambda: list(run.client.checkpoints(job_id))
    )
    last = max(points, key=lambda point: point.step_number or 0, default=None)
    return last.id if last else None


def _name(spec: str, job_id: str, length: int) -> str:
    """A name derived from the spec and the job: letters, digits and dashes."""
    tail = content_hash(job_id)[:_HASH]
    words = re.sub(r"[^a-z0-9]+", "-", spec.lower()).strip("-") or "model"
    return f"{words[: length - _HASH - 1].rstrip('-')}-{tail}"
