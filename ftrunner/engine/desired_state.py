"""What a spec and its dataset ask for, reduced to what the plan compares."""

from __future__ import annotations

from ftrunner.dataset.report import DatasetReport
from ftrunner.engine.fingerprint import fingerprint, inputs
from ftrunner.engine.plan import DesiredState
from ftrunner.evaluation.verdict import tests_digest
from ftrunner.providers.profile import Profile
from ftrunner.spec.model import Spec


def want(spec: Spec, report: DatasetReport, profile: Profile) -> DesiredState:
    """The spec's inputs, their fingerprint, the digest of its tests, and how its model is asked."""
    job_inputs = inputs(spec, report, profile)
    return DesiredState(
        inputs=job_inputs,
        fingerprint=fingerprint(job_inputs),
        streams={name: split.stream.sha256 for name, split in report.splits.items()},
        tests=tests_digest(spec.tests),
        prompts=len(spec.tests.prompts),
        examples=report.train.stream.examples if report.train else 0,
        is_served=profile.serving.is_needed,
        model_name=spec.model_name,
    )
