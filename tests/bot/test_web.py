"""The web channel over HTTP, with a real conversation and a real store."""

from __future__ import annotations

import io
import re
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot.conversation import Conversation
from bot.reply import Bullets, Choice, Choices, Code, Heading, Item, Lead, Leads, Paragraph, Part, Table
from bot.store import CaseStore
from bot.web import MAX_FILES, MAX_JSON, create_app, part_data
from kb.load import load_directories
from tests.kb.casebook import INCIDENT, Casebook

DEAF = "the guest went deaf after the backup"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    casebook = Casebook(tmp_path / "kb")
    casebook.write("incidents/other.md", INCIDENT.replace("always, absent: never", "never, absent: always"))
    site = tmp_path / "site"
    (site / "docs").mkdir(parents=True)
    (site / "index.html").write_text("<h1>Home</h1>")
    (site / "docs" / "index.html").write_text("<h1>Docs</h1>")
    (tmp_path / "secret.txt").write_text("not for you")
    store = CaseStore(f"sqlite:///{tmp_path / 'cases.sqlite3'}")
    return create_app(Conversation(load_directories([casebook.root])), store, site).test_client()


def open_case(client: FlaskClient) -> str:
    answer = client.post("/api/cases", json={})
    assert answer.status_code == 201
    return str(answer.json["case"])  # type: ignore[index]


def test_a_case_opens_with_a_greeting_under_an_id_that_cannot_be_guessed(client: FlaskClient) -> None:
    answer = client.post("/api/cases", json={}).json
    assert answer is not None
    assert re.fullmatch(r"[\w-]{20,}", answer["case"])
    assert answer["parts"][0]["kind"] == "paragraph"
    assert answer["reply"]
    assert open_case(client) != open_case(client)


def test_a_message_is_answered_with_the_state_and_the_parts_of_the_reply(client: FlaskClient) -> None:
    case = open_case(client)
    answer = client.post(f"/api/cases/{case}/messages", json={"text": DEAF}).json
    assert answer is not None
    assert answer["case"] == case
    assert answer["state"]["verdict"] in ("identified", "unsure", "unknown")
    assert {candidate["id"] for candidate in answer["state"]["candidates"]} <= {"deaf-guest", "other"}
    assert answer["parts"]


def test_a_finding_is_kept_with_the_case(client: FlaskClient) -> None:
    case = open_case(client)
    client.post(f"/api/cases/{case}/messages", json={"text": DEAF})
    client.post(f"/api/cases/{case}/messages", json={"finding": {"reply-on-tap": "present"}})
    answer = client.post(f"/api/cases/{case}/messages", json={"text": "and it happens every night"}).json
    assert answer is not None
    assert answer["state"]["findings"] == {"reply-on-tap": "present"}


def test_cases_do_not_mix(client: FlaskClient) -> None:
    one, other = open_case(client), open_case(client)
    client.post(f"/api/cases/{one}/messages", json={"finding": {"reply-on-tap": "present"}})
    answer = client.post(f"/api/cases/{other}/messages", json={"text": DEAF}).json
    assert answer is not None
    assert answer["state"]["findings"] == {}


def test_files_come_with_a_form(client: FlaskClient) -> None:
    case = open_case(client)
    form = {"text": DEAF, "files": [(io.BytesIO(b"nothing to see"), "../../etc/passwd"), (io.BytesIO(b""), "")]}
    answer = client.post(f"/api/cases/{case}/messages", data=form, content_type="multipart/form-data")
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"text": 1}', "application/json", 400),
        (b'{"words": "x"}', "application/json", 400),
        (b'{"finding": {"a": ["b"]}}', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"text": "\\ud800"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"text=x", "application/x-www-form-urlencoded", 415),
        (b"x", "text/plain", 415),
        (b'{"text": "' + b"x" * MAX_JSON + b'"}', "application/json", 413),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_what_is_no_message_is_refused_in_json(client: FlaskClient, body: bytes, kind: str, status: int) -> None:
    answer = client.post(f"/api/cases/{open_case(client)}/messages", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"]


def test_a_message_for_no_case_is_refused(client: FlaskClient) -> None:
    for name in ("nobody", "x" * 5000, "%00", "slack:1"):
        answer = client.post(f"/api/cases/{name}/messages", json={"text": DEAF})
        assert answer.status_code == 404
        assert answer.json is not None
        assert "error" in answer.json


def test_too_many_files_are_refused(client: FlaskClient) -> None:
    files = [(io.BytesIO(b"x"), f"{number}.log") for number in range(MAX_FILES + 1)]
    case = open_case(client)
    answer = client.post(f"/api/cases/{case}/messages", data={"files": files}, content_type="multipart/form-data")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "text", ["", "\x00\x1b[31m\u202e", "🦆" * 50, "<script>alert(1)</script>", "lorem ipsum " * 9000], ids=range(5)
)
def test_hostile_texts_get_an_answer(client: FlaskClient, text: str) -> None:
    answer = client.post(f"/api/cases/{open_case(client)}/messages", json={"text": text})
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["parts"]


def test_another_site_cannot_post(client: FlaskClient) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        assert client.post("/api/cases", json={}, headers=headers).status_code == 403
    own = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert client.post("/api/cases", json={}, headers=own).status_code == 201


def test_the_site_is_served_with_headers_that_forbid_foreign_code(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.data == b"<h1>Home</h1>"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/docs/").headers["Location"] == "/docs/index.html"


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/docs/..%2f..%2fsecret.txt", "/nothing.html"]
)
def test_nothing_outside_the_site_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert b"not for you" not in answer.data


def test_without_a_built_site_the_pages_say_how_to_build_it(tmp_path: Path) -> None:
    conversation = Conversation(load_directories([Casebook(tmp_path / "kb").root]))
    client = create_app(conversation, CaseStore("sqlite://"), tmp_path / "none").test_client()
    assert b"make html" in client.get("/").data


def test_health_tells_version_entries_and_how_long_slack_has_been_silent(tmp_path: Path, client: FlaskClient) -> None:
    health = client.get("/health").json
    assert health is not None
    assert (health["status"], health["entries"], health["slack"]) == ("ok", 2, None)
    assert health["version"]
    conversation = Conversation(load_directories([Casebook(tmp_path / "kb").root]))
    connected = create_app(conversation, CaseStore("sqlite://"), tmp_path, lambda: 2.5).test_client()
    assert connected.get("/health").json["slack"] == {"last_envelope_age": 2.5}  # type: ignore[index]


def test_every_kind_of_part_has_its_data() -> None:
    parts: list[Part] = [
        Heading("a"),
        Paragraph("b"),
        Bullets((Item("c", "https://example.org"), Item("d"))),
        Code("ip link", "on the host"),
        Table(("x",), (("y",),)),
        Choices("check", (Choice("outcome", "label"),)),
        Leads("e", (Lead("f", "https://example.org", "g"), Lead("h", None, "i"))),
    ]
    assert [part_data(part) for part in parts] == [
        {"kind": "heading", "text": "a"},
        {"kind": "paragraph", "text": "b"},
        {"kind": "bullets", "items": ({"text": "c", "url": "https://example.org"}, {"text": "d", "url": None})},
        {"kind": "code", "text": "ip link", "caption": "on the host"},
        {"kind": "table", "header": ("x",), "rows": (("y",),)},
        {"kind": "choices", "check": "check", "choices": ({"outcome": "outcome", "label": "label"},)},
        {
            "kind": "leads",
            "label": "e",
            "leads": (
                {"title": "f", "url": "https://example.org", "because": "g"},
                {"title": "h", "url": None, "because": "i"},
            ),
        },
    ]


def serve(folder: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", "from bot.cli import main; main()", "serve", *options]
    environment = {
        "BLIP_DATABASE_URL": "sqlite:///cases.sqlite3",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
    }
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, env=environment, cwd=folder)


def test_a_busy_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serve(tmp_path, "--port", str(port)) as process:
            output, errors = process.communicate()
    assert process.returncode == 1
    reason = "Address already in use; choose another with --host or --port"
    assert (output, errors) == ("", f"cannot listen on 127.0.0.1:{port}: {reason}\n")


def test_blip_serve_tells_its_address_and_how_to_add_slack(tmp_path: Path) -> None:
    with serve(tmp_path, "--port", "0") as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                with urllib.request.urlopen(f"{found[0]}health") as answer:
                    assert answer.status == 200
                process.terminate()
    assert any("SLACK_BOT_TOKEN and SLACK_APP_TOKEN" in line for line in lines)
