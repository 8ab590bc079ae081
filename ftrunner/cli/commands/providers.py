"""`ftrunner providers` and `ftrunner providers show NAME`"""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from ftrunner.cli.options import complete, json_option, profiles_option
from ftrunner.cli.output import Group, Output
from ftrunner.providers import registry
from ftrunner.render.documents.providers import as_table, as_text


@click.group("providers", cls=Group, invoke_without_command=True)
@profiles_option
@json_option
@click.pass_context
def command(context: click.Context, profiles: Path | None, out: Output) -> None:
    """List the provider profiles: what each can do, and when that was checked."""
    context.obj = registry.with_folders(registry.folders(Path(), profiles))
    if context.invoked_subcommand is not None:
        return
    found = [context.obj.get(name) for name in context.obj.names()]
    out.result("providers", {"profiles": msgspec.to_builtins(found)}, as_table(found))


@command.command("show")
@click.argument("name", shell_complete=complete(registry.names))
@json_option
@click.pass_obj
def show(profiles: registry.Profiles, name: str, out: Output) -> None:
    """Show everything in the profile NAME, with the sources of its facts."""
    profile = profiles.get(name)
    out.result("provider", {"profile": msgspec.to_builtins(profile)}, as_text(profile))
