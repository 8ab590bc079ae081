"""What `ftrunner report` is about: the recorded job, its tests, and what their runs kept.

Texts are as models, providers and users wrote them: each format makes them harmless itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ftrunner.dataset.cost.prices import price_of, prices_for
from ftrunner.engine.report.history import PastRun, history
from ftrunner.engine.report.kept import KeptRun, kept_rows, kept_runs
from ftrunner.engine.report.origin import Origin, read_origin
from ftrunner.engine.report.verdict import Verdict, verdict
from ftrunner.engine.target import Target
from ftrunner.evaluation.sets.claims import claim
from ftrunner.spec.model import Spec
from ftrunner.state.lock import JobRecord, Record
from ftrunner.state.results import (
    KeptRow,
    KeptSplit,
    RunResults,
)

_CHECKPOINT = re.compile(r"checkpoint\b.{0,40}?\bstep (\d{1,9})", re.IGNORECASE)
_MILLION = 1_000_000
_MOST_PAST = 20  # runs


@dataclass(frozen=True, slots=True)
class Point:
    """The losses after one training step."""

    step: int
    train: float | None
    validation: float | None


@dataclass(frozen=True, slots=True)
class Report:
    """One spec at one endpoint.

    Where no results were kept, `results` has what the lock file and the events say. `notes` are
    sentences to be read with the verdict. `curve` has the training steps in their order; the job
    was followed for `seconds`. `origin` is where the tested inputs came from. `file` is the spec;
    `lines` has the prompts' lines in it by their names, `gate_lines` those of gates by their
    claims. `folder` has the run that is reported, if it is here. `past` are the last runs, oldest
    first.
    """

    results: RunResults
    verdict: Verdict
    file: str
    notes: tuple[str, ...] = ()
    curve: tuple[Point, ...] = ()
    checkpoints: tuple[int, ...] = ()
    seconds: float | None = None
    origin: Origin | None = None
    lines: Mapping[str, int] = field(default_factory=dict)
    gate_lines: Mapping[str, int] = field(default_factory=dict)
    folder: Path | None = None
    past: tuple[PastRun, ...] = ()

    def rows(self) -> Iterator[KeptRow]:
        """The rows of all test sets with each model's answers, if the run is on this machine."""
        return kept_rows(self.folder) if self.folder else iter(())


def build_report(spec: Spec, target: Target, record: Record, *, lock: Path, runs: Path) -> Report:
    """The report of `spec`, from the lock file's record and the runs below `runs`. No network."""
    kept = _gathered(record, runs, target.endpoint)
    results = kept.results or _recorded(spec, target, record, kept.tests or kept.newest)
    cost = results.cost.training or _cost(spec, target, record.job)
    reported = kept.tests or kept.newest
    return Report(
        results=replace(
            results,
            data=_data(record, kept) or results.data,
            cost=replace(results.cost, training=cost),
        ),
        verdict=verdict(record, results),
        file=spec.source.file if spec.source else str(spec.path),
        notes=tuple(_notes(record, kept)),
        curve=_curve(kept.training),
        checkpoints=_checkpoints(kept.training),
        seconds=_followed(kept.training, record.job),
        origin=read_origin(reported.folder) if reported else None,
        lines=_lines(spec, "prompts", [prompt.name for prompt in spec.tests.prompts]),
        gate_lines=_lines(spec, "gates", [claim(gate) for gate in spec.tests.gates]),
        folder=reported.folder if reported else None,
        past=history(spec, target, lock, runs, most=_MOST_PAST).runs,
    )


def _recorded(spec: Spec, target: Target, record: Record, run: KeptRun | None) -> RunResults:
    from ftrunner.engine.report.recorded import from_record  # noqa: PLC0415 - slow to import

    return from_record(spec, target, record, run)


@dataclass(slots=True)
class _Kept:
    """What the runs have of the recorded job: of its training, and of the tests of its model.

    `unread` names a run whose results are of another version.
    """

    newest: KeptRun | None = None
    training: list[KeptRun] = field(default_factory=list)
    tests: KeptRun | None = None
    results: RunResults | None = None
    unread: str | None = None


def _gathered(record: Record, runs: Path, endpoint: str) -> _Kept:
    """Looked for from the newest run on, until all is found."""
    kept, job = _Kept(), record.job
    for run in kept_runs(runs):
        if not run.was_at(endpoint):
            continue
        if kept.newest is None and (run.was_applying or run.has_ended):
            kept.newest = run
        if job is None:
            break
        if run.followed(job):
            kept.training.append(run)
        if kept.tests is None:
            _take_tests(kept, run, job, record)
        if kept.tests and _has_all(kept.training, job):
            break
    return kept


def _has_all(training: Sequence[KeptRun], job: JobRecord) -> bool:
    """Whether the run that created the job is among them; of an adopted job any will do."""
    if job.run is None:
        return bool(training)
    return any(run.folder.name == job.run for run in training)


def _take_tests(kept: _Kept, run: KeptRun, job: JobRecord, record: Record) -> None:
    try:
        found = run.results()
    except ValueError:
        found, kept.unread = None, run.folder.name
    if found is not None and found.model == job.answers_as:
        kept.tests, kept.results = run, found
    elif run.has_tested(job.answers_as):
        kept.tests = run
    elif record.tests is None and run["answer"] and run.was_applying:
        kept.tests = run  # it was killed while it asked


def _notes(record: Record, kept: _Kept) -> Iterator[str]:
    newest, job = kept.newest, record.job
    if newest and newest.error:
        yield f"The last run ended early: {newest.error}"
    elif newest and not newest.has_ended:
        yield "The last run has not ended: it is still at work, or it was killed."
    for request in record.unconfirmed:
        yield f"The outcome of {request} is unknown; `ftrunner apply` settles it."
    if kept.unread:
        yield f"The results of run {kept.unread} are of another version, and are not shown."
    tests = record.tests
    if tests and (tests.results or tests.sets) and kept.tests is None:
        yield "The answers are not on this machine; the figures are those of the lock file."
    current = record.current
    is_other = current is not None and job is not None and current.model != job.answers_as
    if current and (is_other or record.has_failing_current):
        yield f"{current.model} passed before, and is still the current model."


def _cost(spec: Spec, target: Target, job: JobRecord | None) -> tuple[float, float] | None:
    """What the trained tokens cost by the known prices, from the lowest to the highest."""
    if job is None or not job.trained_tokens or spec.method == "reinforcement":
        return None
    table, _ = prices_for(spec, target.providers)
    price = price_of(str(job.inputs.get("model", "")), target.profile.name, table)
    if price is None:
        return None
    millions = job.trained_tokens / _MILLION
    return millions * price.low, millions * price.high


def _data(record: Record, kept: _Kept) -> dict[str, KeptSplit]:
    """The files that were trained on, as the lock file and the runs have them."""
    hashes = record.job.inputs if record.job else {}
    runs = kept.training or ([kept.newest] if kept.newest else [])
    prepared = {each.split: each for run in reversed(runs) for each in run["dataset_prepared"]}
    compared = {each.split: each for run in reversed(runs) for each in run["dataset_compared"]}
    found = {}
    for name in dict.fromkeys((*prepared, *record.files)):
        file, read, change = record.files.get(name), prepared.get(name), compared.get(name)
        found[name] = KeptSplit(
            rows=str(hashes.get(name) or ""),
            sha256=read.sha256 if read else file.sha256 if file else None,
            bytes=read.size if read else file.bytes if file else None,
            examples=read.examples if read else None,
            tokens=read.tokens if read else None,
            against=change.against if change else None,
            added=change.added if change else None,
            removed=change.removed if change else None,
            changed=change.changed if change else None,
        )
    return found


def _curve(training: Sequence[KeptRun]) -> tuple[Point, ...]:
    """The losses by step; what a later run has of a step counts."""
    metrics = [each for run in reversed(training) for each in run["metrics"]]
    points = {each.step: each for each in metrics if each.step is not None}
    return tuple(
        Point(step, points[step].train_loss, points[step].valid_loss) for step in sorted(points)
    )


def _checkpoints(training: Sequence[KeptRun]) -> tuple[int, ...]:
    """The steps of the checkpoints that the job's messages name."""
    messages = (each.message for run in training for each in run["job_message"])
    return tuple(sorted({int(m[1]) for text in messages if (m := _CHECKPOINT.search(text))}))


def _followed(training: Sequence[KeptRun], job: JobRecord | None) -> float | None:
    """The seconds from the job's creation to the last that was heard of it while it trained."""
    last = max((run.trained_until for run in training if run.trained_until), default=None)
    if job is None or job.created_at is None or last is None:
        return None
    return max(0.0, last - job.created_at)


def _lines(spec: Spec, key: str, names: Iterable[str]) -> dict[str, int]:
    """The lines of the parts of `tests` under `key`, by what each is called."""
    if spec.source is None:
        return {}
    places = {name: spec.source.locate(("tests", key, n)).line for n, name in enumerate(names)}
    return {name: line for name, line in places.items() if line is not None}
