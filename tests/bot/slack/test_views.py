"""Every reply becomes messages that Slack takes, whatever is in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bot.case import Case
from bot.conversation import Conversation, Message
from bot.reply import Bullets, Choice, Choices, Code, Heading, Item, Lead, Leads, Paragraph, Part, Reply, Table
from bot.slack.desk import Answer
from bot.slack.views import MAX_REPLY, answered, posts
from kb.reports import Reports
from tests.bot.slack.rules import message_errors, words
from tests.imported import HOSTILE, saved_reports

NASTY = (
    "<!channel> <@U0BOB> @here @everyone <https://evil.example|your bank> &amp; *b* _i_ ~s~ `c` ```f``` :fire: "
    "\x00\x1b[0m\u202ednik\ud800 \\"
)
LONG = "word " * 4000
WALL = "x" * 20_000


def drawn(*parts: Part, concluded: str | None = None) -> list[dict[str, Any]]:
    """Draw parts, hold the messages to Slack's rules, and return them as Slack gets them."""
    messages = posts(Answer(Case.new(), Reply(parts), concluded))
    payloads = [
        {"channel": "C1", "text": message.text, "blocks": [block.to_dict() for block in message.blocks]}
        for message in messages
    ]
    assert [error for payload in payloads for error in message_errors(payload, ["C1"])] == []
    return payloads


def shown(payloads: list[dict[str, Any]]) -> str:
    """Return all words of messages."""
    return "\n".join(words([payload["blocks"] for payload in payloads]))


def every_part(text: str) -> list[Part]:
    """Return a part of each kind that holds a text wherever it can."""
    return [
        Heading(text),
        Paragraph(text),
        Bullets((Item(text), Item(text, "https://bugs.example/1"), Item(text, "javascript:alert(1)"))),
        Code(text, text),
        Table((text, text), ((text, ""), (text, text))),
        Choices("check", (Choice("yes", text), Choice("no", text))),
        Leads(text, (Lead(text, "https://bugs.example/1", text), Lead(text, "javascript:alert(1)", text))),
    ]


@pytest.mark.parametrize("text", [NASTY, LONG, WALL, "", " ", "\n" * 500, "a", "ÄÖ漢字🔥" * 900])
@pytest.mark.parametrize("index", range(7))
def test_a_part_of_any_text_is_taken(text: str, index: int) -> None:
    drawn(Paragraph("First."), every_part(text)[index])


@pytest.mark.parametrize("text", [NASTY, LONG, WALL])
def test_all_parts_together_are_taken(text: str) -> None:
    drawn(*every_part(text) * 3, concluded="an-incident")


def test_markup_in_a_text_stays_what_was_typed() -> None:
    assert "<!channel> <@U0BOB> @here" in shown(drawn(Paragraph(NASTY)))


def test_the_fallback_says_what_the_blocks_say() -> None:
    [payload] = drawn(Heading("Is it up?"), Code("ip link", "Run on the host"), Choices("c", (Choice("up", "Yes"),)))
    assert payload["text"] == "Is it up?\nRun on the host:\nip link\n1. Yes"


def test_labels_and_code_stand_out() -> None:
    [payload] = drawn(Paragraph("Cause: write `undo` now."))
    assert payload["blocks"][0]["elements"][0]["elements"] == [
        {"type": "text", "text": "Cause:", "style": {"bold": True}},
        {"type": "text", "text": " write "},
        {"type": "text", "text": "undo", "style": {"code": True}},
        {"type": "text", "text": " now."},
    ]


def test_a_lead_is_a_link_with_its_reason_and_nothing_in_it_is_markup() -> None:
    leads = (Lead("Cause: `rm` <!channel>", "https://bugs.example/1", "words shared: a"), Lead("No link", None, "b"))
    [payload] = drawn(Leads("Not in the casebook", leads))
    [label, listed] = payload["blocks"][0]["elements"]
    assert label["elements"] == [{"type": "text", "text": "Not in the casebook:", "style": {"bold": True}}]
    assert [line["elements"] for line in listed["elements"]] == [
        [
            {"type": "link", "text": "Cause: `rm` <!channel>", "url": "https://bugs.example/1"},
            {"type": "text", "text": " (words shared: a)"},
        ],
        [{"type": "text", "text": "No link"}, {"type": "text", "text": " (b)"}],
    ]
    assert "&lt;!channel&gt;" in payload["text"]


def test_a_strangers_title_is_drawn_to_slacks_liking(conversation: Conversation, tmp_path: Path) -> None:
    beside = conversation.beside(Reports.load(saved_reports(tmp_path, HOSTILE)))
    _, reply = beside.answer(Case.new(), Message(text="our printer is out of toner"))
    payloads = drawn(*reply.parts)
    assert "owned" in shown(payloads)
    assert "<!channel>" not in payloads[0]["text"]
    assert not set(shown(payloads)) & set("\x1b\u202e")


def test_code_keeps_its_lines_and_spaces() -> None:
    text = "\n".join(f"    line {number}" for number in range(400))
    [payload] = drawn(Code(text))
    assert "".join(words(payload["blocks"])) == text


def test_short_answers_are_buttons_and_long_ones_a_list_with_numbers() -> None:
    [short] = drawn(Choices("c", (Choice("up", "Yes"), Choice("down", "No"))))
    [long] = drawn(Choices("c", (Choice("up", "Yes, but only after the switch was restarted"), Choice("down", "No"))))
    assert [button["text"]["text"] for button in short["blocks"][-1]["elements"]] == ["Yes", "No", "I can't tell"]
    assert [button["text"]["text"] for button in long["blocks"][-1]["elements"]] == ["1", "2", "I can't tell"]
    assert long["blocks"][0]["elements"][0]["style"] == "ordered"


def test_more_answers_than_a_block_takes_are_shared_out() -> None:
    [payload] = drawn(Choices("c", tuple(Choice(f"o{n}", f"Outcome {n}") for n in range(60))))
    assert [len(block["elements"]) for block in payload["blocks"]] == [25, 25, 11]


def test_a_long_reply_is_several_messages_and_says_where_it_was_cut() -> None:
    payloads = drawn(*[Paragraph("word " * 500)] * 40, Choices("c", (Choice("up", "Yes"),)))
    assert 1 < len(payloads) < 5
    assert len(shown(payloads)) < MAX_REPLY + 1000
    assert "left out" in shown(payloads)
    assert payloads[-1]["blocks"][-1]["type"] == "actions", "the question is asked however long the rest is"


def test_many_blocks_are_several_messages() -> None:
    assert len(drawn(*[Paragraph("One.")] * 120)) == 3


def test_each_table_has_a_message_of_its_own() -> None:
    rows = tuple((str(number), "x") for number in range(150))
    payloads = drawn(Table(("n", "x"), rows), Table(("n", "x"), (("1", "2"),)))
    assert [sum(block["type"] == "table" for block in payload["blocks"]) for payload in payloads] == [1, 1, 1]


def test_a_choice_that_was_made_takes_the_place_of_the_buttons() -> None:
    [payload] = drawn(Paragraph("Is it up?"), Choices("c", (Choice("up", "Yes"),)))
    left = [
        block if isinstance(block, dict) else block.to_dict() for block in answered(payload["blocks"], NASTY, "alice")
    ]
    assert [block["type"] for block in left] == ["rich_text", "context"]
    assert left[1]["elements"][0]["type"] == "plain_text"
    assert list(message_errors({"channel": "C1", "text": "x", "blocks": left}, ["C1"])) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "help",
        "summary",
        NASTY,
        LONG,
        "the disk of the server is full",
        "guest deaf after heavy traffic, dhcp fails",
    ],
)
def test_whatever_the_conversation_says_can_be_drawn(conversation: Conversation, text: str) -> None:
    case, reply = conversation.answer(Case.new(), Message(text))
    drawn(*reply.parts)
    for word in ("why", "skip", "summary", "why not dhcp", "undo"):
        case, reply = conversation.answer(case, Message(word))
        drawn(*reply.parts)


def test_every_check_of_the_casebook_can_be_asked(conversation: Conversation) -> None:
    for check in conversation.knowledge.checks.values():
        choices = tuple(Choice(name, outcome.label) for name, outcome in check.outcomes.items())
        drawn(Heading(check.question), *(Code(run.command, "Run it") for run in check.run), Choices(check.id, choices))
