"""Whether a new job may be paid for: decided from values, asked by the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ftrunner.dataset.cost.cost import Estimate, dollars
from ftrunner.engine.target import Target
from ftrunner.errors import ConsentRequired, OverBudget
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Budget

# Of a profile whose provider says what a job will cost.
PRICE_OPERATION = "estimate_price"
Ask = Callable[[Target, Estimate], bool]


@dataclass(frozen=True, slots=True)
class Consent:
    """What is needed to spend: a price, and somebody's word. `ask` is None without a terminal."""

    price: Callable[[], Estimate]
    yes: bool = False
    ask: Ask | None = None


def authorise(target: Target, budget: Budget, consent: Consent) -> Estimate | None:
    """Return when the job may be created, with the estimate where one was needed.

    Never over the budget, nor where a budget cannot be checked. Within one it may; on this machine
    it may; otherwise somebody must agree. The price is worked out only where it matters: counting
    tokens takes its time.
    Raises OverBudget or ConsentRequired.
    """
    is_free = not target.costs_money
    if not budget.has_limits and (is_free or consent.yes):
        return None
    estimate = consent.price()
    if refusal := over_budget(budget, estimate) or unchecked(budget, estimate, target.profile):
        raise refusal
    if is_free or consent.yes or _is_met(budget, estimate):
        return estimate
    if consent.ask is None or not consent.ask(target, estimate):
        raise ConsentRequired(
            f"a new job at {target.base_url} costs money and nobody agreed to it",
            code="FT190",
            hint="pass --yes, or set a `budget` that the estimate meets",
        )
    return estimate


def over_budget(budget: Budget, estimate: Estimate) -> OverBudget | None:
    """The refusal where the most that is likely exceeds a limit."""
    hint = "train fewer examples or epochs, or raise the budget"
    tokens, cost = estimate.tokens, estimate.cost
    if tokens and budget.max_tokens is not None and tokens.high > budget.max_tokens:
        return OverBudget(
            f"the job would train {tokens.high:,.0f} tokens, over budget.max_tokens of"
            f" {budget.max_tokens:,}",
            code="FT191",
            hint=hint,
        )
    if cost and budget.max_cost is not None and cost.high > budget.max_cost:
        return OverBudget(
            f"the job may cost {dollars(cost.high)}, over budget.max_cost of"
            f" {dollars(budget.max_cost)}",
            code="FT192",
            hint=hint,
        )
    return None


def unchecked(budget: Budget, estimate: Estimate, profile: Profile) -> OverBudget | None:
    """The refusal where a limit cannot be checked. A provider that gives prices is asked for one
    once it has the files.
    """
    why = estimate.unknown or f"{estimate.coarse:,} examples hold images of unknown size"
    if budget.max_tokens is not None and (estimate.tokens is None or estimate.coarse):
        return unchecked_limit(budget, "max_tokens", why, estimate)
    if budget.max_cost is None or PRICE_OPERATION in profile.operations or is_known(estimate):
        return None
    return unchecked_limit(budget, "max_cost", why, estimate)


def is_known(estimate: Estimate) -> bool:
    """Whether the estimate holds the most that the job may cost."""
    return estimate.cost is not None and not estimate.coarse


def unchecked_limit(budget: Budget, limit: str, why: str, estimate: Estimate) -> OverBudget | None:
    """The refusal for a limit of which too little is known; None where the budget allows that."""
    if budget.unchecked == "allow":
        return None
    accept = f"remove budget.{limit}, or accept it unchecked: `budget: {{unchecked: allow}}`"
    if limit == "max_cost" and estimate.tokens and not estimate.coarse:
        accept = f"give the price under `prices:`, {accept}"
    elif limit == "max_cost":
        accept += "; `prices:` does not help where not all tokens can be counted"
    return OverBudget(f"budget.{limit} cannot be checked: {why}", code="FT194", hint=accept)


def _is_met(budget: Budget, estimate: Estimate) -> bool:
    """Whether the budget speaks for the user: it has a limit, and every limit is known to hold."""
    if estimate.coarse:
        return False
    cost_holds = budget.max_cost is None or estimate.cost is not None
    tokens_hold = budget.max_tokens is None or estimate.tokens is not None
    return budget.has_limits and cost_holds and tokens_hold
