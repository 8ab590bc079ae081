"""`ftrunner status SPEC`"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import msgspec

from ftrunner.cli.error_output import aside
from ftrunner.cli.options import rehearsed_option, run_options, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import REHEARSED, Session, session
from ftrunner.cli.state_paths import places
from ftrunner.clock import SystemClock
from ftrunner.dataset.cost.prices import price_of, prices_for
from ftrunner.engine.jobs.seen import recent_events
from ftrunner.providers.facts import billing
from ftrunner.render.documents.record import as_text, unfinished
from ftrunner.render.run.progress import Progress, brief, replayed
from ftrunner.state.lock import JobRecord
from ftrunner.text import dollars

_CELLS = 100


@click.command("status")
@spec_argument
@target_options
@rehearsed_option
@click.option("--refresh", is_flag=True, help="Ask the provider first, and record its answer.")
@click.option("--watch", is_flag=True, help="Follow the running job to its end; record nothing.")
@run_options
def command(spec: Path, refresh: bool, watch: bool, out: Output, **parameters: Any) -> None:
    """Show what the lock file records of SPEC, and how far its job is as far as a run here saw it.

    No key and no network without --refresh or --watch.
    """
    at = session(spec, parameters)
    if refresh and at.target.scenario is not None:
        raise click.UsageError("--refresh asks a provider; the rehearsal of a scenario is over")
    if refresh:
        from ftrunner.engine.operations.refresh import (  # noqa: PLC0415 - loads the client
            refresh as ask_after,
        )

        with at.run(out) as run:
            ask_after(run)
    if watch:
        _watch(at, out)
    record, endpoint = at.record, at.target.endpoint
    progress = _progress(at, record.job) if record.job else None
    if out.is_json:
        fields = {"endpoint": endpoint, "record": msgspec.to_builtins(record)}
        fields |= {"progress": _fields(progress), "process": _process(at)}
        out.document("status", fields)
        return
    cost = billing(at.target.profile.serving, at.spec.deployment)
    apply = at.target.command("apply", spec)
    of_job = [*_facts(at, record.job, progress)] if record.job and progress else []
    name = at.spec.name
    about = {"cost": cost, "run": unfinished(at.process)}
    click.echo(as_text(record, name=name, endpoint=endpoint, apply=apply, of_job=of_job, **about))
    if at.is_only_rehearsed:
        click.echo(REHEARSED)


def _watch(at: Session, out: Output) -> None:
    """Follow the recorded job and record nothing; a rehearsal's provider is in another process."""
    from ftrunner.cli import wiring  # noqa: PLC0415 - loads the client
    from ftrunner.engine.operations import watch  # noqa: PLC0415

    job = at.record.job
    if job is None:
        raise at.nothing("job")
    if job.state.is_final:
        return
    with out.run() as emit:
        if at.target.is_rehearsal:
            place = places(at.spec, at.target)
            has_ended = watch.watch_log(
                place.run_folders,
                lambda: at.record.job,
                lambda: _is_at_work(at),
                emit,
                SystemClock(),
            )
            if not has_ended:
                aside(f"no process rehearses it now; {at.command('apply')} goes on")
            return
        with wiring.open_readonly(at.spec, at.target, emit, wiring.World()) as run:
            watch.watch_at_provider(run, emit, job.id)


def _is_at_work(at: Session) -> bool:
    """Whether a process is the writer."""
    _, is_there = at.process or (None, False)
    return is_there


def _process(at: Session) -> dict[str, Any] | None:
    if at.process is None:
        return None
    holder, is_there = at.process
    return {**asdict(holder), "at_work": is_there}


def _progress(at: Session, job: JobRecord) -> Progress:
    """What runs on this machine saw of the job."""
    seen = recent_events(places(at.spec, at.target).run_folders, job.id)
    return replayed(seen, SystemClock().now())


def _facts(at: Session, job: JobRecord, progress: Progress) -> Iterator[tuple[str, str]]:
    if seen := progress.summary(_CELLS):
        yield "training", seen
    if job.created_at is not None:
        yield "age", brief(SystemClock().now() - job.created_at)
    if spent := _cost(at, job):
        yield "cost", spent


def _cost(at: Session, job: JobRecord) -> str | None:
    """What the trained tokens cost by the known prices; a rehearsal costs nothing."""
    if not job.trained_tokens or at.target.is_rehearsal:
        return None
    table, _ = prices_for(at.spec, at.target.providers)
    price = price_of(str(job.inputs.get("model", "")), at.target.profile.name, table)
    tokens = f"{job.trained_tokens:,} tokens trained"
    if price is None:
        return tokens
    low, high = (dollars(job.trained_tokens / 1e6 * rate) for rate in (price.low, price.high))
    return f"{tokens}, about {low if low == high else f'{low} to {high}'}"


def _fields(progress: Progress | None) -> dict[str, Any] | None:
    if progress is None or progress.step is None:
        return None
    step, total = progress.step
    metric, value = progress.metric or (None, None)
    left = progress.seconds_left
    return {
        "step": step,
        "total_steps": total,
        "metric": metric,
        "value": value,
        "seconds_left": left,
    }
