"""What a job costs: our estimate, the provider's own if it gives one, and what runs on after it."""

from __future__ import annotations

from ftrunner.api.client import JobRequest
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Quote
from ftrunner.dataset.cost.cost import Estimate
from ftrunner.engine.checks.consent import at_budget, is_known, over_cost, unchecked_limit
from ftrunner.engine.context import Run
from ftrunner.errors import OverBudget
from ftrunner.events import PriceQuoted, RunningCosts
from ftrunner.providers.facts import billing
from ftrunner.spec.model import Budget

# Seconds between requests while the provider still processes the files.
_PAUSES = (2.0, 4.0, 8.0, 15.0, 30.0)


def report_quote(run: Run, request: JobRequest, estimate: Estimate | None) -> None:
    """Report the price for `request` of a provider that estimates it.

    Raises OverBudget if it exceeds `budget.max_cost`, or if neither the provider's price nor our
    own `estimate` can check that limit.
    """
    title = run.target.profile.title
    quote = _quote(run, request)
    run.emit(_as_event(quote, title))
    refusal = _over_budget(run.spec.budget, quote, title) or _unchecked(run, quote, estimate)
    if refusal:
        with at_budget(run.spec):
            raise refusal


def _quote(run: Run, request: JobRequest) -> Quote:
    """The provider's quote; asked for again while the reason not to give one will pass."""
    passing = run.target.profile.quote.passing
    quote = _asked(run, request)
    for pause in _PAUSES:
        if quote.price is not None or quote.reason not in passing:
            break
        run.clock.sleep(pause)
        quote = _asked(run, request)
    return quote


def _asked(run: Run, request: JobRequest) -> Quote:
    """A failure to give a quote does not stop a run by itself."""
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
    return None if quote.price is None else over_cost(budget, quote.price, f"{title} estimates")


def _unchecked(run: Run, quote: Quote, estimate: Estimate | None) -> OverBudget | None:
    """Without a quote, our own estimate counts, which was checked against the budget before."""
    budget = run.spec.budget
    if quote.price is not None or budget.max_cost is None or estimate is None or is_known(estimate):
        return None
    return unchecked_limit(budget, "max_cost", _no_price(quote, run.target.profile.title), estimate)


def warn_running_costs(run: Run, advice: str) -> None:
    """Report the recorded deployments, if they are billed until they are deleted, with `advice`."""
    deployments = tuple(f"{one.noun} {one.id}" for one in run.journal.record.resources)
    cost = billing(run.target.profile.serving, run.spec.deployment) if deployments else None
    if cost:
        run.emit(RunningCosts(deployments, cost, advice))
