"""How long models are still there: base models stop, and what was tuned from them stops too."""

from __future__ import annotations

from datetime import UTC, date, datetime

from ftrunner.api.errors import NotFound
from ftrunner.engine.context import Run

SOON = 90  # days


def fate(run: Run, model: str) -> str | None:
    """What is wrong with `model` at the provider: gone, or stopping soon; None where nothing is.

    A provider that tells nothing of single models says nothing here. Raises other ApiErrors.
    """
    try:
        found = run.client.retrieve_model(model)
    except NotFound as error:
        return f"{model} is not at the provider" if error.status in (404, 410) else None
    return stops_soon(model, found.shutdown_date, today=_today(run))


def stops_soon(model: str, shutdown_date: str | None, *, today: date) -> str | None:
    """The sentence on a model that stops within `SOON` days, or has stopped."""
    try:
        day = date.fromisoformat(shutdown_date or "")
    except ValueError:
        return None
    left = (day - today).days
    if left > SOON:
        return None
    if left < 0:
        return f"{model} stopped on {day}, and what was tuned from it with it"
    return f"{model} stops on {day}, in {left} days, and what is tuned from it with it"


def _today(run: Run) -> date:
    return datetime.fromtimestamp(run.clock.now(), UTC).date()
