"""Asking the provider: what is there already, and what became of a request without an answer.

Only a definite "not there", after the provider has had time to show it, lets a run go on to
create anything again. Where there is no way to ask, the run stops and names the commands that
resolve it.
"""

from __future__ import annotations

from ftrunner.api.errors import ApiError, NotFound
from ftrunner.api.wire import Job
from ftrunner.engine.adoption import (
    CLOCK_SLACK,
    FINGERPRINT_KEY,
    Candidate,
    Observed,
    ambiguous,
    candidates,
)
from ftrunner.engine.context import Run
from ftrunner.engine.plan import Wanted
from ftrunner.errors import StateError
from ftrunner.events import Noted
from ftrunner.providers.profile import JobState
from ftrunner.state.lock import Creation, Intent

# Seconds between the looks for a job whose creation went unanswered.
LOOKS = (0.0, 1.0, 2.0, 4.0)


def observe(run: Run, wanted: Wanted) -> Observed:
    """What the provider has of this spec: jobs of the same inputs, and recorded files gone.

    Resolves an intent that is in doubt on the way. Raises StateError where that cannot be done.
    """
    intent = run.journal.record.intent
    if intent and intent.creates is Creation.FILE:
        remove_orphans(run)
        run.journal.nothing_created()
        intent = None
    found = _look(run, wanted, intent)
    if found is None:
        return Observed(listed=False, missing_files=_missing_files(run, wanted))
    return Observed(candidates=found, missing_files=_missing_files(run, wanted))


def look_for_job(run: Run, wanted: Wanted) -> Candidate | None:
    """The job whose creation, announced by the recorded intent, went unanswered; None: not there.

    Raises StateError where the provider lists no jobs, or lists several that may be it.
    """
    found = _look(run, wanted, run.journal.record.intent)
    return found[0] if found else None


def remove_orphans(run: Run) -> None:
    """Delete what an unanswered upload may have left: files of our name, made since the intent."""
    intent = run.journal.record.intent
    if intent is None or intent.filename is None:
        return
    kept = {file.id for file in run.journal.record.files.values()}
    try:
        for file in list(run.client.list_files()):
            is_ours = file.filename == intent.filename and file.id not in kept
            if is_ours and (file.created_at or 0.0) >= intent.at - CLOCK_SLACK:
                run.client.delete_file(file.id)
                run.emit(Noted(f"removed {file.id}, left by an unanswered upload"))
    except ApiError as error:
        run.emit(Noted(f"{intent.filename} may be there twice: {error.message}", level="warning"))


def _look(run: Run, wanted: Wanted, intent: Intent | None) -> tuple[Candidate, ...] | None:
    """The candidates; None where the provider has no listing and nothing is in doubt."""
    looks = LOOKS if intent else LOOKS[:1]
    found: tuple[Candidate, ...] = ()
    for pause in looks:
        run.clock.sleep(pause)
        listed = _list_jobs(run, wanted)
        if listed is None:
            if intent:
                raise _unresolved(run, intent, "the provider lists no jobs")
            return None
        found = candidates(
            listed, fingerprint=wanted.fingerprint, inputs=wanted.inputs, intent=intent
        )
        if found:
            break
    if ambiguous(found):
        ids = ", ".join(candidate.job.id for candidate in found)
        raise _unresolved(run, intent, f"it may be any of {ids}")
    return tuple(candidate for candidate in found if _is_usable(run, candidate))


def _list_jobs(run: Run, wanted: Wanted) -> list[Job] | None:
    if run.client.profile.lacks("job_listing"):
        return None
    try:
        return list(run.client.list_jobs({FINGERPRINT_KEY: wanted.fingerprint}))
    except NotFound:
        return None


def _is_usable(run: Run, candidate: Candidate) -> bool:
    """A succeeded job counts only while its model exists."""
    job = candidate.job
    if job.state is not JobState.SUCCEEDED or job.fine_tuned_model is None:
        return True
    try:
        run.client.retrieve_model(job.fine_tuned_model)
    except NotFound:
        run.emit(Noted(f"{job.id} has the same inputs, but its model is gone"))
        return False
    return True


def _missing_files(run: Run, wanted: Wanted) -> frozenset[str]:
    """The recorded files that would be used and are not there any more."""
    files = run.journal.record.files
    needed = [files[s].id for s, h in wanted.splits.items() if s in files and files[s].sha256 == h]
    return frozenset(file_id for file_id in needed if not _has_file(run, file_id))


def _has_file(run: Run, file_id: str) -> bool:
    try:
        run.client.retrieve_file(file_id)
    except NotFound:
        return False
    return True


def _unresolved(run: Run, intent: Intent | None, why: str) -> StateError:
    spec = run.spec.path.name
    when = "" if intent is None else " that was asked for and never confirmed"
    return StateError(
        f"cannot tell whether there is a job{when}: {why}",
        code="FT408",
        hint=f"look at the provider's own job list; then `ftrunner adopt {spec} JOB_ID` if the "
        f"job is there, or `ftrunner forget {spec}` if it is not",
    )
