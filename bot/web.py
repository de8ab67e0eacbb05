"""The web channel: the built site, the chat page's API and a health check, in one WSGI application.

    POST /api/cases                   opens a case: {"case", "parts", "reply"}
    POST /api/cases/<case>/messages   answers a message: {"case", "state", "parts", "reply"}
    GET  /health                      {"status", "version", "entries", "slack"}

A message is JSON, `{"text": "…"}` or `{"finding": {"check": "outcome"}}`, or a multipart form with `text` and `files`.
Every error of the API is JSON too: `{"error": "…"}` with a fitting status.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from flask import Flask, Response, jsonify, redirect, request, send_from_directory
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, UnsupportedMediaType
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response as BaseResponse

from bot.case import Case
from bot.conversation import Attachment, Conversation, Message
from bot.reply import Part, Reply
from bot.store import CaseStore

MAX_JSON: Final = 1_000_000
"""Bytes of a JSON message: a paste of 100 kB in any script, with room to spare."""
MAX_UPLOAD: Final = 256 * 1024 * 1024
"""Bytes of a message with files."""
MAX_FILES: Final = 8

_HEADERS: Final = {
    # Styles may stand in the page, because diagrams bring their own; scripts may not.
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

_NO_SITE: Final = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Blip</title>
<h1>{heading}</h1><p>{text}</p></html>"""


class Post(BaseModel):
    """A message as the API takes it."""

    model_config = ConfigDict(extra="forbid")

    text: str = ""
    finding: dict[str, str] = Field(default_factory=dict, max_length=100)


def create_app(
    conversation: Conversation, store: CaseStore, site: Path, slack_age: Callable[[], float | None] | None = None
) -> Flask:
    """Make the WSGI application.

    Args:
        conversation: answers the messages.
        store: keeps the cases between messages.
        site: the folder of the built site; it may be missing, then only the API works.
        slack_age: seconds since Slack last sent anything, None while nothing came; None as a whole without Slack.
    """
    app = Flask("blip", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MAX_UPLOAD
    app.config["MAX_FORM_MEMORY_SIZE"] = MAX_JSON
    app.config["MAX_FORM_PARTS"] = 2 * MAX_FILES
    app.json.sort_keys = False  # type: ignore[attr-defined]

    @app.before_request
    def guard() -> None:
        if request.method == "POST":
            _require_same_origin()

    @app.after_request
    def protect(response: Response) -> Response:
        response.headers.extend(_HEADERS)
        if request.path.startswith("/api/"):
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> tuple[Response | str, int]:
        status = error.code or 500
        if request.path.startswith("/api/"):
            return jsonify(error=error.description), status
        return _page(error.name, "There is nothing at this address."), status

    @app.errorhandler(Exception)
    def fail(error: Exception) -> tuple[Response, int]:
        app.logger.exception("a request failed")
        return jsonify(error="Something went wrong here. Your case is kept; please try again."), 500

    @app.post("/api/cases")
    def open_case() -> tuple[Response, int]:
        case = Case.new()
        store.save(_key(case.id), case)
        return jsonify(case=case.id, **_answer(conversation.greeting())), 201

    @app.post("/api/cases/<name>/messages")
    def answer(name: str) -> Response:
        case = store.load(_key(name))
        if case is None:
            raise NotFound("There is no such case; open a new one.")
        with tempfile.TemporaryDirectory(prefix="blip-") as folder:
            case, reply = conversation.answer(case, _message(Path(folder)))
        store.save(_key(name), case)
        return jsonify(case=name, state=conversation.state(case), **_answer(reply))

    @app.get("/health")
    def health() -> Response:
        slack = {"last_envelope_age": slack_age()} if slack_age else None
        entries = len(conversation.knowledge.active)
        return jsonify(status="ok", version=version("blip"), entries=entries, slack=slack)

    @app.get("/", defaults={"path": "index.html"})
    @app.get("/<path:path>")
    def page(path: str) -> BaseResponse | str:
        if not site.is_dir():
            return _page(
                "Blip", "The site is not built yet: run <code>make html</code>. The bot's API is here already."
            )
        if (site / path).is_dir():
            return redirect(f"/{path.strip('/')}/index.html")
        return send_from_directory(site.resolve(), path)

    return app


def part_data(part: Part) -> dict[str, Any]:
    """Return a part of a reply as plain data; `kind` tells which part it is."""
    return {"kind": type(part).__name__.lower(), **asdict(part)}


def _answer(reply: Reply) -> dict[str, Any]:
    return {"parts": [part_data(part) for part in reply.parts], "reply": reply.markdown()}


def _key(name: str) -> str:
    """Keep the web's cases apart from those of other channels in the same store."""
    return f"web:{name[:64]}"


def _message(folder: Path) -> Message:
    """Read the request's message; uploaded files are put into `folder`."""
    if request.mimetype == "multipart/form-data":
        uploads = request.files.getlist("files")
        if len(uploads) > MAX_FILES:
            raise BadRequest(f"A message has at most {MAX_FILES} files.")
        attachments = []
        for index, upload in enumerate(uploads):
            path = folder / f"{index}-{secure_filename(upload.filename or '')[-80:] or 'file'}"
            upload.save(path)
            attachments.append(Attachment((upload.filename or "file")[-200:], path))
        return Message(text=request.form.get("text", ""), attachments=tuple(attachments))
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("Send a message as application/json, or as multipart/form-data with files.")
    request.max_content_length = MAX_JSON
    try:
        post = Post.model_validate_json(request.get_data())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadRequest(f"A message cannot be read: {place + ': ' if place else ''}{first['msg']}") from None
    return Message(text=post.text, findings=post.finding)


def _require_same_origin() -> None:
    """Refuse what another site's page makes a browser send; programs that are no browsers name no origin."""
    fetched = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if fetched not in (None, "same-origin", "none") or (origin and urlsplit(origin).netloc != request.host):
        raise Forbidden("This request comes from another site.")


def _page(heading: str, text: str) -> str:
    return _NO_SITE.format(heading=heading, text=text)
