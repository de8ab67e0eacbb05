"""`blip reproduce`: print how to reproduce an incident, with a loss detector."""

from __future__ import annotations

from pathlib import Path

import click

from bot.kit import reproducing_script
from kb.errors import InputError
from kb.load import load


@click.command()
@click.argument("incident")
@click.pass_obj
def command(casebooks: tuple[Path, ...], incident: str) -> None:
    """Print the reproduction of INCIDENT and a script that records the time to the first loss for `blip soak`."""
    entry = load(casebooks).incident(incident)
    script = reproducing_script(entry)
    if script is None:
        raise InputError(f"the entry {entry.id!r} does not say how to reproduce it")
    click.echo(script)
