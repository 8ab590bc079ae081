"""What `apply` would do, for how much, and what would stop it: its decisions, none carried out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.checks.consent import over_budget, unchecked
from ftrunner.engine.checks.estimate import priced
from ftrunner.engine.committed_data import committed_data
from ftrunner.engine.context import Run
from ftrunner.engine.data_change import DataChange, data_change
from ftrunner.engine.operations.preview import ProviderPreview, preview_provider
from ftrunner.engine.plan import Action, Options, Plan, plan
from ftrunner.engine.steps.prepare import Prepared, prepare
from ftrunner.errors import ExitCode, OverBudget
from ftrunner.findings import has_errors
from ftrunner.providers.facts import billing

_UNCHECKED = "FT194"


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan and what is known besides: how the data changed, what a job costs and what its model's
    deployment, what the provider said, what is against it, and why its budget cannot be checked,
    which is only a warning here. Each is None where there is nothing to tell.
    """

    plan: Plan
    change: DataChange | None
    estimate: Estimate | None
    deployment: str | None
    asked: ProviderPreview | None
    refusal: OverBudget | None
    unchecked: OverBudget | None = None

    @property
    def exit_code(self) -> ExitCode:
        """What `apply` would stop with before it creates a job; DONE where it would go on."""
        if self.asked and self.plan.creates_job and has_errors(self.asked.findings):
            return ExitCode.INVALID
        return self.refusal.exit_code if self.refusal else ExitCode.DONE


def build_plan_report(
    run: Run, options: Options, counting: Counting, *, online: bool
) -> PlanReport:
    """The outlook for `apply` with these options.

    `online` asks the provider where a job would be created; else nothing is sent. Raises
    InvalidInput for a spec or data that cannot be used.
    """
    first = Counting.OFF if run.journal.record.job else counting
    prepared = prepare(run.spec, run.target, first)
    wanted, report = prepared.wanted, prepared.report
    decided, estimate, asked = _decide(run, prepared, options, counting, online=online)
    runs = run.evidence.folder.parent
    recall = partial(committed_data, run.spec, run.target.profile)
    return PlanReport(
        plan=decided,
        change=data_change(run.journal.record, wanted, report, runs, estimate, recall=recall),
        estimate=estimate,
        deployment=_deployment(run, decided),
        asked=asked,
        refusal=_refusal(run, estimate, asked),
        unchecked=_unchecked(run, estimate, asked),
    )


def _decide(
    run: Run, prepared: Prepared, options: Options, counting: Counting, *, online: bool
) -> tuple[Plan, Estimate | None, ProviderPreview | None]:
    """The plan, the estimate of the job that it creates, and what the provider said."""
    wanted = prepared.wanted
    offline = plan(wanted, run.journal.record, None, options)
    if not offline.creates_job:
        return offline, None, None
    estimate = priced(prepared, run.spec, run.target, counting)
    if not online:
        return offline, estimate, None
    asked = preview_provider(run, wanted, estimate)
    decided = plan(wanted, run.journal.record, asked.observed, options)
    return decided, estimate if decided.creates_job else None, asked


def _deployment(run: Run, decided: Plan) -> str | None:
    """What a deployment would cost, where one would be made."""
    is_made = decided.train.action is not Action.SKIP and run.spec.model_name is None
    return billing(run.target.profile.serving, run.spec.deployment) if is_made else None


def _refusal(
    run: Run, estimate: Estimate | None, asked: ProviderPreview | None
) -> OverBudget | None:
    """The provider's own price goes before ours."""
    if asked and asked.refusal and asked.refusal.code != _UNCHECKED:
        return asked.refusal
    return over_budget(run.spec.budget, estimate) if estimate else None


def _unchecked(
    run: Run, estimate: Estimate | None, asked: ProviderPreview | None
) -> OverBudget | None:
    if asked and asked.refusal and asked.refusal.code == _UNCHECKED:
        return asked.refusal
    return unchecked(run.spec.budget, estimate, run.target.profile) if estimate else None
