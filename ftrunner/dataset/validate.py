"""Checking a dataset: its files, every line, and what the splits must be as a whole."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from itertools import chain

from ftrunner.dataset.check import Settings
from ftrunner.dataset.cost import models
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.sampling import Sampling, counted
from ftrunner.dataset.cost.tokens import load_counter
from ftrunner.dataset.cost.truncation import with_cut_examples
from ftrunner.dataset.files.prepared import PreparedStream, Selection, StreamHasher
from ftrunner.dataset.files.reader import DataFile
from ftrunner.dataset.files.sniff import first_line
from ftrunner.dataset.files.sources import BOTH, TRAIN, VALIDATION, SplitFiles, find_sources
from ftrunner.dataset.formats import expected
from ftrunner.dataset.lines import faulty
from ftrunner.dataset.lines.faults import BLANK, Cause, FileRows, bounded, folded
from ftrunner.dataset.report import DatasetReport, SplitReport
from ftrunner.dataset.scan import Reading, Scanned, scan_file
from ftrunner.dataset.totals import dataset_rules
from ftrunner.dataset.totals.block_stats import SplitStats
from ftrunner.findings import Finding
from ftrunner.providers.profile import DataForm, Profile
from ftrunner.spec.model import Fraction, Spec
from ftrunner.spec.testing import Prompt

# From so many bytes on, workers are worth their start. What starts them takes longer to load than a
# small file to check.
WORTH_WORKERS = 8 * 1024 * 1024
_POOL = "ftrunner.dataset.pool"


def check_dataset(
    spec: Spec,
    profile: Profile,
    counting: Counting = Counting.OFF,
    *,
    sampling: Sampling | None = None,
    hashed: bool = True,
) -> DatasetReport:
    """Read every file of the dataset of `spec` and report all that is wrong with it at `profile`.

    Paths are relative to the spec's folder. Findings about a path point into the spec's text, where
    it has one. Tokens are counted with the vocabulary of its model as `counting` says, in a sample
    as `sampling` says; where they are not asked for, only those of lines that are long enough to
    exceed what the model reads. Training data that asks what one of the test prompts asks is a
    finding. Large files are checked by a pool of workers. `hashed` is false where nothing will be
    sent: then the streams have no hashes. Never raises for anything a file may hold or lack.
    """
    files, missing = find_sources(spec)
    settings = _settings(spec, profile, files, counting, hashed=hashed)
    with _workers(sum(map(_size, chain(*files.values()))), settings) as reading:
        splits = list(_scan(files, settings, profile, reading))
    report = _summed(splits, missing, settings, profile)
    report = _with_tokens(report, spec.model, settings, counting, sampling or Sampling())
    return _folded(report, _files(splits))


def _workers(size: int, settings: Settings) -> AbstractContextManager[Reading | None]:
    """Workers for `size` bytes; none for few bytes, which are checked sooner than workers start."""
    if size < WORTH_WORKERS:
        return nullcontext()
    pool: AbstractContextManager[Reading | None] = import_module(_POOL).workers(settings)
    return pool


def _settings(
    spec: Spec, profile: Profile, files: SplitFiles, counting: Counting, *, hashed: bool
) -> Settings:
    model = models.facts(spec.model)
    format_ = expected(spec.method, first_line(chain(*files.values())), profile.formats)
    own = profile.data.get(str(format_), DataForm())
    cut = spec.dataset.validation if isinstance(spec.dataset.validation, Fraction) else None
    return Settings(
        format_,
        validation=Selection(cut.fraction, cut.seed, picked=True) if cut else None,
        severities=tuple(profile.severities.items()),
        images=profile.limits.images,
        encoding=model.encoding if counting is Counting.EXACT else None,
        example_tokens=model.example_tokens or profile.limits.example_tokens,
        questions=tuple(_questions(spec.tests.prompts)),
        roles=own.roles,
        message_keys=own.keys,
        hashed=hashed,
    )


def _summed(
    splits: Sequence[_Split], missing: Sequence[Finding], settings: Settings, profile: Profile
) -> DatasetReport:
    """What the splits hold and all that is wrong with them, with the tokens that were counted."""
    of_files = [*missing, *_of_files(splits)]
    of_whole = [*_of_whole(splits, settings), *_limits(splits, profile)]
    reports = {split.name: _report(split, settings) for split in splits}
    lines = dict(_lines(splits, settings))
    return DatasetReport(
        train=reports[TRAIN],
        validation=reports.get(VALIDATION),
        findings=bounded(chain(of_files, _of_lines(splits), of_whole)),
        trails={name: each.trail for name, each in lines.items()},
        files={name: each.files for name, each in lines.items()},
    )


def _with_tokens(
    report: DatasetReport, model: str, settings: Settings, counting: Counting, sampling: Sampling
) -> DatasetReport:
    """The report with its findings about tokens, unless the scan counted them all."""
    encoding, limit = models.facts(model).encoding, settings.example_tokens
    if encoding is None:
        why = None if counting is Counting.OFF else _why_no_tokens(model)
        return replace(report, tokens_unknown=why)
    if counting is Counting.SAMPLE:
        return counted(report, sampling, load_counter(encoding), limit)
    if counting is Counting.OFF and limit is not None and report.may_exceed(limit):
        return with_cut_examples(report, limit, partial(load_counter, encoding))
    return report


@dataclass(frozen=True, slots=True)
class _Split:
    """One split after its files were read. A split cut from another's files has no files."""

    name: str
    scanned: tuple[Scanned, ...]
    share: SplitStats
    stream: PreparedStream | None


def _scan(
    files: SplitFiles, settings: Settings, profile: Profile, reading: Reading | None
) -> Iterator[_Split]:
    """The splits, train first."""
    if settings.validation is not None:
        yield from _scan_and_cut(files[TRAIN], settings.validation, settings, profile, reading)
        return
    for name, sources in files.items():
        hasher = StreamHasher(name, byte_order_mark=profile.byte_order_mark, hashed=settings.hashed)
        scanned = tuple(scan_file(file, settings, [hasher], reading) for file in sources)
        share = sum((one.tally.train for one in scanned), SplitStats())
        yield _Split(name, scanned, share, hasher.finish(sources, share.examples))


def _scan_and_cut(
    sources: Sequence[DataFile],
    picked: Selection,
    settings: Settings,
    profile: Profile,
    reading: Reading | None,
) -> Iterator[_Split]:
    """Both splits out of one reading of the training files."""
    prepare = partial(StreamHasher, byte_order_mark=profile.byte_order_mark, hashed=settings.hashed)
    train = prepare(TRAIN, replace(picked, picked=False))
    validation = prepare(VALIDATION, picked)
    scanned = tuple(scan_file(file, settings, [train, validation], reading) for file in sources)
    share = sum((one.tally.train for one in scanned), SplitStats())
    yield _Split(TRAIN, scanned, share, train.finish(sources, share.examples))
    share = sum((one.tally.validation for one in scanned), SplitStats())
    yield _Split(VALIDATION, (), share, validation.finish(sources, share.examples))


def _scanned(splits: Iterable[_Split]) -> Iterator[Scanned]:
    return (one for split in splits for one in split.scanned)


def _of_lines(splits: Iterable[_Split]) -> Iterator[Finding]:
    for one in _scanned(splits):
        for fault in one.tally.faults:
            ends_here = fault.line == one.tally.lines and faulty.is_cut(fault.message)
            shown = replace(fault, hint=faulty.CUT_OFF) if ends_here else fault
            yield shown.finding(one.file.display)


def _files(splits: Iterable[_Split]) -> dict[str, FileRows]:
    """What is known of the rows of each file."""
    return {
        one.file.display: FileRows(one.tally.lines, one.tally.counts[BLANK], one.tally.causes)
        for one in _scanned(splits)
    }


def _folded(report: DatasetReport, files: Mapping[str, FileRows]) -> DatasetReport:
    """The report with one finding for each cause, and the causes of which no fault was kept."""
    kept = {Cause.of(each.code, each.location.path, each.message) for each in report.findings}
    findings = folded(report.findings, files)
    counts = Counter(finding.code for finding in findings)
    for file in files.values():
        counts.update(cause.code for cause in file.causes if cause not in kept)
    return replace(report, findings=findings, counts=counts)


def _of_files(splits: Iterable[_Split]) -> Iterator[Finding]:
    for one in _scanned(splits):
        yield from (fault.finding(one.file.display) for fault in one.faults)


def _of_whole(splits: Sequence[_Split], settings: Settings) -> Iterator[Finding]:
    """What is wrong with a split's lines taken together, without what is not a fault here."""
    severities = dict(settings.severities)
    known = {code: severity for code, severity in severities.items() if severity is not None}
    for finding in _together(splits, known):
        if severities.get(finding.code, finding.severity) is not None:
            yield finding


def _together(splits: Sequence[_Split], severities: dataset_rules.Severities) -> Iterator[Finding]:
    for one in _scanned(splits):
        yield from dataset_rules.odd_system_prompts(one, severities)
        yield from dataset_rules.far_too_long(one, severities)
    for split in splits:
        sequence = dataset_rules.Lines(split.scanned)
        yield from dataset_rules.repeated(sequence, severities)
        yield from dataset_rules.contradictory(sequence, severities)
    yield from _leaked(splits, severities)


def _leaked(splits: Sequence[_Split], severities: dataset_rules.Severities) -> Iterator[Finding]:
    """Validation examples that are trained on; a file in both splits is reported as a file."""
    train = splits[0].scanned
    trained = {one.file.real for one in train}
    others = (one for split in splits[1:] for one in split.scanned)
    validation = [one for one in others if one.file.real not in trained]
    if validation:
        yield from dataset_rules.leaked(
            dataset_rules.Lines(train), dataset_rules.Lines(validation), severities
        )


def _limits(splits: Sequence[_Split], profile: Profile) -> Iterator[Finding]:
    cut_off = sum(split.share.examples for split in splits if not split.scanned)
    for split in splits:
        stream = split.stream
        # With no example at all, other findings say why; counting them would say it again.
        unreadable = any(one.faults for one in split.scanned)
        if stream is not None and (stream.examples or not unreadable):
            spared = cut_off if split.scanned else 0
            for fault in dataset_rules.beyond_limits(stream, profile, cut_off=spared):
                yield fault.finding(stream.sources[0].display)


def _report(split: _Split, settings: Settings) -> SplitReport | None:
    if split.stream is None:
        return None
    has_tokens = settings.encoding is not None
    share = split.share
    return SplitReport(
        split.stream,
        settings.format,
        share.examples,
        share.tokens if has_tokens else None,
        share.billed if has_tokens else None,
        share.longest if has_tokens else None,
        dict(share.roles),
        dict(sum((one.tally.lengths for one in split.scanned), Counter[int]())),
        coarse=share.coarse,
    )


def _lines(
    splits: Iterable[_Split], settings: Settings
) -> Iterator[tuple[str, dataset_rules.Lines]]:
    """The lines of each split, or of both where one is cut from the other."""
    for split in splits:
        if split.scanned:
            name = BOTH if settings.validation else split.name
            yield name, dataset_rules.Lines(split.scanned)


def _questions(prompts: Iterable[Prompt]) -> Iterator[tuple[str, str]]:
    """What each prompt's last user message asks, and the prompt's name."""
    for prompt in prompts:
        asked = [message["content"] for message in prompt.messages if message["role"] == "user"]
        if asked and isinstance(asked[-1], str):
            yield asked[-1], prompt.name


def _size(file: DataFile) -> int:
    """The file's size in bytes; a file that cannot be read is reported when it is read."""
    try:
        return file.path.stat().st_size
    except OSError:
        return 0


def _why_no_tokens(model: str) -> str:
    return f"the vocabulary of {model} is not published" if model else "no model is named"
