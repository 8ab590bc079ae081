"""Every format that something is printed in. To add one, write its module and its row here.

A row names functions as `module:function`; they are imported when the format is asked for, since
rich and templates take longer to load than most commands run. The keys are what `--format` takes.
"""

from __future__ import annotations

_RUN, _FINDINGS, _REPORT = (f"ftrunner.render.{each}" for each in ("run", "findings", "report"))

# The events of a run as they happen. The first function shows one run: it takes a stream, a clock
# and `verbose`, and its context manager gives an `Emit`. The second shows several at once: it takes
# a stream, a clock and the specs, and gives a function from a spec to its `Emit`.
RUNS = {
    "text": (f"{_RUN}.terminal:one_run", f"{_RUN}.board:several_runs"),
    "jsonl": (f"{_RUN}.jsonl:one_run", f"{_RUN}.jsonl:several_runs"),
    "github": (f"{_RUN}.github:one_run", f"{_RUN}.github:several_runs"),
}
# What a run does now, for a command that prints when all is done: a stream and a clock.
MEANWHILE = f"{_RUN}.live:meanwhile"
# What checks of specs and data found: from each CheckResult, as it comes, to what is printed.
FINDINGS = {
    "text": f"{_FINDINGS}.check:as_text",
    "json": f"{_FINDINGS}.check:as_json",
    "sarif": f"{_FINDINGS}.sarif:as_sarif",
    "github": f"{_FINDINGS}.github:as_annotations",
}
# What a command failed with, as annotations: from an FtrunnerError to text.
ANNOTATED = f"{_FINDINGS}.github:of_error"
# What a run left: from a Report to text.
REPORTS = {
    "html": f"{_REPORT}.html:html",
    "md": f"{_REPORT}.markdown:markdown",
    "junit": f"{_REPORT}.junit:junit",
    "csv": f"{_REPORT}.tables:as_csv",
    "jsonl": f"{_REPORT}.tables:as_jsonl",
    "github": f"{_REPORT}.annotations:as_commands",
}
PAGE = "html"  # what each run leaves in its folder, as
REPORT_FILE = "report.html"
