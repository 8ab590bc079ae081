"""Delete at the provider what ftrunner created there: first planned, then carried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ftrunner.engine.context import Run
from ftrunner.engine.steps.deploy import delete_resource
from ftrunner.errors import ConsentRequired, StateError
from ftrunner.events import DeploymentDeleted, FileDeleted, ModelDeleted, ModelNotDeleted
from ftrunner.state.lock import FileRecord, Record, ResourceRecord


@dataclass(frozen=True, slots=True)
class Removal:
    """What would be deleted, and what is kept because ftrunner did not create it."""

    resources: tuple[ResourceRecord, ...]
    models: tuple[str, ...]
    files: tuple[tuple[str, FileRecord], ...]
    foreign: tuple[str, ...]
    foreign_files: tuple[FileRecord, ...]

    @property
    def is_empty(self) -> bool:
        return not (self.resources or self.models or self.files)

    @property
    def keeps_any(self) -> bool:
        return bool(self.foreign or self.foreign_files)


def removal(record: Record, command: Callable[[str], str]) -> Removal:
    """Everything in `record` that ftrunner created; `command` spells one, as `Run.command` does.

    Raises StateError while a job runs or a request is unconfirmed.
    """
    if record.has_unconfirmed:
        raise StateError(
            "the outcome of a request is unconfirmed",
            code="FT416",
            hint=f"{command('apply')} recovers it, {command('forget')} drops it",
        )
    if record.job and not record.job.state.is_final:
        raise StateError(
            f"{record.job.id} is {record.job.status}",
            code="FT416",
            hint=f"{command('cancel')} cancels it; `status --refresh` shows whether it has ended",
        )
    if record.unconfirmed_jobs:
        raise StateError(
            "an unconfirmed job may still appear, and train",
            code="FT416",
            hint=f"{command('apply')} looks for it; {command('forget')} drops it, once the "
            "provider's own job list does not show it",
        )
    made = {}
    deployed = {resource.id for resource in record.resources}
    asked_as = record.job.asked_as if record.job else None
    if record.current and record.current.model not in {*deployed, asked_as}:
        made[record.current.model] = record.current.run is not None
    if record.job and record.job.model:
        made[record.job.model] = record.job.run is not None
    files = sorted(record.files.items())
    return Removal(
        resources=record.resources[::-1],
        models=tuple(model for model, is_created in made.items() if is_created),
        files=tuple((split, file) for split, file in files if file.run is not None),
        foreign=tuple(model for model, is_created in made.items() if not is_created),
        foreign_files=tuple(file for _, file in files if file.run is None),
    )


def destroy(run: Run, planned: Removal, *, agreed: Callable[[], bool]) -> None:
    """Delete what `planned` names if the user agrees; each deletion is recorded at once.

    Raises ConsentRequired without consent.
    """
    if not planned.is_empty and not agreed():
        raise ConsentRequired(
            "deletion not confirmed; nothing was deleted", code="FT193", hint="use --yes in scripts"
        )
    for resource in planned.resources:
        existed = delete_resource(run, resource)
        run.emit(DeploymentDeleted(resource.noun, resource.id, existed))
    for model in planned.models:
        if "delete_model" in run.target.profile.operations:
            run.emit(ModelDeleted(model, run.client.delete_model(model)))
        else:
            run.emit(ModelNotDeleted(model, run.target.profile.title))
    run.journal.model_deleted()
    for split, file in planned.files:
        run.emit(FileDeleted(file.id, run.client.delete_file(file.id)))
        run.journal.file_deleted(split)
    run.journal.forget()
