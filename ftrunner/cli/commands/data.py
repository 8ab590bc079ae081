"""`ftrunner data …`: checking, measuring, comparing and changing data files."""

from __future__ import annotations

from importlib import import_module

import click

from ftrunner.cli.output import Group, with_volume

# command → module of this folder. A module is imported when its command is called.
COMMANDS = {
    "check": "data_check",
    "stats": "data_stats",
    "diff": "data_stats",
    "fix": "data_edit",
    "split": "data_edit",
    "convert": "data_edit",
}


class _Commands(Group):
    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ftrunner.cli.commands.{COMMANDS[cmd_name]}")
        return with_volume(getattr(module, cmd_name))


@click.group("data", cls=_Commands)
def command() -> None:
    """Check, measure, compare and change data files. Nothing is sent, no key is needed.

    Each of these takes --json.
    """
