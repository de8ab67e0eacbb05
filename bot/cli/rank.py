"""`blip rank`: run the matcher over any corpus in BEIR layout, so that public benchmarks and scorers apply."""

from __future__ import annotations

from pathlib import Path

import click

from kb.rank import rank_corpus

_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.option("--corpus", required=True, type=_FILE, help='A file of {"_id", "title", "text"} lines.')
@click.option("--queries", required=True, type=_FILE, help='A file of {"_id", "text"} lines.')
@click.option(
    "--run", "run_", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where the TREC run goes."
)
@click.option("--depth", default=100, show_default=True, type=click.IntRange(min=1), help="Documents for each query.")
def command(corpus: Path, queries: Path, run_: Path, depth: int) -> None:
    """Rank a corpus for queries and write a TREC run."""
    count = rank_corpus(corpus, queries, run_, depth)
    click.echo(f"{count} queries ranked into {run_}", err=True)
