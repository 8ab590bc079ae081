"""The report of a dataset check: what the splits hold and everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ftrunner.dataset.files.prepared import PreparedStream
from ftrunner.dataset.formats import Format
from ftrunner.dataset.totals.row_hashes import Files, Trail
from ftrunner.findings import Finding, has_errors


@dataclass(frozen=True, slots=True)
class Sample:
    """Tokens were counted in `examples` of `of` examples only, and scaled.

    With a probability of 95 % the true number differs by at most the share `error` of the estimate.
    """

    examples: int
    of: int
    error: float


@dataclass(frozen=True, slots=True)
class SplitReport:
    """One split. `roles` counts messages by role, `lengths` lines by the bits of their length.

    `tokens` is the sum over its examples and `billed_tokens` the same with each example cut at
    the model's limit; both are None where tokens were not counted, and exact but for a `sample`, of
    which `longest` is then the longest example. Of `coarse` examples at least so many tokens are
    trained on as were counted: what an image takes is known for `detail: low` only.
    """

    stream: PreparedStream
    format: Format
    examples: int
    tokens: int | None
    billed_tokens: int | None
    longest: int | None
    roles: Mapping[str, int]
    lengths: Mapping[int, int] = field(default_factory=dict)
    sample: Sample | None = None
    coarse: int = 0


@dataclass(frozen=True, slots=True)
class DatasetReport:
    """Both splits and all findings; a split is None where no file of it could be read.

    There is one finding for each cause, up to a bound per code and split (`faults.KEPT_PER_CODE`);
    `counts` has all of them by code. `tokens_unknown` says why there are no token counts, where
    asked for. `trails` are the hashes of all rows by split, or all together where one split is
    cut from the other; `files` are the files of each that were read, with their numbers of lines.
    """

    train: SplitReport | None
    validation: SplitReport | None
    findings: tuple[Finding, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    tokens_unknown: str | None = None
    trails: Mapping[str, Trail] = field(default_factory=dict, repr=False)
    files: Mapping[str, Files] = field(default_factory=dict, repr=False)

    @property
    def splits(self) -> dict[str, SplitReport]:
        """The splits there are, by name."""
        both = {"train": self.train, "validation": self.validation}
        return {name: split for name, split in both.items() if split is not None}

    def may_exceed(self, tokens: int) -> bool:
        """Whether a line is so long that it may have more tokens: each takes a byte at least."""
        bits = (max(split.lengths, default=0) for split in self.splits.values())
        return 1 << max(bits, default=0) > tokens

    @property
    def ok(self) -> bool:
        """Whether nothing among the findings stops a run."""
        return not has_errors(self.findings)
