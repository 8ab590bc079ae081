"""What training and tests showed, kept in the run's folder."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

from ftrunner import __version__
from ftrunner.api.errors import ApiError
from ftrunner.api.redaction import Redactor
from ftrunner.api.wire import Job
from ftrunner.engine.context import Run
from ftrunner.engine.plan import rows_of
from ftrunner.engine.run_log import EVENTS
from ftrunner.evaluation.sets.gates import Measured
from ftrunner.evaluation.sets.kept_rows import kept_answer, kept_rows
from ftrunner.evaluation.verdict import PromptVerdict, tests_digest
from ftrunner.events import ResultsMissing
from ftrunner.state.lock import JobRecord, Record
from ftrunner.state.results import (
    FILE,
    ROWS_FILE,
    KeptCost,
    KeptGate,
    KeptPrompt,
    KeptSet,
    KeptSplit,
    KeptTraining,
    Provenance,
    RunResults,
    encode,
    encode_row,
)
from ftrunner.text import escaped

MOST_BYTES = 64 * 1024 * 1024
Number = TypeVar("Number", int, float)


def keep_training_results(run: Run, job: Job) -> None:
    """Fetch the job's results files; a failure is reported, not raised.

    The server's own name for a file never becomes a path here.
    """
    for number, file_id in enumerate(job.result_files[:9], start=1):
        try:
            content = run.client.file_content(file_id, MOST_BYTES)
        except ApiError as error:
            run.emit(ResultsMissing(job.id, file_id, error.message))
        else:
            run.log.keep(f"results-{number}.csv", results_csv(content, run.client.redactor))


def results_csv(content: bytes, redactor: Redactor) -> bytes:
    """CSV as it is, or taken out of base64, in which OpenAI sends it and Azure does not; without
    secrets, which may be in anything that is sent in base64.
    """
    try:
        decoded = base64.b64decode(b"".join(content.split()), validate=True)
    except binascii.Error:
        return redactor.bytes(content)
    shown = redactor.bytes(decoded)
    is_csv = b"," in decoded.partition(b"\n")[0]
    return shown if is_csv or shown != decoded else redactor.bytes(content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """What a test showed of the model of `job`. `moved` says that it is current by this.

    The test `began` at that time, in Unix seconds.
    """

    job: JobRecord
    outcome: str
    sentence: str
    moved: bool
    prompts: Sequence[PromptVerdict] = ()
    sets: Sequence[KeptSet] = ()
    gates: Sequence[KeptGate] = ()
    measured: Measured = field(default_factory=dict)
    began: float = 0.0


def keep_test_results(run: Run, tested: Tested) -> str:
    """Keep what a report is made from as `results.json`, and every row as `rows.jsonl`, without
    secrets.

    Returns the path of the first. Raises StateError.
    """
    run.log.begin()
    for row in kept_rows(tested.measured):
        run.log.append_line(ROWS_FILE, run.redactor.bytes(encode_row(row)))
    run.log.keep(FILE, run.redactor.bytes(encode(_results(run, tested))))
    return str(run.log.folder / FILE)


def _results(run: Run, tested: Tested) -> RunResults:
    record = run.journal.record
    return RunResults(
        name=run.spec.name,
        run=run.id,
        at=run.clock.now(),
        rehearsal=run.target.is_rehearsal,
        scenario=run.target.scenario,
        outcome=tested.outcome,
        sentence=tested.sentence,
        model=tested.job.answers_as,
        current=record.current.model if record.current else None,
        moved=tested.moved,
        confidence=run.spec.tests.confidence,
        prompts=tuple(map(_prompt, tested.prompts)),
        sets=tuple(tested.sets),
        gates=tuple(tested.gates),
        data=_data(record, tested.job),
        training=_training(run, tested.job),
        cost=_cost(tested),
        provenance=_provenance(run, tested.job),
    )


def _cost(tested: Tested) -> KeptCost:
    """What the answers to test sets took; those from before the test began were stored."""
    models = [model for one in tested.sets for model in one.models]
    came = [
        answer.at or 0.0
        for answers in tested.measured.values()
        for measured in answers.values()
        for row in measured.rows
        for answer in row.attempts
        if answer is not None
    ]
    asked = sum(at >= tested.began for at in came)
    return KeptCost(
        answers=_sum([model.cost for model in models]),
        asked=asked,
        reused=len(came) - asked,
        tokens_in=_sum([model.tokens_in for model in models]),
        tokens_out=_sum([model.tokens_out for model in models]),
    )


def _sum(numbers: Sequence[Number | None]) -> Number | None:
    """None where one is not known, or there are none."""
    known = [number for number in numbers if number is not None]
    return sum(known[1:], known[0]) if known and len(known) == len(numbers) else None


def _prompt(verdict: PromptVerdict) -> KeptPrompt:
    prompt = verdict.prompt
    return KeptPrompt(
        name=prompt.name,
        question=str(prompt.messages[-1].get("content", "")),
        passed=verdict.passed,
        pass_at_least=prompt.pass_at_least,
        answers=tuple(map(kept_answer, verdict.answers)),
    )


def _data(record: Record, job: JobRecord) -> dict[str, KeptSplit]:
    """The splits that the job was made from, as far as the lock file has them."""
    return {
        split: KeptSplit(
            rows=rows,
            sha256=file.sha256 if (file := record.files.get(split)) else None,
            bytes=file.bytes if file else None,
        )
        for split, rows in rows_of(job.inputs).items()
    }


def _training(run: Run, job: JobRecord) -> KeptTraining:
    created_by = [f"../{job.run}/{EVENTS}"] if job.run and job.run != run.id else []
    return KeptTraining(
        job=job.id,
        base_model=str(job.inputs.get("model", run.spec.model)),
        status=job.status,
        model=job.model,
        created_at=job.created_at,
        trained_tokens=job.trained_tokens,
        error=job.error,
        inputs=job.inputs,
        events=(*created_by, EVENTS),
    )


def _provenance(run: Run, job: JobRecord) -> Provenance:
    spec = run.spec
    text = spec.source.text if spec.source else ""
    return Provenance(
        ftrunner=__version__,
        spec=escaped(spec.path.name),
        spec_sha256=sha256(text.encode(errors="surrogatepass")).hexdigest(),
        provider=run.target.profile.name,
        endpoint=run.target.endpoint,
        tests=tests_digest(spec.tests, {}),
        fingerprint=job.fingerprint,
        request=spec.tests.request,
    )
