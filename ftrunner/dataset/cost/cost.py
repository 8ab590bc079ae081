"""What training will cost, as far as anyone can know beforehand: epochs × tokens × price."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ftrunner.dataset.cost.prices import Price, PriceTable, price_of, prices_for
from ftrunner.dataset.formats import Format
from ftrunner.dataset.report import DatasetReport, Sample
from ftrunner.errors import InvalidInput
from ftrunner.findings import has_errors
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec

# The automatic number of epochs as OpenAI published it (cookbook, Chat_finetuning_data_prep).
TARGET_EPOCHS = 3
MIN_TARGET_EXAMPLES = 100
MAX_TARGET_EXAMPLES = 25_000
MOST_EPOCHS = 25
# Services may choose otherwise: Microsoft's documents show 2 as what "auto" became.
FEWEST_AUTO_EPOCHS = 2

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the most that is likely; both ends equal where it is certain."""

    low: float
    high: float

    def __mul__(self, other: Span) -> Span:
        return Span(self.low * other.low, self.high * other.high)

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Answers:
    """What asking models takes: so many answers are `asked` for, and as many `stored` cost nothing.

    `cost` is in US dollars; None where it cannot be known, and `unknown` says why.
    """

    asked: int
    stored: int
    cost: Span | None
    unknown: str | None = None

    def __add__(self, other: Answers) -> Answers:
        cost = self.cost + other.cost if self.cost and other.cost else None
        asked, stored = self.asked + other.asked, self.stored + other.stored
        return Answers(asked, stored, cost, self.unknown or other.unknown)


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate of training: `tokens` are billed tokens, `cost` is US dollars.

    Both are ranges that hold the error of a `sample`, if one was counted. They are None where they
    cannot be known, and `unknown` says why. Of `coarse` examples only the least is known: tokens
    and cost may be more than both ends. `answers` is what testing the model takes, where test sets
    are asked.
    """

    examples: int
    epochs: Span
    tokens_per_epoch: int | None = None
    tokens: Span | None = None
    cost: Span | None = None
    price: Price | None = None
    unknown: str | None = None
    sample: Sample | None = None
    coarse: int = 0
    answers: Answers | None = None

    @property
    def highest_cost(self) -> float | None:
        """The most that training and testing may cost; None where training's is not known."""
        if self.cost is None:
            return None
        answers = self.answers.cost if self.answers else None
        return self.cost.high + (answers.high if answers else 0.0)


def automatic_epochs(examples: int) -> int:
    """How many epochs `auto` becomes by the published rule.

    The mock server has the rule once more, on purpose: neither imports the other.
    """
    if examples <= 0:
        return TARGET_EPOCHS
    if examples * TARGET_EPOCHS < MIN_TARGET_EXAMPLES:
        return min(MOST_EPOCHS, MIN_TARGET_EXAMPLES // examples)
    if examples * TARGET_EPOCHS > MAX_TARGET_EXAMPLES:
        return max(1, MAX_TARGET_EXAMPLES // examples)
    return TARGET_EPOCHS


def price(
    report: DatasetReport, spec: Spec, profile: Profile, providers: tuple[str, ...]
) -> Estimate:
    """The estimate at the prices of `spec`, which may name some of `providers`.

    Raises InvalidInput for prices that cannot be used.
    """
    prices, findings = prices_for(spec, providers)
    if has_errors(findings):
        raise InvalidInput(findings)
    return estimate(report, spec, profile, prices)


def estimate(report: DatasetReport, spec: Spec, profile: Profile, prices: PriceTable) -> Estimate:
    """What training on the report's training split will take and cost.

    Where nothing is asked for, what the profile knows to be the provider's default counts.
    """
    split = report.train
    if split is None:
        return Estimate(0, Span(0, 0), unknown="there is no training data")
    asked = {**profile.defaults(str(spec.method)), **spec.hyperparameters}
    epochs = _epochs(asked.get("n_epochs"), split.examples)
    if split.billed_tokens is None:
        why = report.tokens_unknown or "tokens were not counted"
        return Estimate(split.examples, epochs, unknown=why)
    tokens = epochs * _per_epoch(split.billed_tokens, split.sample)
    price = price_of(spec.model, profile.name, prices)
    counted = Estimate(
        split.examples,
        epochs,
        split.billed_tokens,
        tokens,
        price=price,
        sample=split.sample,
        coarse=split.coarse,
    )
    if split.format is Format.REINFORCEMENT:
        return _unpriced(counted, "reinforcement training is billed by the hour")
    if price is None:
        unknown = f"no price known for {spec.model} at {profile.title}"
        return _unpriced(counted, f"{unknown}; add one under `prices:` in the spec")
    cost = tokens * Span(price.low / _MILLION, price.high / _MILLION)
    return replace(counted, cost=cost)


def _per_epoch(counted: int, sample: Sample | None) -> Span:
    error = sample.error if sample else 0.0
    return Span(counted * (1 - error), counted * (1 + error))


def _unpriced(counted: Estimate, why: str) -> Estimate:
    return replace(counted, price=None, unknown=why)


def _epochs(given: object, examples: int) -> Span:
    if isinstance(given, int | float) and not isinstance(given, bool):
        return Span(given, given)
    most = automatic_epochs(examples)
    return Span(min(FEWEST_AUTO_EPOCHS, most), most)
