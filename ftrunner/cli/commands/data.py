"""`ftrunner data …`: checking, measuring, comparing and changing data files."""

from __future__ import annotations

import click

from ftrunner.cli.commands import data_check, data_edit


@click.group("data")
def command() -> None:
    """Check, measure, compare and change data files. Nothing is sent, no key is needed.

    Each of these takes --json.
    """


for each in (*data_check.COMMANDS, *data_edit.COMMANDS):
    command.add_command(each)
