"""Who may spend: never over the budget, otherwise somebody's word or a budget that holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ftrunner.dataset.cost.cost import Answers, Estimate, Span
from ftrunner.engine.checks.consent import Consent, authorise
from ftrunner.engine.target import REHEARSAL, Target
from ftrunner.errors import ConsentRequired, OverBudget
from ftrunner.providers import registry
from ftrunner.spec.model import Budget

OPENAI = Target(registry.get("openai"), "https://api.openai.com/v1", "https://api.openai.com/v1")
HERE = Target(registry.get("openai"), "http://127.0.0.1:1/v1", "http://127.0.0.1:1/v1")
DRESS = Target(registry.get("openai"), "", REHEARSAL)
WITHIN, BEYOND = Budget(max_cost=5.0, max_tokens=2000), Budget(max_cost=1.0)


def estimate(*, cost: float | None = 2.0, tokens: float | None = 1000.0) -> Estimate:
    return Estimate(
        examples=10,
        epochs=Span(10, 10),
        tokens_per_epoch=None if tokens is None else int(tokens / 10),
        tokens=None if tokens is None else Span(tokens, tokens),
        cost=None if cost is None else Span(cost / 2, cost),
        unknown=None,
    )


def test_a_terminal_user_is_asked_with_the_price() -> None:
    asked: list[Estimate] = []

    def ask(_: Target, price: Estimate) -> bool:
        asked.append(price)
        return True

    authorise(OPENAI, Budget(), Consent(ask=ask), estimate)

    assert asked == [estimate()]


@pytest.mark.parametrize("consent", [Consent(), Consent(ask=lambda *_: False)])
def test_without_an_answer_there_is_no_consent(consent: Consent) -> None:
    with pytest.raises(ConsentRequired, match="not confirmed"):
        authorise(OPENAI, Budget(), consent, estimate)


@pytest.mark.parametrize(("asking", "advice"), [(0.5, "train fewer"), (9.0, "`sample`")])
def test_the_advice_is_to_save_where_most_is_spent(asking: float, advice: str) -> None:
    known = replace(estimate(), answers=Answers(60, 0, Span(asking, asking)))

    with pytest.raises(OverBudget) as caught:
        authorise(OPENAI, BEYOND, Consent(yes=True), lambda: known)

    assert advice in (caught.value.hint or "")
    assert "`budget.max_cost`" in (caught.value.hint or "")


def test_a_budget_that_holds_is_consent() -> None:
    authorise(OPENAI, WITHIN, Consent(), estimate)


UNKNOWN = {
    "no price": (Budget(max_cost=5.0), estimate(cost=None)),
    "no tokens": (Budget(max_tokens=2000), estimate(tokens=None)),
    "only the least cost": (Budget(max_cost=5.0), replace(estimate(), coarse=1)),
    "only the least tokens": (Budget(max_tokens=2000), replace(estimate(), coarse=1)),
}


@pytest.mark.parametrize("target", [OPENAI, HERE, DRESS], ids=["real", "here", "rehearsal"])
@pytest.mark.parametrize(("budget", "known"), UNKNOWN.values(), ids=UNKNOWN)
def test_a_budget_that_cannot_be_checked_stops_the_run(
    target: Target, budget: Budget, known: Estimate
) -> None:
    with pytest.raises(OverBudget, match="cannot be checked") as caught:
        authorise(target, budget, Consent(yes=True), lambda: known)

    assert caught.value.code == "FT194"
    hint = caught.value.hint or ""
    assert "remove budget.max_" in hint
    assert "`budget: {unchecked: allow}`" in hint
    assert ("give the price under `prices:`" in hint) is (known.cost is None and not known.coarse)


@pytest.mark.parametrize(("budget", "known"), UNKNOWN.values(), ids=UNKNOWN)
def test_an_unchecked_budget_that_is_allowed_is_nobodys_word(
    budget: Budget, known: Estimate
) -> None:
    allowed = replace(budget, unchecked="allow")

    authorise(OPENAI, allowed, Consent(yes=True), lambda: known)
    with pytest.raises(ConsentRequired):
        authorise(OPENAI, allowed, Consent(), lambda: known)


def test_a_provider_that_gives_prices_is_asked_for_one_later() -> None:
    together = Target(registry.get("together"), "https://x.example/v1", "https://x.example/v1")

    authorise(together, Budget(max_cost=5.0), Consent(yes=True), lambda: estimate(cost=None))


def test_a_limit_that_holds_nothing_is_not_a_limit() -> None:
    authorise(OPENAI, Budget(unchecked="allow"), Consent(yes=True), pytest.fail)


@pytest.mark.parametrize("target", [OPENAI, HERE, DRESS])
@pytest.mark.parametrize("budget", [BEYOND, Budget(max_tokens=999)])
def test_over_the_budget_nobodys_word_helps(target: Target, budget: Budget) -> None:
    with pytest.raises(OverBudget, match=r"budget\.max_"):
        authorise(target, budget, Consent(yes=True, ask=lambda *_: True), estimate)


@pytest.mark.parametrize(
    ("target", "yes"),
    [(OPENAI, True), (HERE, False), (DRESS, False)],
    ids=["agreed", "this machine", "rehearsal"],
)
def test_the_price_is_worked_out_only_where_it_matters(target: Target, yes: bool) -> None:
    authorise(target, Budget(), Consent(yes=yes), pytest.fail)
