"""`blip read`: logs, captures and command output -> timeline, findings and suspects."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from bot.evidence import Evidence, read_evidence, read_text
from bot.evidence.report import describe, report
from bot.redact import Redactor
from kb.load import KnowledgeBase, load

_MOST_STDIN = 64 << 20


@click.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--redact", is_flag=True, help="Replace addresses, MACs and host names by consistent pseudonyms.")
@click.pass_obj
def command(casebooks: tuple[Path, ...], files: tuple[Path, ...], as_json: bool, redact: bool) -> None:
    """Read logs, captures and command output from FILES (or text from standard input)."""
    knowledge = load(casebooks)
    evidence = read_evidence(files, knowledge) if files else _standard_input(knowledge)
    output = (
        json.dumps(report(evidence, knowledge), ensure_ascii=False)
        if as_json
        else describe(evidence, knowledge).markdown()
    )
    click.echo(Redactor(evidence.facts.get("host", ())).text(output) if redact else output)


def _standard_input(knowledge: KnowledgeBase) -> Evidence:
    data = sys.stdin.buffer.read(_MOST_STDIN)
    return read_text(data.decode("utf-8", "replace"), knowledge)
