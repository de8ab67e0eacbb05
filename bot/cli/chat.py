"""`blip chat`: a conversation on the terminal, or one JSON message a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bot.case import Case
from bot.cli import options
from bot.conversation import Conversation, Message
from bot.prepared import prepared_conversation
from bot.terminal import Terminal
from kb.errors import InputError

if TYPE_CHECKING:
    from kb.reports import Reports


@click.command()
@click.option(
    "--json", "as_json", is_flag=True, help="One JSON message a line on stdin, one JSON state a line on stdout."
)
@options.reports
@click.pass_obj
def command(casebooks: tuple[Path, ...], as_json: bool, reports: Reports | None) -> None:
    """Talk through a network fault on the terminal."""
    conversation = prepared_conversation(casebooks).beside(reports)
    if as_json:
        for line in json_chat(conversation):
            click.echo(line)
            sys.stdout.flush()
    else:
        Terminal(conversation, sys.stdin, sys.stdout).run()


def json_chat(conversation: Conversation) -> Iterator[str]:
    """Answer each line of stdin: a JSON string, or an object with `text` or `finding`."""
    case = Case.new()
    for number, raw in enumerate(sys.stdin.buffer, start=1):
        line = raw.decode("utf-8", errors="replace").strip()
        if not line:
            continue
        try:
            message = parse_message(json.loads(line))
        except (ValueError, RecursionError, InputError) as error:
            yield json.dumps({"error": f"line {number}: {error}"})
            continue
        case, reply = conversation.answer(case, message)
        yield json.dumps(conversation.state(case) | {"reply": reply.markdown()}, ensure_ascii=False)


def parse_message(data: Any) -> Message:
    """Read a message from plain data: a string, `{"text": …}` or `{"finding": {"check": "outcome"}}`.

    Raises:
        InputError: it is none of these.
    """
    if isinstance(data, str):
        return Message(text=data)
    if isinstance(data, dict) and data.keys() <= {"text", "finding"} and data:
        text, finding = data.get("text", ""), data.get("finding", {})
        if (
            isinstance(text, str)
            and isinstance(finding, dict)
            and all(isinstance(value, str) for value in finding.values())
        ):
            return Message(text=text, findings=finding)
    raise InputError('a message is a JSON string, {"text": "…"} or {"finding": {"check": "outcome"}}')
