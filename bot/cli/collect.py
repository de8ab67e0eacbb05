"""`blip collect`: print the commands that collect evidence; they are run elsewhere, by hand."""

from __future__ import annotations

from pathlib import Path

import click

from bot.kit import collecting_script
from kb.load import load


@click.command()
@click.option("--incident", help="Only what tells this incident from its look-alikes.")
@click.option("--check", "names", multiple=True, help="Only what this check looks at (repeatable).")
@click.pass_obj
def command(casebooks: tuple[Path, ...], incident: str | None, names: tuple[str, ...]) -> None:
    """Print a shell script that collects evidence on a host, in a guest and on a DHCP server. It only reads."""
    knowledge = load(casebooks)
    wanted = [knowledge.check(name) for name in names]
    if incident is not None:
        wanted += [knowledge.checks[name] for name in knowledge.incident(incident).expect]
    click.echo(collecting_script(wanted))
