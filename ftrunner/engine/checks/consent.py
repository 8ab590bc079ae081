"""Whether a new job may be paid for: decided from values; the command line asks the user."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.target import Target
from ftrunner.errors import ConsentRequired, OverBudget
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Budget, Spec, point
from ftrunner.text import dollars

# A profile with this operation has a provider that estimates the cost of a job.
PRICE_OPERATION = "estimate_price"
Ask = Callable[[Target, Estimate], bool]
_TRAIN_LESS = "train fewer examples or epochs, or raise"
_ASK_LESS = "the answers cost most: ask a `sample` of the rows, or raise"


@dataclass(frozen=True, slots=True)
class Consent:
    """How the user agrees to a price: `yes` beforehand, or `ask`, which is None without a terminal.

    `counting` is how the tokens for the price are counted.
    """

    yes: bool = False
    ask: Ask | None = None
    counting: Counting = Counting.EXACT


@contextmanager
def at_budget(spec: Spec) -> Iterator[None]:
    """A refusal in the block says where the budget of `spec` is written."""
    try:
        yield
    except OverBudget as error:
        place = point(spec, ("budget",), code=error.code, message="", at="key").location
        if place.line:
            error.hint = f"{error.hint}, {place.file}:{place.line}"
        raise


def needs_price(target: Target, budget: Budget, consent: Consent) -> bool:
    """Whether a new job has to be priced first; counting tokens takes time."""
    return budget.has_limits or (target.costs_money and not consent.yes)


def authorise(
    target: Target, budget: Budget, consent: Consent, price: Callable[[], Estimate]
) -> Estimate | None:
    """Return if the job may be created, with the estimate if one was needed.

    A job over the budget, or whose budget cannot be checked, is never created. A budget that is
    met is consent; so is a target that costs nothing; otherwise the user must agree.
    Raises OverBudget or ConsentRequired.
    """
    if not needs_price(target, budget, consent):
        return None
    estimate = price()
    if refusal := over_budget(budget, estimate) or unchecked(budget, estimate, target.profile):
        raise refusal
    if not target.costs_money or consent.yes or _is_met(budget, estimate):
        return estimate
    if consent.ask is None:
        raise ConsentRequired(
            f"a new job at {target.base_url} costs money; not confirmed, and no job was created",
            code="FT190",
            hint="pass --yes, or set a `budget` that the estimate meets",
        )
    if not consent.ask(target, estimate):
        raise ConsentRequired(
            "cancelled, nothing was created: a new job was not confirmed", code="FT190"
        )
    return estimate


def over_budget(budget: Budget, estimate: Estimate) -> OverBudget | None:
    """The refusal if the upper end of the estimate exceeds a limit."""
    tokens, cost = estimate.tokens, estimate.highest_cost
    if tokens and budget.max_tokens is not None and tokens.high > budget.max_tokens:
        return OverBudget(
            f"the job would train {tokens.high:,.0f} tokens, over budget.max_tokens of"
            f" {budget.max_tokens:,}",
            code="FT191",
            hint=f"{_TRAIN_LESS} `budget.max_tokens`",
        )
    who = "the job and its tests may cost" if estimate.answers else "the job may cost"
    advice = _ASK_LESS if _asking_costs_most(estimate) else _TRAIN_LESS
    return over_cost(budget, cost, who, advice) if cost is not None else None


def _asking_costs_most(estimate: Estimate) -> bool:
    asking = estimate.answers.cost if estimate.answers else None
    return bool(asking and estimate.cost and asking.high > estimate.cost.high)


def over_cost(
    budget: Budget, cost: float, who: str, advice: str = _TRAIN_LESS
) -> OverBudget | None:
    """The refusal of a `cost` over `budget.max_cost`; `who` begins the sentence."""
    if budget.max_cost is None or cost <= budget.max_cost:
        return None
    return OverBudget(
        f"{who} {dollars(cost)}, over budget.max_cost of {dollars(budget.max_cost)}",
        code="FT192",
        hint=f"{advice} `budget.max_cost`",
    )


def unchecked(budget: Budget, estimate: Estimate, profile: Profile) -> OverBudget | None:
    """The refusal if a limit cannot be checked, not even later by the provider's own price."""
    why = estimate.unknown or f"{estimate.coarse:,} examples hold images of unknown size"
    if budget.max_tokens is not None and (estimate.tokens is None or estimate.coarse):
        return unchecked_limit(budget, "max_tokens", why, estimate)
    if budget.max_cost is not None and estimate.answers and estimate.answers.unknown:
        return unchecked_limit(budget, "max_cost", estimate.answers.unknown, estimate)
    if budget.max_cost is None or PRICE_OPERATION in profile.operations or is_known(estimate):
        return None
    return unchecked_limit(budget, "max_cost", why, estimate)


def is_known(estimate: Estimate) -> bool:
    """Whether the estimate has an upper end for the cost."""
    return estimate.cost is not None and not estimate.coarse


def unchecked_limit(budget: Budget, limit: str, why: str, estimate: Estimate) -> OverBudget | None:
    """The refusal for a limit that cannot be checked; None if the budget allows that."""
    if budget.unchecked == "allow":
        return None
    accept = f"remove budget.{limit}, or accept it unchecked: `budget: {{unchecked: allow}}`"
    if limit == "max_cost" and estimate.tokens and not estimate.coarse:
        accept = f"give the price under `prices:`, {accept}"
    elif limit == "max_cost":
        accept += "; `prices:` does not help where not all tokens can be counted"
    return OverBudget(f"budget.{limit} cannot be checked: {why}", code="FT194", hint=accept)


def _is_met(budget: Budget, estimate: Estimate) -> bool:
    """Whether the budget has a limit, and every limit is known to hold."""
    if estimate.coarse:
        return False
    cost_holds = budget.max_cost is None or estimate.cost is not None
    tokens_hold = budget.max_tokens is None or estimate.tokens is not None
    return budget.has_limits and cost_holds and tokens_hold
