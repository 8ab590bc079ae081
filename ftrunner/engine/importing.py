"""A job that was made by hand, as a spec: what the provider says of it, written down."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import yaml

from ftrunner.api.wire import Job
from ftrunner.engine.adoption import FINGERPRINT_KEY, RUN_KEY
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
_TAIL = 8  # characters of the job's id in a spec's name


def spec_name(job: Job) -> str:
    """A name that no other job's spec has: the suffix, and the end of the job's id."""
    words = re.sub(r"[^a-z0-9]+", "-", (job.suffix or "job").lower()).strip("-") or "job"
    tail = re.sub(r"[^a-z0-9]+", "", job.id.lower())[-_TAIL:]
    return f"{words}-{tail}"


def spec_text(job: Job, *, provider: str, base_url: str | None, files: Mapping[str, str]) -> str:
    """The spec's YAML. `files` are the paths of the data by split, relative to the spec.

    `base_url` is written where the profile has another, or none.
    """
    metadata = {k: v for k, v in job.metadata.items() if k not in (RUN_KEY, FINGERPRINT_KEY)}
    written: dict[str, Any] = {
        "version": 1,
        "name": spec_name(job),
        "provider": provider,
        "base_url": base_url,
        "model": job.model,
        "suffix": job.suffix,
        "dataset": dict(files),
        "method": job.method if job.method in set(Method) else None,
        "hyperparameters": dict(job.hyperparameters) or None,
        "grader": _grader(job),
        "seed": job.seed,
        "metadata": metadata or None,
    }
    kept = {key: value for key, value in written.items() if value is not None}
    text = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)
    return f"# Imported from the job {job.id}, which is {job.status}.\n{text}{_EXAMPLE}"


def _grader(job: Job) -> Any:
    method = job.raw.get("method")
    section = method.get(Method.REINFORCEMENT) if isinstance(method, Mapping) else None
    return section.get("grader") if isinstance(section, Mapping) else None
