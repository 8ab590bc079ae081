"""`ftrunner output SPEC [model|job|file]`"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ftrunner.cli.options import json_option, rehearsed_option, spec_argument, target_options
from ftrunner.cli.output import Output
from ftrunner.cli.session import Session, session
from ftrunner.render.documents.record import effects
from ftrunner.state.lock import Record
from ftrunner.text import one_line


@click.command("output")
@spec_argument
@click.argument("what", type=click.Choice(["model", "job", "file", "effect"]), default="model")
@target_options
@rehearsed_option
@json_option
def command(spec: Path, what: str, out: Output, **parameters: Any) -> None:
    """Print the bare value of SPEC's current model, job or training file, for scripts.

    `effect` prints a line for each comparison on a test set, separated by tabs: set, opponent,
    effect, lower and upper end of its interval, and the verdict. 0.02 is two points.
    """
    at = session(spec, parameters)
    if what == "effect":
        _effects(at, out)
        return
    value = _value(at.record, what)
    if value is None:
        raise at.nothing("current model" if what == "model" else what)
    out.result("output", {"what": what, "value": value}, one_line(value, bound=len(value)))


def _effects(at: Session, out: Output) -> None:
    found = effects(at.record)
    if not found:
        raise at.nothing("comparison on a test set")
    out.result("output", {"what": "effect", "value": found}, "\n".join(map(_line, found)))


def _line(effect: Mapping[str, Any]) -> str:
    fields = (effect[key] for key in ("set", "against", "effect", "low", "high", "word"))
    return "\t".join("" if field is None else one_line(str(field)) for field in fields)


def _value(record: Record, what: str) -> str | None:
    if what == "model":
        return record.current.model if record.current else None
    if what == "job":
        return record.job.id if record.job else None
    file = record.files.get("train")
    return file.id if file else None
