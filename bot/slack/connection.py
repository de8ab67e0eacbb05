"""The connection to Slack: tokens, the first handshake, and whether the socket still lives."""

from __future__ import annotations

import logging
import os
import re
import time
from collections.abc import Mapping
from http.client import HTTPException
from typing import Final

from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry import default_retry_handlers
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.conversation import Conversation
from bot.slack.app import create_app
from bot.slack.desk import Desk
from bot.store import CaseStore
from kb.errors import ServiceError

BOT: Final = "SLACK_BOT_TOKEN"
APP: Final = "SLACK_APP_TOKEN"
API: Final = "SLACK_API_URL"
"""The environment variables that are read; the last one only for Slack's other clouds, and for tests."""

_SDK_LOG = logging.getLogger("bot.slack.sdk")
_SOCKET_LOG = logging.getLogger("bot.slack.socket")
_BEGINNINGS: Final = {BOT: "xoxb-", APP: "xapp-"}
_TIMEOUT: Final = 15
_HINTS: Final = {
    "missing_scope": "it lacks the scope connections:write",
    "not_allowed_token_type": "it is a token of another kind",
    "account_inactive": "the app was removed from the workspace",
    "token_revoked": "it was revoked",
    "token_expired": "it has expired",
}


class Connection:
    """An open connection to Slack. It reconnects by itself for as long as the process lives."""

    def __init__(self, handler: SocketModeHandler) -> None:
        self._handler = handler
        self._heard: float | None = None
        handler.client.on_message_listeners.append(self._hear)

    def last_envelope_age(self) -> float | None:
        """Return how many seconds ago Slack last sent anything, be it only the answer to a ping; None before that.

        The client pings every ten seconds, so that a socket which is open and silent for minutes is dead, however
        quiet the workspace is.
        """
        session = self._handler.client.current_session
        pong = session.last_ping_pong_time if session else None
        times = [moment for moment in (self._heard, pong) if moment is not None]
        return max(0.0, time.time() - max(times)) if times else None

    def close(self) -> None:
        """Hang up."""
        self._handler.client.close()

    def _hear(self, message: str) -> None:
        self._heard = time.time()


def connect(conversation: Conversation, store: CaseStore, environ: Mapping[str, str] = os.environ) -> Connection:
    """Connect the conversation to Slack; messages are answered by threads of their own from then on.

    Args:
        conversation: answers the messages.
        store: keeps the cases, and the ids of what was delivered.
        environ: holds `SLACK_BOT_TOKEN` and `SLACK_APP_TOKEN`, and perhaps `SLACK_API_URL`.

    Raises:
        ServiceError: a token is none, Slack refuses it, or Slack cannot be reached. No token is ever in the text.
    """
    bot_token, app_token = _token(environ, BOT), _token(environ, APP)
    address = environ.get(API, WebClient.BASE_URL).rstrip("/") + "/"
    if not address.startswith(("https://", "http://")):
        raise ServiceError(f"{API} is no http(s) address")
    handlers = [*default_retry_handlers(), RateLimitErrorRetryHandler(max_retry_count=2)]
    # Whatever the client logs it raises too, and a user should read it once.
    _SDK_LOG.setLevel(logging.CRITICAL)
    client = WebClient(token=bot_token, base_url=address, timeout=_TIMEOUT, retry_handlers=handlers, logger=_SDK_LOG)
    socket = _handshake(client, app_token)
    _SOCKET_LOG.setLevel(logging.CRITICAL)
    handler = SocketModeHandler(create_app(client, Desk(conversation, store)), app_token, logger=_SOCKET_LOG)
    connection = Connection(handler)
    handler.client.wss_uri = socket
    handler.client.connect()
    if not handler.client.is_connected():
        connection.close()
        raise ServiceError("Slack accepts the tokens, but its socket cannot be reached; is a firewall between?")
    # From here on nobody waits for a return, and a socket that cannot be renewed must be heard of.
    _SOCKET_LOG.setLevel(logging.ERROR)
    return connection


def _handshake(client: WebClient, app_token: str) -> str:
    """Check both tokens, and return the address of a socket."""
    asked = BOT
    try:
        client.auth_test()
        asked = APP
        address = client.apps_connections_open(app_token=app_token)["url"]
    except SlackApiError as error:
        # The SDK calls every other answer an error too: a web page, or JSON of another service.
        answer = getattr(error.response, "data", None)
        code = str(answer.get("error")) if isinstance(answer, dict) else ""
        if re.fullmatch("[a-z_]{1,60}", code):
            hint = _HINTS.get(code, "docs/slack.md says where to copy it")
            raise ServiceError(f"Slack refuses {asked} ({code}): {hint}") from None
        address = None
    except (SlackClientError, OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise ServiceError(f"Slack cannot be reached at {client.base_url} ({reason})") from None
    if not str(address).startswith(("wss://", "ws://")):
        raise ServiceError(f"{client.base_url} does not answer as Slack does; is {API} right?")
    return str(address)


def _token(environ: Mapping[str, str], name: str) -> str:
    """Return a token, refused here when it cannot be one: a mistyped token must not travel, nor stand in an error."""
    token = environ.get(name, "").strip()
    beginning = _BEGINNINGS[name]
    if not re.fullmatch(rf"{beginning}[\w-]{{1,500}}", token, re.ASCII):
        raise ServiceError(f"{name} is no token that begins with {beginning}; docs/slack.md says where to copy it")
    return token
