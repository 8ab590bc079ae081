"""Step 1: everything that can be checked offline is checked, and what will be sent is hashed."""

from __future__ import annotations

from ftrunner.dataset.report import DatasetReport
from ftrunner.dataset.sampling import Sampling
from ftrunner.dataset.validate import check_dataset
from ftrunner.diagnostics import has_errors
from ftrunner.engine.limits import provider_findings
from ftrunner.engine.target import Target
from ftrunner.errors import InvalidInput
from ftrunner.spec.model import Spec


def prepare(
    spec: Spec, target: Target, *, count_tokens: bool = False, sampling: Sampling | None = None
) -> DatasetReport:
    """The dataset's report, findings about the spec at this provider included.

    Raises InvalidInput with all findings where one is an error.
    """
    report = check_dataset(
        spec.dataset,
        folder=spec.folder,
        method=spec.method,
        profile=target.profile,
        model=spec.model,
        source=spec.source,
        count_tokens=count_tokens,
        sampling=sampling,
        prompts=spec.tests.prompts,
        severities=target.profile.severities,
    )
    findings = (*provider_findings(spec, target.profile), *report.findings)
    if has_errors(findings):
        raise InvalidInput(findings)
    return report
