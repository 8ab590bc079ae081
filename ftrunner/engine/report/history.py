"""Every run of a spec that is known: from the lock file's versions in git, or from run logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ftrunner.dataset.cost.prices import PriceTable, price_of, prices_for
from ftrunner.engine.git import GitErrors, git
from ftrunner.engine.report.kept import newest_first
from ftrunner.engine.target import Target
from ftrunner.errors import FtrunnerError
from ftrunner.fsio import read_regular
from ftrunner.providers.profile import JobState
from ftrunner.spec.model import Spec
from ftrunner.state import results
from ftrunner.state.lock import JobRecord, Lock, Record
from ftrunner.state.lockfile import decode
from ftrunner.state.results import RunResults

MOST = 500
_MOST_BYTES = 200_000_000
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class PastEffect:
    """The tuned model against another on a set, as it was then."""

    set: str
    against: str
    effect: float
    low: float | None
    high: float | None
    word: str


@dataclass(frozen=True, slots=True)
class PastRun:
    """A job and the tests of its model. `at` is when that was committed, or when it was tested.

    `data` is the hash of the training rows. `passed` is None before there is a verdict; `prompts`
    counts those that passed, and all. `is_open` says that a gate lacked evidence and nothing
    failed. `cost` is what the trained tokens cost by the known prices.
    """

    at: float
    commit: str | None
    provider: str
    endpoint: str
    job: str
    state: str
    model: str | None
    data: str
    tests: str
    passed: bool | None
    prompts: tuple[int, int]
    effects: tuple[PastEffect, ...]
    tokens: int | None
    cost: tuple[float, float] | None
    is_open: bool = False

    @property
    def outcome(self) -> tuple[object, ...]:
        """What makes it another run when it changes."""
        return self.state, self.passed, self.is_open, self.prompts, self.effects


@dataclass(frozen=True, slots=True)
class History:
    """The runs, oldest first. `source` is git or runs; `unread` counts versions not understood."""

    source: str
    runs: tuple[PastRun, ...]
    unread: int = 0


@dataclass(frozen=True, slots=True)
class _Version:
    """The lock file at one time; `lock` is None if it is not understood."""

    at: float
    commit: str | None
    lock: Lock | None


def history(spec: Spec, target: Target, lock: Path, runs: Path, most: int = MOST) -> History:
    """The newest `most` runs of `spec`. No network; raises nothing for what cannot be read.

    A rehearsal's lock file is not in git, so its runs are those that their logs have, and the
    recorded one.
    """
    prices, _ = prices_for(spec, target.providers)
    committed = [] if target.is_rehearsal else _committed(lock, spec.name, most)
    versions = [*committed, *_present(lock, spec.name)]
    found = _distinct(versions, prices)
    if any(version.commit for version in versions):
        unread = sum(version.lock is None for version in versions)
        return History("git", tuple(found[-most:]), unread)
    kept = [_of_results(each, prices) for each in islice(_kept(runs), most)]
    recorded = [run for run in found if run.job not in {each.job for each in kept}]
    return History("runs", tuple(sorted((*kept, *recorded), key=lambda run: run.at)))


def _committed(lock: Path, name: str, most: int) -> Iterator[_Version]:
    """The lock file's versions in git, oldest first."""
    with suppress(*GitErrors, ValueError):
        log = git(lock.parent, "log", f"-{most}", "--format=%H %ct", "--", lock.name).decode()
        commits = [line.split() for line in reversed(log.splitlines())]
        wanted = "".join(f"{commit}:./{lock.name}\n" for commit, _ in commits)
        blobs = _blobs(git(lock.parent, "cat-file", "--batch", given=wanted.encode()))
        for (commit, at), blob in zip(commits, blobs, strict=False):
            if blob is not None:
                yield _Version(float(at), commit, _decoded(blob, name))


def _present(lock: Path, name: str) -> Iterator[_Version]:
    """The lock file as it is now."""
    with suppress(OSError):
        data = read_regular(lock, most=_MOST_BYTES)
        yield _Version(lock.stat().st_mtime, None, _decoded(data, name))


def _blobs(batch: bytes) -> Iterator[bytes | None]:
    """The contents in what `git cat-file --batch` prints; None where the file was deleted."""
    place = 0
    while place < len(batch):
        end = batch.index(b"\n", place)
        head = batch[place:end].split()
        if head[-1] == b"missing":
            yield None
            place = end + 1
        else:
            size = int(head[-1])
            yield batch[end + 1 : end + 1 + size]
            place = end + size + 2


def _decoded(data: bytes, name: str) -> Lock | None:
    try:
        return decode(data, name=name, display="")
    except FtrunnerError:
        return None


def _distinct(versions: Iterable[_Version], prices: PriceTable) -> list[PastRun]:
    """Each job with each of its tests once, with the time at which its outcome was there first."""
    found: dict[tuple[str, str, str], PastRun] = {}
    for version in versions:
        for endpoint, record in version.lock.endpoints.items() if version.lock else ():
            if record.job is None:
                continue
            run = _of_record(version, endpoint, record, record.job, prices)
            if run.tests:
                found.pop((endpoint, run.job, ""), None)  # it was not tested before
            known = found.get((endpoint, run.job, run.tests))
            if known is None or known.outcome != run.outcome:
                found[endpoint, run.job, run.tests] = run
    return sorted(found.values(), key=lambda run: run.at)


def _of_record(
    version: _Version, endpoint: str, record: Record, job: JobRecord, prices: PriceTable
) -> PastRun:
    tests = record.tests if record.tests and record.tests.model == job.answers_as else None
    passed = [result.passed for result in tests.results.values()] if tests else []
    return PastRun(
        at=version.at,
        commit=version.commit,
        provider=record.provider,
        endpoint=endpoint,
        job=job.id,
        state=str(job.state),
        model=job.answers_as,
        data=str(job.inputs.get("train") or ""),
        tests=tests.digest if tests else "",
        passed=tests.passed if tests else None,
        is_open=tests is not None and tests.is_open,
        prompts=(sum(passed), len(passed)),
        effects=tuple(
            PastEffect(name, other, of.effect, of.low, of.high, of.word)
            for name, one in (tests.sets.items() if tests else ())
            for other, of in one.against.items()
        ),
        tokens=job.trained_tokens,
        cost=_cost(job.inputs.get("model"), record.provider, job.trained_tokens, prices),
    )


def _kept(runs: Path) -> Iterator[RunResults]:
    for path in newest_first(runs, results.FILE):
        with suppress(OSError, ValueError):
            yield results.decode(read_regular(path, most=_MOST_BYTES))


def _of_results(kept: RunResults, prices: PriceTable) -> PastRun:
    job, origin = kept.training, kept.provenance
    passed = [prompt.passed for prompt in kept.prompts]
    tokens = job.trained_tokens if job else None
    return PastRun(
        at=kept.at,
        commit=None,
        provider=origin.provider,
        endpoint=origin.endpoint,
        job=job.job if job else "",
        state=str(JobState.SUCCEEDED),
        model=kept.model,
        data=str(job.inputs.get("train") or "") if job else "",
        tests=origin.tests,
        passed=kept.outcome in ("passed", "no_tests"),
        is_open=kept.outcome == "not_enough_evidence",
        prompts=(sum(passed), len(passed)),
        effects=tuple(
            PastEffect(each.name, of.name, of.effect, of.low, of.high, of.word)
            for each in kept.sets
            for of in each.comparisons
        ),
        tokens=tokens,
        cost=_cost(job.base_model if job else None, origin.provider, tokens, prices),
    )


def _cost(
    model: object, provider: str, tokens: int | None, prices: PriceTable
) -> tuple[float, float] | None:
    price = price_of(str(model or ""), provider, prices) if tokens else None
    if price is None or tokens is None:
        return None
    return tokens / _MILLION * price.low, tokens / _MILLION * price.high
