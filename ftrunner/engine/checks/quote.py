"""The provider's own estimate of a job's price, where it gives one: told beside ours."""

from __future__ import annotations

from collections.abc import Iterator

from ftrunner.api.client import JobRequest
from ftrunner.api.errors import ApiError
from ftrunner.api.wire import Quote
from ftrunner.dataset.cost.cost import dollars
from ftrunner.engine.context import Run
from ftrunner.errors import OverBudget
from ftrunner.events import Noted
from ftrunner.spec.model import Budget

_OPERATION = "estimate_price"


def tell_quote(run: Run, request: JobRequest) -> None:
    """Tell of the provider's estimate. Raises OverBudget where it exceeds `budget.max_cost`."""
    told = _quote(run, request)
    if told is None:
        return
    for note in _described(told, run.target.profile.title):
        run.emit(note)
    refusal = _over_budget(run.spec.budget, told, run.target.profile.title)
    if refusal:
        raise refusal


def _quote(run: Run, request: JobRequest) -> Quote | None:
    """What the provider says; None where it says nothing. No failure to say it stops a run."""
    if _OPERATION not in run.target.profile.operations:
        return None
    try:
        return run.client.estimate_price(request)
    except ApiError as error:
        run.emit(Noted(error.message, level="debug"))
        return None


def _described(told: Quote, title: str) -> Iterator[Noted]:
    """The estimate in words."""
    if told.price is None:
        yield Noted(f"{title} gives no estimate of the price", level="debug")
        return
    tokens = "" if told.tokens is None else f" for {told.tokens:,} tokens"
    yield Noted(f"{title} estimates {dollars(told.price)}{tokens}")
    if told.allowed is False:
        limit = "" if told.limit is None else f" of {dollars(told.limit)}"
        text = f"the account's limit{limit} does not cover that: the job may fail for it"
        yield Noted(text, level="warning")


def _over_budget(budget: Budget, told: Quote, title: str) -> OverBudget | None:
    """What `apply` stops with before it creates the job."""
    if told.price is None or budget.max_cost is None or told.price <= budget.max_cost:
        return None
    return OverBudget(
        f"{title} estimates {dollars(told.price)}, over budget.max_cost of "
        f"{dollars(budget.max_cost)}",
        code="FT192",
        hint="train fewer examples or epochs, or raise the budget",
    )
