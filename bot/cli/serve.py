"""`blip serve`: the site, the chat page and Slack from one process."""

from __future__ import annotations

import os
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import waitress

from bot.cli import options
from bot.conversation import Conversation
from bot.store import CaseStore
from bot.web import create_app
from kb.errors import InputError
from kb.load import load

if TYPE_CHECKING:
    from kb.reports import Reports

SITE: Final = Path(__file__).resolve().parents[2] / "build" / "html"
DATABASE: Final = "sqlite:///blip.sqlite3"
THREADS: Final = 8
"""A browser opens up to six connections at once for one page."""
TOKENS: Final = ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes any free port.")
@options.reports
@click.pass_obj
def command(casebooks: tuple[Path, ...], host: str, port: int, reports: Reports | None) -> None:
    """Serve the site, the chat page and, with its tokens set, Slack."""
    with ExitStack() as stack:
        # The port comes before Slack: a second process must not take events from the first one only to give up then.
        listening = stack.enter_context(_listen(host, port))
        conversation = Conversation(load(casebooks)).beside(reports)
        store = CaseStore(os.environ.get("BLIP_DATABASE_URL", DATABASE))
        stack.callback(store.close)
        slack_age = None
        missing = [name for name in TOKENS if not os.environ.get(name)]
        if missing:
            click.echo(f"Slack: not connected; set {' and '.join(missing)} to add it (docs/slack.md says how).")
        else:
            import bot.slack

            connection = bot.slack.connect(conversation, store)
            stack.callback(connection.close)
            slack_age = connection.last_envelope_age
            click.echo("Slack: connected.")
        if not SITE.is_dir():
            click.echo("The site is not built yet: make html builds it. The API works without it.")
        server = waitress.create_server(
            create_app(conversation, store, SITE, slack_age), sockets=[listening], ident=None
        )
        click.echo(f"Blip is on http://{host}:{listening.getsockname()[1]}/ (Ctrl+C ends it).")
        server.run()


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=128
        )
    except OSError as error:
        # The library's text names the address again, in a tuple.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
        raise InputError(f"cannot listen on {host}:{port}: {reason}; choose another with --host or --port") from None
