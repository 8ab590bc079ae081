"""The formats of a report. To add one, write a function from a report to its bytes and a row here.

A module is imported when its format is asked for: templates take longer to load than the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from ftrunner.engine.report.report import Report

REPORT_FILE = "report.html"


@dataclass(frozen=True, slots=True)
class Format:
    """Where the writer is, as `module:function`; `is_page` if a browser shows it."""

    writer: str
    is_page: bool = False

    def write(self, report: Report) -> bytes:
        """The report in this format."""
        module, _, function = self.writer.partition(":")
        write: Callable[[Report], str] = getattr(
            import_module(f"ftrunner.render.report.{module}"), function
        )
        return write(report).encode(errors="replace")


FORMATS = {
    "html": Format("html:html", is_page=True),
    "md": Format("markdown:markdown"),
    "junit": Format("junit:junit"),
    "csv": Format("tables:as_csv"),
    "jsonl": Format("tables:as_jsonl"),
    "github": Format("annotations:as_commands"),
}
