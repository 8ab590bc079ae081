"""Write a spec for a job that was created by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ftrunner.api.wire import Job
from ftrunner.document.scalars import SpecDumper
from ftrunner.engine.jobs.adoption import FINGERPRINT_KEY, RUN_KEY
from ftrunner.spec.model import Method

_EXAMPLE = """
# What the tuned model must answer; asked by `ftrunner test`:
# tests:
#   prompts:
#     - name: greeting
#       user: Hello
#       expect:
#         - contains: hello
"""
_HEAD, _TAIL = 64, 8  # characters of the job's suffix and of its id in a spec's name


def spec_name(job: Job) -> str:
    """A name that no other job's spec has: the suffix, and the end of the job's id."""
    words = re.sub(r"[^a-z0-9]+", "-", (job.suffix or "").lower())[:_HEAD].strip("-") or "job"
    tail = re.sub(r"[^a-z0-9]+", "", job.id.lower())[-_TAIL:]
    return f"{words}-{tail}"


def spec_text(job: Job, *, provider: str, base_url: str | None, files: Mapping[str, str]) -> str:
    """The spec's YAML. `files` are the paths of the data by split, relative to the spec.

    `base_url` is written where the profile has another, or none. What the provider says becomes
    values and a comment, whatever it is: it adds no line, and refers to no environment variable.
    """
    metadata = {k: v for k, v in job.metadata.items() if k not in (RUN_KEY, FINGERPRINT_KEY)}
    written: dict[str, Any] = {
        "version": 1,
        "name": spec_name(job),
        "provider": provider,
        "base_url": base_url,
        "model": _literal(job.model),
        "suffix": _literal(job.suffix),
        "dataset": dict(files),
        "method": job.method if job.method in set(Method) else None,
        "hyperparameters": _literal(job.hyperparameters) or None,
        "grader": _literal(_grader(job)),
        "seed": job.seed,
        "metadata": _literal(metadata) or None,
    }
    kept = {key: value for key, value in written.items() if value is not None}
    text = yaml.dump(kept, Dumper=SpecDumper, sort_keys=False, allow_unicode=True)
    return f"# Imported from the job {job.id}, which is {job.status}.\n{text}{_EXAMPLE}"


def _literal(value: Any) -> Any:
    """`value` with `${` escaped, so that a spec does not read it as a reference."""
    match value:
        case str():
            return value.replace("${", "$${")
        case Mapping():
            return {key: _literal(inner) for key, inner in value.items()}
        case list():
            return [_literal(inner) for inner in value]
    return value


def _grader(job: Job) -> Any:
    method = job.raw.get("method")
    section = method.get(Method.REINFORCEMENT) if isinstance(method, Mapping) else None
    return section.get("grader") if isinstance(section, Mapping) else None
