"""The commands and what starts them. A command's module is imported when it is called."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import click

from ftrunner import __version__
from ftrunner.cli.error_handler import ReaderLeft, run_within
from ftrunner.cli.error_output import VOLUME, Group, Volume
from ftrunner.cli.output import with_volume

# Group of `--help` → command → module below ftrunner.cli.commands, and the line shown for it.
GROUPS = {
    "Start": {
        "init": ("init", "Write a commented spec for a provider, and a small dataset."),
        "import": ("import_command", "Write specs for jobs that were made by hand."),
        "providers": ("providers", "List the providers, and show what is known of one."),
        "mock": ("mock", "Serve the mock provider."),
        "schema": ("schema", "Print a JSON Schema."),
    },
    "Run": {
        "validate": ("validate", "Check specs and their data. No key, no network."),
        "plan": ("plan", "Show what apply would do, and why."),
        "apply": ("apply", "Take specs from data to a tested model."),
        "test": ("test", "Test the recorded model with the test prompts."),
        "compare": ("compare", "Compare the tuned model with its base model, or another."),
        "cancel": ("cancel", "Cancel the running job."),
    },
    "Look": {
        "status": ("status", "Show what the lock file records."),
        "output": ("output_command", "Print the current model, job or file id, for scripts."),
        "report": ("report", "Write a report of the last run: HTML, Markdown, JUnit and more."),
        "history": ("history", "Show every run of a spec, from git: data, outcome, effect, cost."),
        "verify": ("verify", "Check that lock files match specs, data and tests. For CI."),
        "drift": ("drift", "Report what is gone from the provider, or shuts down soon."),
        "explain": ("explain", "Explain a finding's code: cause, fix, example."),
    },
    "Repair": {
        "adopt": ("adopt", "Record a job of the provider as a spec's."),
        "forget": ("forget", "Drop what is unconfirmed, or all, from the lock file."),
        "destroy": ("destroy", "Delete the tuned model and uploaded files at the provider."),
    },
    "Data": {
        "data": ("data", "Check, measure, compare and change data files."),
    },
}
COMMANDS = {name: known for group in GROUPS.values() for name, known in group.items()}

# Python looks for cycles at every 700 new objects; a spec of 500 prompts has a hundred thousand,
# and none of them is garbage.
_RARELY = (20_000, 20, 20)


class Commands(Group):
    """Lists commands from a table, so that `--help` imports none of them."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"ftrunner.cli.commands.{COMMANDS[cmd_name][0]}")
        return with_volume(module.command)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ReaderLeft from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in COMMANDS and Path(args[0]).is_dir():
            args = ["plan", *args]  # `ftrunner specs/`: what there is, and what would be done
        return super().resolve_command(ctx, args)

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        longest = max(map(len, COMMANDS))
        for title, commands in GROUPS.items():
            with formatter.section(title):
                rows = [(f"{name:<{longest}}", line) for name, (_, line) in commands.items()]
                formatter.write_dl(rows)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with: ftrunner init, then ftrunner apply SPEC --mock",
)
@click.version_option(__version__, prog_name="ftrunner")
def cli() -> None:
    """Fine-tunes as code: a YAML spec takes a dataset to a tested model, on any provider."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code."""
    gc.set_threshold(*_RARELY)
    chosen = list(sys.argv[1:] if arguments is None else arguments)
    VOLUME.set(Volume.NORMAL)
    sys.exit(
        run_within(
            partial(cli.main, chosen, prog_name="ftrunner", standalone_mode=False),
            as_json="--json" in chosen,
        )
    )
