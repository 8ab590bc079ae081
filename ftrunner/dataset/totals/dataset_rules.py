"""Rules about a dataset as a whole: repeated examples, leaks between splits, odd ones out, and what
a provider demands of a split.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from itertools import accumulate, islice
from operator import add

from ftrunner.canonical import canonical_line
from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.dataset.files.reader import MAX_LINE, DataFile, ReadError, read_blocks
from ftrunner.dataset.lines.faults import KEPT_PER_CODE, Fault
from ftrunner.dataset.scan import CHANGED, Scanned
from ftrunner.dataset.totals.row_hashes import NOTHING, Trail
from ftrunner.findings import Finding, Severity
from ftrunner.providers.profile import Profile

Severities = Mapping[str, Severity]

# Hashes looked at together when repeated ones are sought, and repeated ones remembered: bounds
# on memory, some 100 bytes each.
_AT_ONCE = 250_000
_MOST_REPEATED = 100_000

# A system prompt that this share of at least so many examples have is meant for all of them.
_USUAL = 0.8
_FEWEST = 20

# A line so many times as long as half of the others, and at least so long, is worth a look.
_FAR = 64
_LONG = 16 * 1024


class Lines:
    """The lines of several files as one sequence, known by their hashes."""

    def __init__(self, scanned: Sequence[Scanned]) -> None:
        self.trail = reduce(add, (one.tally.trail for one in scanned)) if scanned else Trail()
        self._files = [one.file for one in scanned]
        self._ends = list(accumulate(one.tally.lines for one in scanned))

    @property
    def files(self) -> list[tuple[str, int]]:
        """The names of the files, each with the number of its lines."""
        starts = (0, *self._ends)
        pairs = zip(self._files, starts, self._ends, strict=False)
        return [(file.display, end - start) for file, start, end in pairs]

    def place(self, index: int) -> tuple[DataFile, int]:
        """The file of a line, and its number there."""
        file = bisect_right(self._ends, index)
        return self._files[file], index - (self._ends[file - 1] if file else 0) + 1

    def finding(self, index: int, fault: Fault) -> Finding:
        """`fault` as a finding about a line."""
        file, number = self.place(index)
        return fault.at_line(number).finding(file.display)

    def read(self, indexes: Collection[int]) -> tuple[dict[int, bytes], list[DataFile]]:
        """Some lines in canonical form, from a second reading of their files; and lost files."""
        wanted = set(indexes)
        found: dict[int, bytes] = {}
        gone: list[DataFile] = []
        start = 0
        for file, end in zip(self._files, self._ends, strict=True):
            if any(start <= index < end for index in wanted):
                try:
                    found.update(_rows(file, start, wanted))
                except ReadError:
                    gone.append(file)
            start = end
        return found, gone


def _rows(file: DataFile, start: int, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
    """The wanted rows of a file whose first one has the index `start`, each with its index.

    They are what was hashed: in their canonical form.
    """
    rows = (row for block in read_blocks(file) for row in block.split(b"\n")[:-1])
    return (
        (index, canonical_line(row.removesuffix(b"\r")))
        for index, row in enumerate(rows, start)
        if index in wanted
    )


def repeated(lines: Lines, severities: Severities) -> Iterator[Finding]:
    """FT250: examples that are in the dataset before, however they are written."""
    pairs = list(islice(_pairs(lines.trail.rows), KEPT_PER_CODE))
    rows, gone = lines.read({index for pair in pairs for index in pair})
    yield from (CHANGED.finding(file.display) for file in gone)
    for index, first in pairs:
        if index in rows and rows[index] == rows.get(first):
            message = f"duplicate of {_where(lines, first)}"
            yield lines.finding(index, _fault("FT250", message, severities))


def contradictory(lines: Lines, severities: Severities) -> Iterator[Finding]:
    """FT251: examples that answer a prompt otherwise than one before."""
    rows = lines.trail.rows
    pairs = ((i, first) for i, first in _pairs(lines.trail.prompts) if rows[i] != rows[first])
    for index, first in islice(pairs, KEPT_PER_CODE):
        message = f"the same prompt has another answer at {_where(lines, first)}"
        yield lines.finding(index, _fault("FT251", message, severities))


def leaked(train: Lines, validation: Lines, severities: Severities) -> Iterator[Finding]:
    """FT252: validation examples that are trained on."""
    common = common_hashes(train.trail.rows, validation.trail.rows)
    if not common:
        return
    first_in_train: dict[int, int] = {}
    for index, row in enumerate(train.trail.rows):
        if row in common:
            first_in_train.setdefault(row, index)
    for index, row in enumerate(validation.trail.rows):
        if row in common:
            message = f"this example is trained on: {_where(train, first_in_train[row])}"
            yield validation.finding(index, _fault("FT252", message, severities))


def odd_system_prompts(scanned: Scanned, severities: Severities) -> Iterator[Finding]:
    """FT254: examples without the system prompt that nearly all others have."""
    seen = scanned.tally.systems.seen
    total = sum(times for times, _ in seen.values())
    usual = max(seen, key=lambda prompt: seen[prompt][0], default=0)
    if total < _FEWEST or not usual or seen[usual][0] < _USUAL * total:
        return
    for prompt, (_, line) in seen.items():
        if prompt != usual:
            has = "another system prompt" if prompt else "no system prompt"
            message = f"{has}, where {seen[usual][0]:,} of {total:,} examples have the same one"
            fault = _fault("FT254", message, severities).at_line(line)
            yield fault.finding(scanned.file.display)


def far_too_long(scanned: Scanned, severities: Severities) -> Iterator[Finding]:
    """FT255: a line much longer than the others, though not too long to be read (FT213)."""
    length, line = scanned.tally.longest
    usual = 2 ** _median_bits(scanned.tally.lengths)
    if MAX_LINE >= length > max(_LONG, _FAR * usual):
        message = f"the line has {length:,} bytes, where half of them have less than {usual:,}"
        yield _fault("FT255", message, severities).at_line(line).finding(scanned.file.display)


def _median_bits(lengths: Mapping[int, int]) -> int:
    ordered = sorted(lengths)
    below = list(accumulate(lengths[bits] for bits in ordered))
    return ordered[bisect_left(below, below[-1] / 2)] if ordered else 0


def beyond_limits(stream: PreparedStream, profile: Profile, *, cut_off: int = 0) -> Iterator[Fault]:
    """What a split has too few or too many of; `cut_off` of its examples went to validation."""
    yield from _examples(stream, profile, cut_off)
    largest = profile.limits.largest_file
    if largest and stream.size > largest:
        message = (
            f"the {stream.split} data has {stream.size:,} bytes; {profile.title} takes {largest:,}"
        )
        yield Fault("FT209", message, hint="train on fewer or shorter examples")


def _examples(stream: PreparedStream, profile: Profile, cut_off: int) -> Iterator[Fault]:
    least = profile.limits.min_examples if stream.split == "train" else 1
    most = profile.limits.max_examples
    if stream.examples < least:
        spared = f", as {cut_off:,} went to validation" if cut_off else ""
        message = f"{_count(stream)}{spared}; {profile.title} needs at least {least}"
        yield Fault("FT230", message, hint="add examples; 50 to 100 are a good start")
    if most is not None and stream.examples > most:
        message = f"{_count(stream)}; {profile.title} takes at most {most:,}"
        yield Fault("FT231", message, hint="choose the best of them")


def _count(stream: PreparedStream) -> str:
    plural = "" if stream.examples == 1 else "s"
    return f"the {stream.split} data has {stream.examples:,} example{plural}"


def _pairs(hashes: array[int]) -> Iterator[tuple[int, int]]:
    """Each index whose hash came before, and the index where it came first."""
    again = repeated_hashes(hashes)
    first: dict[int, int] = {}
    for index, value in enumerate(hashes) if again else ():
        if value in again:
            if value in first:
                yield index, first[value]
            else:
                first[value] = index


def repeated_hashes(hashes: array[int]) -> set[int]:
    """The hashes that occur more than once, up to a bound."""
    found: set[int] = set()
    for some in _portions(hashes):
        if len(some) > len(set(some)):
            found.update(value for value, times in Counter(some).items() if times > 1)
        if len(found) > _MOST_REPEATED:
            break
    return found - {NOTHING}


def common_hashes(these: array[int], those: array[int]) -> set[int]:
    """The hashes that occur in both."""
    portions = max(len(these), len(those)) // _AT_ONCE + 1
    found: set[int] = set()
    for these_, those_ in zip(_portions(these, portions), _portions(those, portions), strict=True):
        found.update(set(those_).intersection(these_))
    return found - {NOTHING}


def _portions(hashes: array[int], count: int | None = None) -> Iterator[Sequence[int]]:
    """The hashes in portions; equal ones are in the same portion."""
    count = count or len(hashes) // _AT_ONCE + 1
    if count == 1:
        yield hashes
        return
    for portion in range(count):
        yield [value for value in hashes if value % count == portion]


def _where(lines: Lines, index: int) -> str:
    file, number = lines.place(index)
    return f"{file.display}:{number}"


def _fault(code: str, message: str, severities: Severities) -> Fault:
    severity, hint = _KNOWN[code]
    return Fault(code, message, hint=hint, severity=severities.get(code, severity))


_KNOWN: Mapping[str, tuple[Severity, str]] = {
    "FT250": (Severity.WARNING, "remove one; an example that is repeated weighs more"),
    "FT251": (Severity.NOTE, "keep the better answer, unless both are wanted"),
    "FT252": (Severity.ERROR, "remove it from one of them: validation measures what is new"),
    "FT254": (Severity.NOTE, "send the tuned model what it was trained with: one system prompt"),
    "FT255": (Severity.NOTE, "check that nothing was joined by mistake"),
}
