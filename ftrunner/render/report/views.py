"""The other sections of the page, as numbers and texts in their places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ftrunner.engine.report.report import Report
from ftrunner.render.documents.history import cost, effect_of, outcome
from ftrunner.render.report.charts import Line, curves
from ftrunner.render.report.figures import UNKNOWN, count, moment, money, points, seconds, size
from ftrunner.state.results import KeptModel, KeptSet, KeptSplit, RunResults

_SAMPLED = 12  # rows of the curve's table

Row = Mapping[str, Any]


def tiles(report: Report) -> list[tuple[str, str]]:
    """The figures that people look for first."""
    results = report.results
    found = []
    for each in results.sets[:1]:
        for comparison in each.comparisons[:1]:
            found.append((f"{each.name} against {comparison.name}", points(comparison.effect)))
    if results.prompts:
        passed = sum(prompt.passed for prompt in results.prompts)
        found.append(("Test prompts passed", f"{passed:,} of {len(results.prompts):,}"))
    asked = [gate for gate in results.gates if gate.result != "skipped"]
    if asked:
        held = sum(gate.result == "passed" for gate in asked)
        found.append(("Gates passed", f"{held} of {len(asked)}"))
    train = results.data.get("train")
    if train and train.examples:
        found.append(("Training examples", f"{train.examples:,}"))
    if report.seconds:
        found.append(("Training took", seconds(report.seconds)))
    if results.cost.training and not results.rehearsal:
        found.append(("Training cost", money(results.cost.training)))
    return found


def training(report: Report) -> Row | None:
    """The job: its curve, and what it was made with."""
    job = report.results.training
    if job is None:
        return None
    lines = [
        Line("train", tuple((p.step, p.train) for p in report.curve if p.train is not None)),
        Line(
            "validation",
            tuple((p.step, p.validation) for p in report.curve if p.validation is not None),
        ),
    ]
    lines = [line for line in lines if len(line.points) > 1]
    settings = job.inputs.get("hyperparameters")
    chosen = ", ".join(f"{k} {v}" for k, v in settings.items()) if settings else None
    facts = {
        "job": job.job,
        "status": job.status,
        "error": job.error,
        "base model": job.base_model,
        "tuned model": job.model,
        "method": job.inputs.get("method"),
        "hyperparameters": chosen,
        "created": moment(job.created_at) if job.created_at else None,
        "took": seconds(report.seconds) if report.seconds else None,
        "trained tokens": f"{job.trained_tokens:,}" if job.trained_tokens else None,
    }
    return {
        "chart": curves(lines, report.checkpoints, _summary(lines)) if lines else None,
        "lines": [line.name for line in lines],
        "sampled": _sampled(report),
        "facts": [(name, str(value)) for name, value in facts.items() if value],
    }


def _summary(lines: Sequence[Line]) -> str:
    """`train loss from 3.34 to 0.13 in 100 steps`."""
    ends = (
        f"{line.name} loss from {line.points[0][1]:.2f} to {line.points[-1][1]:.2f}"
        for line in lines
    )
    return f"{', '.join(ends)}, over {lines[0].points[-1][0]:,.0f} steps"


def _sampled(report: Report) -> list[tuple[str, str, str]]:
    found = report.curve
    if len(found) > _SAMPLED:
        found = tuple(found[n * (len(found) - 1) // (_SAMPLED - 1)] for n in range(_SAMPLED))
    return [(f"{p.step:,}", _loss(p.train), _loss(p.validation)) for p in found]


def _loss(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.4f}"


def data(results: RunResults) -> list[Row]:
    """Each split, and what changed in it."""
    return [
        {
            "name": name,
            "examples": _number(split.examples),
            "tokens": _number(split.tokens),
            "size": UNKNOWN if split.bytes is None else size(split.bytes),
            "changed": _change(split),
            "sha256": split.sha256 or split.rows,
        }
        for name, split in results.data.items()
    ]


def _change(split: KeptSplit) -> str:
    if split.against is None:
        return UNKNOWN
    parts = (("new", split.added), ("gone", split.removed), ("changed", split.changed))
    named = ", ".join(f"{number:,} {what}" for what, number in parts if number)
    return f"{named or 'nothing'} since {split.against}"


def leaks(results: RunResults) -> list[str]:
    """The sets with rows that are in the training data, too."""
    return [
        f"{each.name}: {count(each.leaked, 'row')} of it in the training data; left out of the "
        "comparison"
        for each in results.sets
        if each.leaked
    ]


def costs(report: Report) -> list[tuple[str, str]]:
    """What there is to say about money, requests and time."""
    cost, job = report.results.cost, report.results.training
    tokens = None
    if cost.tokens_in is not None or cost.tokens_out is not None:
        tokens = f"{_number(cost.tokens_in)} in, {_number(cost.tokens_out)} out"
    asked = f"{count(cost.asked, 'answer')} asked for, {cost.reused:,} that were stored"
    facts = {
        "training": money(cost.training) if cost.training else None,
        "trained tokens": f"{job.trained_tokens:,}" if job and job.trained_tokens else None,
        "training took": seconds(report.seconds) if report.seconds else None,
        "answers": asked if cost.asked or cost.reused else None,
        "tokens of the answers": tokens,
        "cost of the answers": money((cost.answers, cost.answers)) if cost.answers else None,
    }
    found = [(name, value) for name, value in facts.items() if value]
    if found and report.results.rehearsal:
        found.insert(0, ("paid", "nothing: what it would cost at the real provider is below"))
    return found


def usage(results: RunResults) -> list[tuple[str, ...]]:
    """What the answers of each model to each set took."""
    return [_use(each, model) for each in results.sets for model in each.models if model.answers]


def _use(each: KeptSet, model: KeptModel) -> tuple[str, ...]:
    times = [UNKNOWN if t is None else seconds(t) for t in (model.latency_p50, model.latency_p95)]
    cost = UNKNOWN if model.cost is None else money((model.cost, model.cost))
    tokens = f"{_number(model.tokens_in)} / {_number(model.tokens_out)}"
    return each.name, model.name, f"{model.answers:,}", tokens, ", ".join(times), cost


def provenance(report: Report) -> list[tuple[str, str]]:
    """Where the results come from."""
    results, began = report.results, report.origin
    origin, job = results.provenance, results.training
    changed = " and changes that are not committed" if began and began.modified else ""
    facts = {
        "spec": began.spec if began else origin.spec,
        "commit": began and began.commit and f"{began.commit}{changed}",
        "spec's SHA-256": origin.spec_sha256,
        "tests": origin.tests,
        "fingerprint": origin.fingerprint,
        "tuned model": results.model,
        "current model": results.current,
        "base model": job and job.base_model,
        "job": job and job.job,
        "provider": f"{origin.provider} at {origin.endpoint}",
        "request": ", ".join(f"{key} {value}" for key, value in origin.request.items()),
        "run": results.run,
        "ftrunner": origin.ftrunner,
        "Python": began and began.python,
    }
    answers = [
        (f"answers of {model.name} to {each.name}", model.digest)
        for each in results.sets
        for model in each.models
        if model.digest
    ]
    return [(name, str(value)) for name, value in [*facts.items(), *answers] if value]


def _number(value: int | None) -> str:
    return UNKNOWN if value is None else f"{value:,}"


def past(report: Report) -> list[tuple[str, ...]]:
    """The last runs, newest first; a report of the only one has nothing to say of them."""
    if len(report.past) < 2:
        return []
    return [
        (
            moment(run.at),
            run.commit[:8] if run.commit else UNKNOWN,
            run.provider,
            run.data[:8] or UNKNOWN,
            outcome(run),
            "; ".join(map(effect_of, run.effects)) or UNKNOWN,
            cost(run),
        )
        for run in reversed(report.past)
    ]
