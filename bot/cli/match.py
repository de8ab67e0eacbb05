"""`blip match`: name the incidents that a description fits, for one text or a file of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.case import Case
from bot.cli import options
from bot.compose.casefile import check_data
from bot.compose.leads import MAX_TITLE, address, printable
from bot.conversation import Conversation, Message
from bot.prepared import prepared_conversation
from kb.errors import InputError

if TYPE_CHECKING:
    from kb.reports import FoundReport, Reports

MATCHES = 10


@click.command()
@click.argument("text", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option(
    "--batch", type=click.Path(path_type=Path, exists=True, dir_okay=False), help='A file of {"id", "text"} lines.'
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Where the results of --batch go.")
@options.reports
@click.pass_obj
def command(
    casebooks: tuple[Path, ...],
    text: str | None,
    as_json: bool,
    batch: Path | None,
    out: Path | None,
    reports: Reports | None,
) -> None:
    """Name the incidents that TEXT (or standard input) fits."""
    if (batch is None) != (out is None):
        raise InputError("--batch and --out go together")
    conversation = prepared_conversation(casebooks)
    if batch is not None and out is not None:
        lines = [json.dumps(result, ensure_ascii=False) + "\n" for result in _batch(conversation, batch)]
        out.write_text("".join(lines), encoding="utf-8")
        return
    conversation = conversation.beside(reports)
    if text is None:
        text = sys.stdin.buffer.read(4_000_000).decode("utf-8", errors="replace")
    if as_json:
        click.echo(json.dumps(matched(conversation, text), ensure_ascii=False))
    else:
        click.echo(conversation.answer(Case.new(), Message(text=text))[1].markdown())


def matched(conversation: Conversation, text: str) -> dict[str, Any]:
    """Return the verdict, the matches and the next check for one description, and reports where some were imported."""
    # The reply is not shown, so that no reports are searched for it.
    case, _ = conversation.beside(None).answer(Case.new(), Message(text=text))
    opinion = conversation.opinion(case)
    words = {match.id: match for match in opinion.matching.matches}
    found = conversation.alike(case)
    return {
        "verdict": str(opinion.account),
        "matches": [
            {
                "id": name,
                "title": words[name].title,
                "probability": round(probability, 6),
                "because": [*words[name].because, *([case.signals[name]] if name in case.signals else [])],
                "against": list(words[name].against),
            }
            for name, probability in opinion.told.ranked(MATCHES)
        ],
        "next_check": check_data(opinion.suggestion.check) if opinion.suggestion else None,
        **({} if found is None else {"reports": [_report_data(report) for report in found]}),
    }


def _report_data(report: FoundReport) -> dict[str, Any]:
    title = printable(report.title, MAX_TITLE)
    return {"id": report.id, "title": title, "url": address(report.url), "because": list(report.shared)}


def _batch(conversation: Conversation, path: Path) -> Iterator[dict[str, Any]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
            name, text = case["id"], str(case["text"])
        except (ValueError, TypeError, KeyError) as error:
            raise InputError(f'{path}:{number}:1: expected {{"id": …, "text": …}}: {error}') from error
        result = matched(conversation, text)
        yield {
            "id": name,
            "verdict": result["verdict"],
            "matches": [{"id": match["id"], "probability": match["probability"]} for match in result["matches"]],
        }
