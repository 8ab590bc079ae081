"""What a provider says that a job costs, held against the budget; and what it does not say."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from ftrunner.api.client import JobRequest
from ftrunner.api.errors import ServerError
from ftrunner.api.wire import Quote
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.checks.price import report_quote
from ftrunner.engine.context import Run
from ftrunner.engine.steps.prepare import prepare, priced
from ftrunner.errors import OverBudget
from ftrunner.providers import registry
from ftrunner.spec.model import Budget, Dataset, Spec
from tests.kit.runs import Staged, staged

TOGETHER = registry.get("together")
MODEL = "gpt-4.1-nano"  # its tokens can be counted; its price at Together is not known
DATA = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}'
REQUEST = JobRequest(model=MODEL, training_file="file-1")
PRICED = {"together": {"training": {MODEL: 1.0}}}
SILENT = Quote.read(
    {
        "estimation_available": False,
        "unavailable_reason": "multimodal_dataset",
        "estimated_total_price": 0,
    },
    TOGETHER.quote,
)
UNREAD = replace(SILENT, reason="train_file_not_validated")


@dataclass
class Provider:
    """Answers in turn; the last answer again and again."""

    answers: list[Quote | ServerError]
    asked: list[JobRequest] = field(default_factory=list)

    def estimate_price(self, request: JobRequest) -> Quote:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, ServerError):
            raise answer
        return answer


def stage(folder: Path, provider: Provider, **fields: object) -> Staged:
    (folder / "a.jsonl").write_text(f"{DATA}\n")
    fields["model_name"] = "deployed-by-hand"
    spec = Spec(folder / "s.yaml", "s", MODEL, Dataset(("a.jsonl",)), **fields)  # type: ignore[arg-type] # by name
    at = staged(folder, provider, spec=spec)
    target = replace(at.run.target, profile=TOGETHER)
    return replace(at, run=replace(at.run, target=target))


def quote(run: Run) -> None:
    prepared = prepare(run.spec, run.target)
    report_quote(run, REQUEST, priced(prepared, run.spec, run.target, Counting.EXACT))


@pytest.mark.parametrize("answer", [SILENT, ServerError("it failed", code="FT317", status=500)])
def test_a_budget_that_nothing_can_check_stops_the_run(
    tmp_path: Path, answer: Quote | ServerError
) -> None:
    at = stage(tmp_path, Provider([answer]), budget=Budget(max_cost=5.0))

    with pytest.raises(OverBudget, match="gives no price estimate: ") as caught:
        quote(at.run)

    assert caught.value.code == "FT194"
    assert "gives no price estimate: " in at.notes


@pytest.mark.parametrize(
    ("budget", "prices"),
    [
        (Budget(max_cost=5.0, unchecked="allow"), None),
        (Budget(max_cost=5.0), PRICED),
        (Budget(max_tokens=5000), None),
        (Budget(), None),
    ],
    ids=["allowed", "priced", "no limit of cost", "no limit"],
)
def test_three_ways_lead_past_a_missing_estimate(
    tmp_path: Path, budget: Budget, prices: dict[str, object] | None
) -> None:
    at = stage(tmp_path, Provider([SILENT]), budget=budget, prices=prices)

    quote(at.run)

    assert "gives no price estimate: multimodal_dataset" in at.notes


def test_a_file_that_is_still_read_is_asked_about_again(tmp_path: Path) -> None:
    provider = Provider([UNREAD, UNREAD, Quote(price=2.0)])
    at = stage(tmp_path, provider, budget=Budget(max_cost=5.0))

    quote(at.run)

    assert len(provider.asked) == 3
    assert "estimates $2.00" in at.notes


def test_a_price_over_the_budget_stops_the_run(tmp_path: Path) -> None:
    at = stage(tmp_path, Provider([Quote(price=6.0)]), budget=Budget(max_cost=5.0))

    with pytest.raises(OverBudget) as caught:
        quote(at.run)

    assert caught.value.code == "FT192"


@pytest.mark.parametrize("price", [-1, "1.5", True, None])
def test_what_is_not_a_price_checks_no_budget(price: object) -> None:
    assert Quote.read({"estimated_total_price": price}, TOGETHER.quote).price is None
