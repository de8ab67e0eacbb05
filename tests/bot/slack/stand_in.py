"""A stand-in for Slack on this machine: its Web API over HTTP, and Socket Mode over a WebSocket.

It knows the methods that the bot uses, checks every payload as Slack would, and delivers events and presses of buttons.
"""

from __future__ import annotations

import itertools
import json
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.bot.slack.rules import TS, message_errors

BOT_TOKEN, APP_TOKEN = "xoxb-1-stand-in", "xapp-1-stand-in"
BOT, TEAM, USER = "U0BLIP", "T0TEAM", "U0ALICE"
CHANNEL, DIRECT = "C0NET", "D0ALICE"
WAIT = 30.0
"""Seconds after which a test that waits for something gives up."""


@dataclass(frozen=True)
class Call:
    """One call of the Web API, and how it was answered."""

    method: str
    payload: Mapping[str, Any]
    error: str | None


class Slack:
    """The stand-in. Use it as a context; `url` is what the bot takes for Slack's API."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.files: dict[str, tuple[str, bytes]] = {}
        self.file_tokens: list[str | None] = []
        self.busy: dict[str, int] = {}
        """How many times more a method answers that there were too many calls."""
        self.refuse: dict[str, str] = {}
        """An error that a method answers instead of doing its work."""
        self.instead: bytes | None = None
        """What the server answers to everything, when it is to play another server."""
        self.acknowledged: list[str] = []
        self.sockets = 0
        self._messages: dict[str, dict[str, Any]] = {}
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._socket: ServerConnection | None = None

    def __enter__(self) -> Slack:
        self._web = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._ws: Server = serve(self._listen, "127.0.0.1", 0)
        threading.Thread(target=self._web.serve_forever, args=(0.02,), daemon=True).start()
        threading.Thread(target=self._ws.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self._web.server_port}/api/"
        return self

    def __exit__(self, *_: object) -> None:
        self._ws.shutdown()
        self._web.shutdown()
        self._web.server_close()

    # What a person does in Slack.

    def say(self, text: str, *, channel: str = CHANNEL, thread: str | None = None, **more: Any) -> dict[str, Any]:
        """Write a message, and deliver the events that Slack makes of it; return the message's event."""
        event = {"type": "message", "channel": channel, "user": USER, "text": text, "ts": self.ts(), **more}
        event["channel_type"] = "im" if channel.startswith("D") else "channel"
        if thread:
            event["thread_ts"] = thread
        if f"<@{BOT}>" in text and channel.startswith("C"):
            mention = {key: value for key, value in event.items() if key not in ("channel_type", "subtype")}
            self.deliver({**mention, "type": "app_mention"})
        self.deliver(event)
        return event

    def deliver(self, event: Mapping[str, Any], *, name: str | None = None, retry: int = 0) -> None:
        """Deliver an event, and wait until it is acknowledged."""
        body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A0BLIP", "event": event}
        body["event_id"] = name or f"Ev{next(self._numbers):08}"
        more = {"retry_attempt": retry, "retry_reason": "timeout"} if retry else {}
        self._send("events_api", body, more)

    def press(self, message: Mapping[str, Any], element: Mapping[str, Any], **more: Any) -> None:
        """Press a button of a message that the bot posted."""
        action = {"type": "button", "block_id": "b", "action_ts": self.ts(), **element, **more}
        channel = message["channel"]
        self._send(
            "interactive",
            {
                "type": "block_actions",
                "team": {"id": TEAM},
                "user": {"id": USER, "name": "alice", "team_id": TEAM},
                "channel": {"id": channel},
                "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
                "message": message,
                "actions": [action],
            },
        )

    def drop(self) -> None:
        """Tell the bot to take a new socket, as Slack does a few times a day."""
        assert self._socket
        self._socket.send(json.dumps({"type": "disconnect", "reason": "refresh_requested"}))

    def nudge(self) -> None:
        """Say something without a meaning over the socket, if it is still there."""
        with suppress(ConnectionClosed):
            if self._socket:
                self._socket.send(json.dumps({"type": "hello"}))

    def ts(self) -> str:
        """Return the timestamp of a new message."""
        return f"17000{next(self._numbers):05}.000100"

    # What a test looks at.

    def wait(self, method: str, count: int = 1) -> list[Mapping[str, Any]]:
        """Wait until a method has been called successfully so many times; return the payloads."""
        done = self.until(lambda: len(self.done(method)) >= count)
        assert done, f"{method} was called {len(self.done(method))} times: {self.calls}"
        return self.done(method)

    def until(self, condition: Callable[[], bool]) -> bool:
        """Wait until something holds."""
        with self._changed:
            return self._changed.wait_for(condition, WAIT)

    def done(self, method: str) -> list[Mapping[str, Any]]:
        """Return the payloads that a method has taken."""
        return [call.payload for call in self.calls if call.method == method and call.error is None]

    def posted(self, count: int) -> list[Mapping[str, Any]]:
        """Wait for so many posted messages and return them as they look now."""
        sent = self.wait("chat.postMessage", count)
        return [self._messages[payload["ts"]] for payload in sent]

    @property
    def errors(self) -> list[str]:
        """What was held against the bot's calls, but for what the test asked for."""
        asked = {"ratelimited", *self.refuse.values()}
        return [f"{call.method}: {call.error}" for call in self.calls if call.error and call.error not in asked]

    # The machinery.

    def _send(self, kind: str, payload: Mapping[str, Any], more: Mapping[str, Any] | None = None) -> None:
        envelope = f"E{next(self._numbers)}"
        content = {"type": kind, "envelope_id": envelope, "payload": payload, "accepts_response_payload": False}
        assert self._socket, "the bot is not connected"
        self._socket.send(json.dumps({**content, **(more or {})}))
        assert self.until(lambda: envelope in self.acknowledged), f"{envelope} was not acknowledged"

    def _listen(self, socket: ServerConnection) -> None:
        with self._changed:
            self._socket = socket
            self.sockets += 1
            self._changed.notify_all()
        socket.send(json.dumps({"type": "hello", "num_connections": 1}))
        with suppress(ConnectionClosed):
            for message in socket:
                with self._changed:
                    self.acknowledged.append(json.loads(message)["envelope_id"])
                    self._changed.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        slack = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                method = self.path.removeprefix("/api/")
                raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                as_json = self.headers.get("Content-Type", "").startswith("application/json")
                payload = json.loads(raw or b"{}") if as_json else dict(parse_qsl(raw.decode()))
                token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
                answer = slack._answer(method, payload, token)
                late = answer.get("error") == "ratelimited"
                headers = {"Retry-After": "1"} if late else {}
                content = json.dumps(answer).encode() if slack.instead is None else slack.instead
                self._respond(429 if late else 200, content, "application/json", headers)

            def do_GET(self) -> None:
                slack.file_tokens.append(self.headers.get("Authorization"))
                kind, content = slack.files.get(self.path, ("", b""))
                if not kind:
                    self._respond(302, b"", "text/html", {"Location": slack.url.replace("/api/", "/login")})
                else:
                    self._respond(200, content, kind, {})

            def _respond(self, status: int, body: bytes, kind: str, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the tests' output quiet."""

        return Handler

    def _answer(self, method: str, payload: dict[str, Any], token: str) -> dict[str, Any]:
        with self._changed:
            error = self._error(method, payload, token)
            answer: dict[str, Any] = {"ok": False, "error": error} if error else self._do(method, payload)
            self.calls.append(Call(method, {**payload, **{k: answer[k] for k in ("ts",) if k in answer}}, error))
            self._changed.notify_all()
        return answer

    def _error(self, method: str, payload: Mapping[str, Any], token: str) -> str | None:
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            return "invalid_auth"
        if self.busy.get(method, 0):
            self.busy[method] -= 1
            return "ratelimited"
        if method in self.refuse and (payload.get("blocks") or self.refuse[method] != "invalid_blocks"):
            return self.refuse[method]
        if method.startswith("chat."):
            error = next(message_errors(payload, (CHANNEL, DIRECT)), None)
            if method == "chat.update" and payload["ts"] not in self._messages:
                return "message_not_found"
            return error
        if method.startswith("assistant."):
            known = payload.get("channel_id") in (CHANNEL, DIRECT)
            valid = "thread_ts" not in payload or TS.fullmatch(payload["thread_ts"])
            return None if known and valid else "invalid_arguments"
        return None if method in ("auth.test", "apps.connections.open") else "unknown_method"

    def _do(self, method: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM, "user_id": BOT, "bot_id": "B0BLIP", "team": "t", "user": "blip"}
            case "apps.connections.open":
                return {"ok": True, "url": f"ws://127.0.0.1:{self._ws.socket.getsockname()[1]}/link/?ticket=1"}
            case "chat.postMessage":
                ts = self.ts()
                self._messages[ts] = {"type": "message", "user": BOT, "bot_id": "B0BLIP", **payload, "ts": ts}
                return {"ok": True, "channel": payload["channel"], "ts": ts}
            case "chat.update":
                self._messages[payload["ts"]].update(payload)
                return {"ok": True, "ts": payload["ts"]}
        return {"ok": True}
