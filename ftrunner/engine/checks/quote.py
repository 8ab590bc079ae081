"""The provider's own estimate of a job's price, where it gives one: shown beside ours."""

from __future__ import annotations

from ftrunner.api.client import JobRequest
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Quote
from ftrunner.dataset.cost.cost import dollars
from ftrunner.engine.checks.consent import PRICE_OPERATION, is_known, unchecked_limit
from ftrunner.engine.checks.estimate import priced
from ftrunner.engine.context import Run
from ftrunner.errors import OverBudget
from ftrunner.events import PriceQuoted
from ftrunner.spec.model import Budget

# Seconds to wait between two questions while the provider still reads the files.
_PAUSES = (2.0, 4.0, 8.0, 15.0, 30.0)


def tell_quote(run: Run, request: JobRequest) -> None:
    """Show the provider's estimate.

    Raises OverBudget where it exceeds `budget.max_cost`, or where that can be checked neither by it
    nor by our own estimate.
    """
    if PRICE_OPERATION not in run.target.profile.operations:
        return
    title = run.target.profile.title
    quote = _quote(run, request)
    run.emit(_as_event(quote, title))
    refusal = _over_budget(run.spec.budget, quote, title) or _unchecked(run, quote)
    if refusal:
        raise refusal


def _quote(run: Run, request: JobRequest) -> Quote:
    """What the provider says; it is asked again while its reason to say nothing passes."""
    passing = run.target.profile.quote.passing
    quote = _asked(run, request)
    for pause in _PAUSES:
        if quote.price is not None or quote.reason not in passing:
            break
        run.clock.sleep(pause)
        quote = _asked(run, request)
    return quote


def _asked(run: Run, request: JobRequest) -> Quote:
    """No failure to give an estimate stops a run by itself."""
    try:
        return run.client.estimate_price(request)
    except ApiError as error:
        return Quote(reason=error.message)


def _as_event(quote: Quote, title: str) -> PriceQuoted:
    return PriceQuoted(
        provider=title,
        price=quote.price,
        tokens=quote.tokens,
        reason=quote.reason,
        allowed=quote.allowed,
        limit=quote.limit,
    )


def _no_price(quote: Quote, title: str) -> str:
    return f"{title} gives no price estimate{f': {quote.reason}' if quote.reason else ''}"


def _over_budget(budget: Budget, quote: Quote, title: str) -> OverBudget | None:
    """What `apply` stops with before it creates the job."""
    if quote.price is None or budget.max_cost is None or quote.price <= budget.max_cost:
        return None
    return OverBudget(
        f"{title} estimates {dollars(quote.price)}, over budget.max_cost of "
        f"{dollars(budget.max_cost)}",
        code="FT192",
        hint="train fewer examples or epochs, or raise the budget",
    )


def _unchecked(run: Run, quote: Quote) -> OverBudget | None:
    """Our own estimate, which is held against the budget before, counts where it knows a cost."""
    budget = run.spec.budget
    if quote.price is not None or budget.max_cost is None or budget.unchecked == "allow":
        return None
    ours = priced(run.spec, run.target)
    if is_known(ours):
        return None
    return unchecked_limit(budget, "max_cost", _no_price(quote, run.target.profile.title), ours)
