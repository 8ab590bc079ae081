"""The page: the server, its verdict, jobs, files and latest requests."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.resources import files

from mockserver.data.records import File, Job
from mockserver.dialects import OPENAI, find_dialect
from mockserver.jobs.settling import settle
from mockserver.jobs.training import state_at, total_steps
from mockserver.page.html import Html, element, joined, table
from mockserver.provider import Provider
from mockserver.verdict.exchange import Exchange
from mockserver.verdict.findings import Finding, is_clean
from mockserver.verdict.verdict import findings_on

SHOWN = 50
"""The maximum number of objects in a table, newest first."""
STYLE = Html(files(__package__).joinpath("style.css").read_text(encoding="utf-8"))
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; img-src data:; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "vary": "accept",
    "x-content-type-options": "nosniff",
}
"""No scripts, no external resources and only the page's style, whatever a name contains."""

JOBS = ("Job", "Status", "Step", "Trains", "Tuned model", "Training file", "Created")
FILES = ("File", "Name", "Purpose", "Bytes", "Created")
REQUESTS = ("Number", "Time", "Method", "Path", "Status", "Key")


def page(provider: Provider, origin: str) -> str:
    """The page for a browser at `origin`."""
    settle(provider)
    now, store = provider.clock.now(), provider.store
    findings = findings_on(provider)
    jobs = [_job(job, now) for job in store.jobs.newest(SHOWN)]
    stored = [_file(file) for file in store.files.newest(SHOWN)]
    asked = [_request(each) for each in provider.exchanges.kept[-SHOWN:][::-1]]
    body = element(
        "main",
        element("h1", "Mock fine-tuning provider"),
        *_about(provider, origin),
        element("h2", "Verdict on the client"),
        *_verdict(findings),
        *_section("Jobs", JOBS, jobs, store.jobs.count()),
        *_section("Files", FILES, stored, store.files.count()),
        *_section("Requests", REQUESTS, asked, provider.exchanges.count),
    )
    return f"<!doctype html>\n{element('html', _head(), element('body', body), lang='en')}\n"


def _head() -> Html:
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("title", "Mock fine-tuning provider"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("link", rel="icon", href="data:,"),  # otherwise a browser requests one
        element("style", STYLE),
    )


def _about(provider: Provider, origin: str) -> list[Html]:
    settings = provider.settings
    language = "the OpenAI API" if settings.dialect == OPENAI else f"the API of {settings.dialect}"
    summary = (
        f"This server speaks {language} for tests and rehearsals. It keeps what it is sent and "
        "judges its client, but it trains no model, and nothing here costs money."
    )
    facts = [
        ("Base URL", f"{origin}{find_dialect(settings.dialect).base_path}"),
        ("Time", f"{_moment(provider.clock.now())} UTC ({settings.clock} clock)"),
        ("Speed", f"{settings.speed:g}"),
        ("Kept in", str(settings.db or "memory")),
        ("Armed", ", ".join(provider.faults.names()) or "no scenario, no fault"),
    ]
    pairs = [part for name, value in facts for part in (element("dt", name), element("dd", value))]
    names = ("verdict", "state", "requests")
    links = [part for name in names for part in (" ", element("a", name, href=f"/_mock/{name}"))]
    for_programs = joined(["The same for programs:", *links])
    return [element("p", summary), element("dl", *pairs), element("p", for_programs)]


def _verdict(findings: Sequence[Finding]) -> list[Html]:
    clean = is_clean(findings)
    word = "Clean: the client has done nothing wrong." if clean else "The client is at fault."
    lines = [
        element("li", f"{each.severity}: {each.rule}: {each.message}") for each in findings[:SHOWN]
    ]
    heading = element("p", word, class_="good" if clean else "bad")
    return [heading, element("ul", *lines)] if lines else [heading]


def _section(
    noun: str, columns: Sequence[str], rows: Sequence[Sequence[str]], count: int
) -> list[Html]:
    if not rows:
        return [element("h2", noun), element("p", "None yet.", class_="none")]
    shown = f"the newest {len(rows)} of {count}" if count > len(rows) else f"{count}, newest first"
    return [element("h2", noun), table(f"{noun}: {shown}", columns, rows)]


def _job(job: Job, now: float) -> tuple[str, ...]:
    state = state_at(job, now)
    return (
        job.id,
        state.status,
        f"{state.step} of {total_steps(job)}",
        str(job.shown.get("model", job.model)),
        job.tuned_model if state.status == "succeeded" else "",
        job.training_file,
        _moment(job.created_at),
    )


def _file(file: File) -> tuple[str, ...]:
    return file.id, file.filename, file.purpose, f"{file.bytes:,}", _moment(file.created_at)


def _request(each: Exchange) -> tuple[str, ...]:
    query = f"?{each.query}" if each.query else ""
    status = "no answer" if each.status is None else str(each.status)
    shown = f"{each.path}{query}"[:300]
    return str(each.number), _moment(each.at)[11:], each.method, shown, status, each.key


def _moment(seconds: float) -> str:
    """The time; fixtures may contain times beyond the calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, ValueError, OSError):
        return f"{seconds:.0f}"
