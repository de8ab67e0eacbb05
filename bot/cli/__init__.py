"""The `blip` command. Each subcommand is a module of its own, imported only when used, so that starting is fast."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import cast

import click

from kb.errors import BlipError

COMMANDS = {
    "chat": "talk through a network fault on the terminal",
    "collect": "print the commands that collect evidence on a host and in a guest",
    "lint": "say what a careful reviewer would say of the entries",
    "match": "name the incidents that a description fits",
    "new": "scaffold an entry",
    "rank": "run the matcher over a corpus in BEIR layout",
    "read": "read logs, captures and command output",
    "reports": "build a searchable index of imported bug reports",
    "reproduce": "print how to reproduce an incident, with a loss detector",
    "serve": "serve the site, the chat page and, with its tokens set, Slack",
    "soak": "say how long a fix must run before it counts",
}


class LazyGroup(click.Group):
    """A group whose subcommands live in bot.cli.<name> and are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the subcommands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one subcommand."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"bot.cli.{cmd_name}")
        return cast(click.Command, module.command)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the subcommands without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a subcommand; what a user can put right is said in its own words, without a traceback."""
        try:
            return super().invoke(ctx)
        except BlipError as error:
            click.echo(str(error), err=True)
            sys.exit(1)


@click.group(cls=LazyGroup)
@click.option(
    "--kb",
    "casebooks",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    envvar="BLIP_KB",
    help="A private casebook beside the built-in one (repeatable; or BLIP_KB, folders separated by ':').",
)
@click.pass_context
def main(ctx: click.Context, casebooks: tuple[Path, ...]) -> None:
    """Tell which known network incident of virtual machines you are looking at."""
    ctx.obj = casebooks
