"""Whether a new job may be paid for: decided from values, asked by the command line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ftrunner.dataset.cost.cost import Estimate, dollars
from ftrunner.engine.target import Target
from ftrunner.errors import ConsentRequired, OverBudget
from ftrunner.spec.model import Budget

Ask = Callable[[Target, Estimate], bool]


@dataclass(frozen=True, slots=True)
class Consent:
    """What is needed to spend: a price, and somebody's word. `ask` is None without a terminal."""

    price: Callable[[], Estimate]
    yes: bool = False
    ask: Ask | None = None


def authorise(target: Target, budget: Budget, consent: Consent) -> Estimate | None:
    """Return when the job may be created, with the estimate where one was needed.

    Never over the budget. Within one it may; on this machine it may; otherwise somebody must
    agree. The price is worked out only where it matters: counting tokens takes its time.
    Raises OverBudget or ConsentRequired.
    """
    is_free = not target.costs_money
    if budget == Budget() and (is_free or consent.yes):
        return None
    estimate = consent.price()
    if refusal := over_budget(budget, estimate):
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


def _is_met(budget: Budget, estimate: Estimate) -> bool:
    """Whether the budget speaks for the user: it has a limit, and every limit is known to hold."""
    if estimate.coarse:
        return False
    cost_holds = budget.max_cost is None or estimate.cost is not None
    tokens_hold = budget.max_tokens is None or estimate.tokens is not None
    return budget != Budget() and cost_holds and tokens_hold
