"""Step 1: check everything that can be checked offline, and hash what will be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from ftrunner.dataset.cost.cost import Estimate, price
from ftrunner.dataset.cost.counting import Counting
from ftrunner.dataset.cost.prices import prices_for
from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.validate import check_dataset
from ftrunner.engine.checks.limits import (
    format_findings,
    opponent_findings,
    provider_findings,
    unknown_providers,
)
from ftrunner.engine.fingerprint import fingerprint, inputs
from ftrunner.engine.plan import DesiredState
from ftrunner.engine.target import Target
from ftrunner.errors import InvalidInput
from ftrunner.evaluation.sets.outlook import evidence_findings
from ftrunner.evaluation.sets.rows import SetRows, read_sets
from ftrunner.evaluation.verdict import set_digest, tests_digest
from ftrunner.findings import Finding, has_errors
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec


@dataclass(frozen=True, slots=True)
class Prepared:
    """A spec whose data was read and checked, and what it asks for."""

    report: DatasetReport
    wanted: DesiredState
    counting: Counting
    sets: Mapping[str, SetRows]


def prepare(spec: Spec, target: Target, counting: Counting = Counting.OFF) -> Prepared:
    """Read and check the spec's data, and check the spec against this provider.

    The report has the warnings of both. Raises InvalidInput with all findings if one is an error.
    """
    report = check_dataset(spec, target.profile, counting)
    sets, of_sets = _test_sets(spec)
    _, of_prices = prices_for(spec, target.providers)
    of_spec = (
        *unknown_providers(spec, target.providers),
        *of_prices,
        *provider_findings(spec, target.profile),
        *format_findings(spec, report, target.profile),
        *opponent_findings(spec, target),
        *of_sets,
    )
    findings = (*of_spec, *report.findings)
    counts = Counter(report.counts) + Counter(finding.code for finding in of_spec)
    if has_errors(findings):
        raise InvalidInput(findings, counts)
    report = replace(report, findings=findings, counts=counts)
    wanted = desired_state(spec, report, target.profile, sets)
    return Prepared(report, wanted, counting, sets)


def priced(prepared: Prepared, spec: Spec, target: Target, counting: Counting) -> Estimate:
    """The estimate for `prepared`, whose data is read again if its tokens were not counted yet."""
    if prepared.counting is not counting:
        prepared = prepare(spec, target, counting)
    return price(prepared.report, spec, target.profile, target.providers)


def _test_sets(spec: Spec) -> tuple[Mapping[str, SetRows], tuple[Finding, ...]]:
    """The rows of the test sets; what is wrong with them, and what they cannot show."""
    if not spec.tests.sets:
        return {}, ()
    sets, findings = read_sets(spec)
    return sets, (*findings, *evidence_findings(spec, sets))


def desired_state(
    spec: Spec, report: DatasetReport, profile: Profile, rows: Mapping[str, SetRows]
) -> DesiredState:
    """What the spec and its data ask for, reduced to what the plan compares."""
    job_inputs = inputs(spec, report, profile)
    sets = {name: set_digest(one.set, rows=one.digest) for name, one in rows.items()}
    return DesiredState(
        inputs=job_inputs,
        fingerprint=fingerprint(job_inputs),
        streams={name: split.stream.sha256 for name, split in report.splits.items()},
        tests=tests_digest(spec.tests, sets),
        prompts=len(spec.tests.prompts),
        examples=report.train.stream.examples if report.train else 0,
        is_served=profile.serving.is_needed,
        model_name=spec.model_name,
        sets=sets,
        rows_asked=sum(len(one.rows) for one in rows.values()),
    )
