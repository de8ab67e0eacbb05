"""`blip reports`: build a searchable index of imported bug reports, and search it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from bot.compose.leads import MAX_NAME, MAX_TITLE, address, printable
from kb.reports import Reports


@click.group()
def command() -> None:
    """Hold imported bug reports beside the casebook."""


@command.command()
@click.argument("source", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
def build(source: Path, directory: Path) -> None:
    """Index SOURCE, a file of {"id", "title", "text", "url"} lines, into DIRECTORY."""
    reports = Reports.read(source)
    reports.save(directory)
    click.echo(f"{len(reports)} reports indexed into {directory}", err=True)


@command.command()
@click.argument("directory", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("text")
@click.option("--limit", default=5, show_default=True, type=click.IntRange(1, 100), help="Reports to show.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(directory: Path, text: str, limit: int, as_json: bool) -> None:
    """Show the reports in DIRECTORY that read like TEXT."""
    found = Reports.load(directory).search(text, limit)
    if as_json:
        rows = [{"id": hit.id, "title": hit.title, "url": hit.url, "score": round(hit.score, 4)} for hit in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for hit in found:
        click.echo(f"{hit.score:.2f}  {printable(hit.id, MAX_NAME)}  {printable(hit.title, MAX_TITLE)}")
        if (url := address(hit.url)) is not None:
            click.echo(f"      {url}")
