"""The models that are asked the rows of test sets: the tuned one and those it is compared with."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from ftrunner.dataset.cost.prices import AnswerPrice, answer_price_of
from ftrunner.engine.context import Run
from ftrunner.spec.testing import BASE, CURRENT, TUNED, Opponent

_FREE = AnswerPrice(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Contender:
    """A model that is asked: what the spec calls it, its name there, and where it is.

    The tuned model has no name before it is trained.
    """

    name: str
    model: str | None
    elsewhere: Opponent | None = None

    def at(self, run: Run) -> AbstractContextManager[Run]:
        """The run that asks it."""
        return run.elsewhere(self.elsewhere) if self.elsewhere else nullcontext(run)


def contenders_of(run: Run, tuned: str | None) -> tuple[tuple[Contender, ...], Mapping[str, str]]:
    """The models to ask, the tuned one first, and why others are not asked."""
    found, skipped = [Contender(TUNED, tuned)], {}
    for opponent in run.spec.tests.against:
        contender = contender_of(run, opponent)
        if contender.model is None:
            skipped[opponent.name] = "no model is current yet"
        elif contender.model == tuned and contender.elsewhere is None:
            skipped[opponent.name] = "it is the model under test"
        else:
            found.append(contender)
    return tuple(found), skipped


def contender_of(run: Run, opponent: Opponent) -> Contender:
    """A model to compare with, under the name that chat takes; none where none is current.

    The mock provider knows the base model by the name under which it trains.
    """
    elsewhere = opponent if opponent.is_elsewhere else None
    if opponent.name == CURRENT:
        current = run.journal.record.current
        return Contender(CURRENT, current.model if current else None)
    if opponent.name == BASE and (opponent.model is None or run.target.is_rehearsal):
        return Contender(BASE, run.spec.model, elsewhere)
    return Contender(opponent.name, opponent.model, elsewhere)


def is_recorded(run: Run, model: str) -> bool:
    """Whether the record has the model as one that was tuned."""
    return model in _tuned_models(run)


def known_models(run: Run) -> frozenset[str]:
    """What models can be called here, as far as the spec and the record say."""
    written = {name for one in run.spec.tests.against for name in (one.name, one.model) if name}
    return frozenset({BASE, CURRENT, run.spec.model, *written, *_tuned_models(run)})


def _tuned_models(run: Run) -> set[str]:
    job, current = run.journal.record.job, run.journal.record.current
    names = (job and job.model, job and job.answers_as, current and current.model)
    return {name for name in names if name}


def answer_price(run: Run, contender: Contender) -> AnswerPrice | None:
    """What answers of a model cost, where `run` asks it; None where that is not known."""
    is_tuned = contender.name in (TUNED, CURRENT) or str(contender.model).startswith("ft:")
    is_ours = contender.name in (TUNED, CURRENT, BASE)
    model = run.spec.model if is_ours else str(contender.model)
    price = answer_price_of(run.spec, model, run.target.profile.name, tuned=is_tuned)
    is_free = not (run.target.costs_money or run.target.is_rehearsal)
    return price or (_FREE if is_free else None)
