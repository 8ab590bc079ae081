"""What `apply` would do, what it would cost, and what would stop it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from ftrunner.dataset.cost.cost import Estimate
from ftrunner.dataset.cost.counting import Counting
from ftrunner.engine.checks.announced import foreseen_findings
from ftrunner.engine.checks.consent import over_budget, unchecked
from ftrunner.engine.committed_data import committed_data
from ftrunner.engine.context import Run
from ftrunner.engine.data_change import DataChange, data_change
from ftrunner.engine.operations.preview import ProviderPreview, preview_provider
from ftrunner.engine.plan import Action, Options, Plan, plan
from ftrunner.engine.steps.answers import with_answers
from ftrunner.engine.steps.prepare import Prepared, prepare, priced
from ftrunner.errors import ExitCode, OverBudget
from ftrunner.evaluation.sets.outlook import Extent, GateOutlook, outlook
from ftrunner.findings import Finding, has_errors
from ftrunner.providers.facts import billing

_UNCHECKED = "FT194"


@dataclass(frozen=True, slots=True)
class PlanReport:
    """A plan, how the data changed, the prices of a job and a deployment, the provider's view.

    `gates` says what the tests can show about each gate, before anyone pays for an answer.
    `foreseen` are the ends that the provider announced, as far as its profile knows them.
    `refusal` would stop `apply`. `unchecked` says why the budget cannot be checked, which is only a
    warning here. Each is None if it does not apply.
    """

    plan: Plan
    change: DataChange | None
    estimate: Estimate | None
    deployment: str | None
    preview: ProviderPreview | None
    refusal: OverBudget | None
    unchecked: OverBudget | None = None
    foreseen: tuple[Finding, ...] = ()
    gates: tuple[GateOutlook, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The code with which `apply` would stop before it creates a job; else DONE."""
        if self.preview and self.plan.creates_job and has_errors(self.preview.findings):
            return ExitCode.INVALID
        return self.refusal.exit_code if self.refusal else ExitCode.DONE


def build_plan_report(
    run: Run, options: Options, counting: Counting, *, online: bool
) -> PlanReport:
    """Report what `apply` would do with these options.

    `online` asks the provider if a job would be created; otherwise nothing is sent. Raises
    InvalidInput for an invalid spec or dataset.
    """
    first = Counting.OFF if run.journal.record.job else counting
    prepared = prepare(run.spec, run.target, first)
    wanted, report = prepared.wanted, prepared.report
    decided, estimate, preview = _decide(run, prepared, options, counting, online=online)
    runs = run.log.folder.parent
    recall = partial(committed_data, run.spec, run.target.profile)
    return PlanReport(
        plan=decided,
        change=data_change(run.journal.record, wanted, report, runs, estimate, recall=recall),
        estimate=estimate,
        deployment=_deployment(run, decided),
        preview=preview,
        refusal=_refusal(run, estimate, preview),
        unchecked=_unchecked(run, estimate, preview),
        foreseen=_foreseen(run, decided, preview),
        gates=_gates(run, prepared),
    )


def _gates(run: Run, prepared: Prepared) -> tuple[GateOutlook, ...]:
    """With the share of answers that changed in the last test, where there was one."""
    tests = run.journal.record.tests
    changed = {
        (name, opponent): (found.better + found.worse) / one.n
        for name, one in (tests.sets if tests else {}).items()
        for opponent, found in one.against.items()
        if one.n
    }
    extents = {name: Extent.of(read) for name, read in prepared.sets.items()}
    return outlook(run.spec.tests, extents, changed)


def _foreseen(run: Run, decided: Plan, preview: ProviderPreview | None) -> tuple[Finding, ...]:
    if not decided.creates_job:
        return ()
    said = {finding.code for finding in preview.findings} if preview else frozenset[str]()
    profile, now = run.target.profile, run.clock.now()
    found = foreseen_findings(run.spec, profile, now, asked=preview is not None)
    return tuple(finding for finding in found if finding.code not in said)


def _decide(
    run: Run, prepared: Prepared, options: Options, counting: Counting, *, online: bool
) -> tuple[Plan, Estimate | None, ProviderPreview | None]:
    """The plan, the estimate of the job that it creates, and what the provider said."""
    wanted = prepared.wanted
    offline = plan(wanted, run.journal.record, None, options)
    if not offline.creates_job:
        return offline, None, None
    estimate = priced(prepared, run.spec, run.target, counting)
    estimate = with_answers(estimate, run, prepared.sets)
    if not online:
        return offline, estimate, None
    preview = preview_provider(run, wanted, estimate)
    decided = plan(wanted, run.journal.record, preview.observed, options)
    return decided, estimate if decided.creates_job else None, preview


def _deployment(run: Run, decided: Plan) -> str | None:
    """What a deployment would cost, if one would be created."""
    is_made = decided.train.action is not Action.SKIP and run.spec.model_name is None
    return billing(run.target.profile.serving, run.spec.deployment) if is_made else None


def _refusal(
    run: Run, estimate: Estimate | None, preview: ProviderPreview | None
) -> OverBudget | None:
    """The provider's price goes before our estimate."""
    if preview and preview.refusal and preview.refusal.code != _UNCHECKED:
        return preview.refusal
    return over_budget(run.spec.budget, estimate) if estimate else None


def _unchecked(
    run: Run, estimate: Estimate | None, preview: ProviderPreview | None
) -> OverBudget | None:
    if preview and preview.refusal and preview.refusal.code == _UNCHECKED:
        return preview.refusal
    return unchecked(run.spec.budget, estimate, run.target.profile) if estimate else None
