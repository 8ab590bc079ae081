"""What the answers to test sets cost: before they are asked for, and while they come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ftrunner.dataset.cost.cost import Answers, Estimate, Span
from ftrunner.dataset.cost.prices import AnswerPrice
from ftrunner.engine.context import Run
from ftrunner.engine.steps.ask import Question, is_stored
from ftrunner.engine.steps.contenders import Contender, answer_price, contenders_of
from ftrunner.errors import OverBudget
from ftrunner.evaluation.sets.rows import SetRows
from ftrunner.evaluation.spending import Account, Spending
from ftrunner.text import dollars

# A token is about four bytes of text in today's vocabularies, seldom under two or over six.
_FEWEST_BYTES, _MOST_BYTES = 2.5, 6.0
_FRAME = 4  # tokens around each message
_LONGEST = 500  # tokens of an answer, where the request sets no limit
_LIMITS = ("max_completion_tokens", "max_tokens")
_HINT = "raise `tests.run.max_cost`, or ask a `sample` of the rows"


def with_answers(estimate: Estimate, run: Run, sets: Mapping[str, SetRows]) -> Estimate:
    """The estimate of a new job with that of asking its model and the others; prices of both."""
    return replace(estimate, answers=estimate_answers(run, sets, None)) if sets else estimate


def estimate_answers(run: Run, sets: Mapping[str, SetRows], tuned: str | None) -> Answers:
    """What asking all models the rows of `sets` takes, apart from the answers that are stored.

    `tuned` is None before there is a tuned model.
    """
    contenders, _ = contenders_of(run, tuned)
    found = Answers(0, 0, Span(0, 0))
    for contender in contenders:
        with contender.at(run) as there:
            found += _of_model(there, contender, sets)
    return found


def _of_model(run: Run, contender: Contender, sets: Mapping[str, SetRows]) -> Answers:
    questions = [
        Question.of_row(row, attempt)
        for rows in sets.values()
        for row in rows.rows
        for attempt in range(1, rows.set.repeat + 1)
    ]
    stored = is_stored(run, contender.model) if contender.model else None
    asked = [one for one in questions if stored is None or not stored(one)]
    price = answer_price(run, contender)
    if price is None and asked:
        unknown = (
            f"no price is known for answers of {contender.model or 'the tuned model'} at "
            f"{run.target.profile.title}; `prices` in the spec can give one"
        )
        return Answers(len(asked), len(questions) - len(asked), None, unknown)
    cost = _cost(run, price, asked) if price else Span(0, 0)
    return Answers(len(asked), len(questions) - len(asked), cost)


def _cost(run: Run, price: AnswerPrice, questions: Iterable[Question]) -> Span:
    request = run.spec.tests.request
    longest = next((request[key] for key in _LIMITS if key in request), _LONGEST)
    low = high = 0.0
    for size, messages in map(_size, questions):
        frame = _FRAME * messages
        low += price.of(size / _MOST_BYTES + frame, 1)
        high += price.of(size / _FEWEST_BYTES + frame, float(longest))
    return Span(low, high)


def _size(question: Question) -> tuple[int, int]:
    """The bytes of the messages' texts, and how many messages there are."""
    texts = (str(message.get("content") or "") for message in question.messages)
    return sum(len(text.encode(errors="replace")) for text in texts), len(question.messages)


def accounts(
    run: Run, contenders: Iterable[Contender], sets: Mapping[str, SetRows]
) -> Mapping[str, Account]:
    """What each model's answers take from `tests.run.max_cost`, by its name in the spec.

    Empty where there is no limit. Raises OverBudget where the limit is surely too low, or cannot be
    held because a price is not known.
    """
    limit = run.spec.tests.run.max_cost
    if limit is None:
        return {}
    tuned, *_ = contenders
    answers = estimate_answers(run, sets, tuned.model)
    if answers.cost and answers.cost.low > limit:
        least = f"at least {dollars(answers.cost.low)}, over tests.run.max_cost of {dollars(limit)}"
        raise OverBudget(f"the answers cost {least}", code="FT518", hint=_HINT)
    if answers.unknown and run.spec.budget.unchecked != "allow":
        message = f"tests.run.max_cost cannot be checked: {answers.unknown}"
        raise OverBudget(message, code="FT194", hint="or allow that: `budget: {unchecked: allow}`")
    return dict(_accounts(run, contenders, Spending(limit)))


def _accounts(
    run: Run, contenders: Iterable[Contender], spending: Spending
) -> Iterator[tuple[str, Account]]:
    for contender in contenders:
        with contender.at(run) as there:
            price = answer_price(there, contender)
        if price is not None:
            yield contender.name, Account(spending, price)
