"""A notification that a long run ended, through apprise: mail, chat or phone.

The spec names environment variables that hold apprise URLs, which are secrets: nothing here
repeats them.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec

from ftrunner.engine.report.report import Report
from ftrunner.render.report.markdown import head
from ftrunner.text import one_line

_LONGEST = 2_000  # characters; many services take no more


def ring(report: Report) -> str:
    """What makes a terminal ring, and puts the verdict into its title."""
    return f"\a\x1b]0;{one_line(_title(report))}\a"


def notify(report: Report, names: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    """Send the head of the report to the URL in each variable; yields what went wrong.

    Never raises, so that a run that ended well stays one.
    """
    if not names:
        return
    if find_spec("apprise") is None:
        yield "no notification was sent: pip install 'ftrunner[notify]'"
        return
    apprise = import_module("apprise")
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # it would repeat the URLs
    for name in names:
        url = environment.get(name, "").strip()
        if not url:
            yield f"no notification was sent to {name}: the variable is not set"
            continue
        service = apprise.Apprise()
        try:
            is_sent = service.add(url) and service.notify(
                head(report, _LONGEST),
                title=_title(report),
                body_format=apprise.NotifyFormat.MARKDOWN,
            )
        except Exception:  # noqa: BLE001 - a plugin may raise anything
            is_sent = False
        if not is_sent:
            yield f"the notification to {name} could not be sent"


def _title(report: Report) -> str:
    return f"{report.verdict.word}: {report.results.name}"
