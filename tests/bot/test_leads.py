"""Imported reports beside the casebook: when they are shown, what of them, and that they weigh nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.case import MAX_TURNS, Case
from bot.compose.leads import LABEL, MAX_TITLE, address, printable
from bot.conversation import Conversation, Message, story
from bot.reply import Choices, Code, Heading, Lead, Leads, Reply
from kb.diagnose import Verdict
from kb.reports import Reports
from tests.imported import DEAF, HOSTILE, PRINTER, saved_reports

OPENING = (
    "one of our servers drops off the network a few hours after the nightly backup, dhclient is gone, networking "
    "restart brings it back"
)
TONER = "our printer is out of toner"


@pytest.fixture(scope="module")
def beside(conversation: Conversation, tmp_path_factory: pytest.TempPathFactory) -> Conversation:
    """The conversation on the built-in casebook, with a small tracker beside it."""
    directory = saved_reports(tmp_path_factory.mktemp("tracker"), DEAF, PRINTER, HOSTILE)
    return conversation.beside(Reports.load(directory))


def talk(conversation: Conversation, *messages: str | dict[str, str]) -> tuple[Case, Reply]:
    case, reply = Case.new(), conversation.greeting()
    for said in messages:
        message = Message(text=said) if isinstance(said, str) else Message(findings=said)
        case, reply = conversation.answer(case, message)
    return case, reply


def shown(reply: Reply) -> tuple[Lead, ...]:
    """Return the imported reports of a reply, which stand under one label."""
    found = [part for part in reply.parts if isinstance(part, Leads)]
    assert [part.label for part in found] in ([], [LABEL])
    return found[0].leads if found else ()


def test_an_unsure_case_shows_them_once_below_the_suspects_and_above_the_check(beside: Conversation) -> None:
    case, reply = talk(beside, OPENING)
    (lead,) = shown(reply)
    assert (lead.title, lead.url) == (DEAF["title"], DEAF["url"])
    assert lead.because.startswith("words shared: ")
    assert "nightly" in lead.because
    place = next(at for at, part in enumerate(reply.parts) if isinstance(part, Leads))
    assert isinstance(reply.parts[place + 1], Heading), "the check follows"
    assert isinstance(reply.parts[-1], Choices)
    for said in (Message(text="skip"), Message(text="and the drops on its tap keep growing every time it happens")):
        case, reply = beside.answer(case, said)
        assert shown(reply) == ()
    assert case.led


def test_an_unknown_case_shows_them_every_time(beside: Conversation) -> None:
    case, reply = talk(beside, TONER)
    assert beside.opinion(case).verdict is Verdict.UNKNOWN
    assert PRINTER["title"] in {lead.title for lead in shown(reply)}
    _, again = beside.answer(case, Message(text="it really is that printer, out of toner again"))
    assert shown(again)
    assert again.parts[0] == Heading("Nothing in the casebook fits.")
    assert isinstance(again.parts[-1], Leads)


def test_the_summary_shows_them_below_the_text_to_paste_and_not_in_it(beside: Conversation) -> None:
    _, reply = talk(beside, OPENING, "skip", "summary")
    assert shown(reply)
    (pasted,) = (part for part in reply.parts if isinstance(part, Code))
    assert DEAF["title"] not in pasted.text


def test_nothing_is_said_when_no_report_reads_alike(beside: Conversation) -> None:
    for text in ("guest deaf under iperf, tap drops grow, qemu 1.0", "the disk is full", "summary"):
        case, reply = talk(beside, text)
        assert (shown(reply), case.led) == ((), False)


def test_taking_the_message_back_that_brought_them_lets_them_be_shown_again(beside: Conversation) -> None:
    case, _ = talk(beside, "our vm lost its network", OPENING)
    assert case.led
    case, _ = beside.answer(case, Message(text="undo"))
    assert not case.led
    _, reply = beside.answer(case, Message(text=OPENING))
    assert shown(reply)


def test_they_are_not_shown_again_when_a_long_case_forgets_its_oldest_turns(beside: Conversation) -> None:
    case, _ = talk(beside, OPENING)
    for _ in range(MAX_TURNS + 2):
        case, reply = beside.answer(case, Message(findings={"scope": "one-guest"}))
    assert case.led
    assert shown(reply) == ()


@pytest.mark.parametrize("texts", [(OPENING,), (TONER,), (OPENING, "only one guest", "skip")])
def test_they_change_nothing_that_is_believed(
    conversation: Conversation, beside: Conversation, texts: tuple[str, ...]
) -> None:
    alone, plain = talk(conversation, *texts)
    case, reply = talk(beside, *texts)
    assert beside.state(case) == conversation.state(alone)
    assert [part for part in reply.parts if not isinstance(part, Leads)] == list(plain.parts)
    assert conversation.alike(case) is None, "the conversation without reports is still there"


def test_what_is_searched_for_is_the_story_and_neither_answers_nor_output(beside: Conversation) -> None:
    case, _ = talk(
        beside,
        f"{OPENING}\n[ 12.345] virtio_net virtio0: output.0:id 1 is not a head!",
        "no, only one",
        "it began two weeks ago when the new storage was put in",
    )
    assert story(case) == f"{OPENING}\nit began two weeks ago when the new storage was put in"
    log = "[ 12.345] virtio_net virtio0: output.0:id 1 is not a head!"
    assert story(talk(beside, log)[0]) == log


def test_a_damaged_index_is_told_and_stops_nobody(conversation: Conversation, tmp_path: Path) -> None:
    directory = saved_reports(tmp_path, DEAF)
    path = directory / "postings.document.npy"
    content = path.read_bytes()
    path.write_bytes(content[:128] + b"\xff\xff\xff\x7f" * ((len(content) - 128) // 4))
    beside = conversation.beside(Reports.load(directory))
    case, reply = talk(beside, OPENING)
    assert "The imported reports cannot be searched" in reply.markdown()
    assert "Most likely now" in reply.markdown()
    _, reply = beside.answer(case, Message(text="skip"))
    assert "imported reports" not in reply.markdown(), "once is enough"


def test_of_a_hostile_report_only_a_short_printable_line_is_shown(beside: Conversation) -> None:
    _, reply = talk(beside, TONER)
    (lead,) = (lead for lead in shown(reply) if "owned" in lead.title)
    assert lead.url is None
    assert lead.title.isprintable()
    assert len(lead.title) < MAX_TITLE + 20
    assert lead.title.endswith("(LP-3 [2J)"), "without an address the id leads to it"


def test_in_markdown_a_hostile_title_is_code_and_nothing_else(beside: Conversation) -> None:
    _, reply = talk(beside, TONER)
    (line,) = (line for line in reply.markdown().splitlines() if "owned" in line)
    assert re.fullmatch(r"- (`+)(?!`) ?.*?(?<!`)\1 \(words shared: [\w, ]+\)", line)
    marks = re.match("- (`+)", line)
    assert marks is not None
    assert len(marks[1]) == 4, "one more than the longest run inside"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a\tb\r\nc", "a b c"), ("\x1b[31mred", "[31mred"), ("ab\u202ecd", "ab cd"), ("x" * 30, "x" * 19 + "…"), ("", "")],
)
def test_a_text_is_made_printable_and_short(text: str, expected: str) -> None:
    assert printable(text, 20) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://bugs.launchpad.net/ubuntu/+source/qemu-kvm/+bug/997978",
        "http://tracker.example:8080/show_bug.cgi?id=7&x=a%20b#c3",
        "https://bugs.example.org",
    ],
)
def test_plain_web_addresses_are_linked(url: str) -> None:
    assert address(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//bugs.example.org/1",
        "https://bugs.launchpad.net@evil.example/1",
        "https://bugs.example.org/1\n",
        "https://bugs.example.org/1> <script>",
        "https://bügs.example.org/1",
        "https://bugs.example.org/\u202e1",
        "https://bugs.example.org/" + "a" * 500,
    ],
)
def test_other_addresses_are_left_out(url: str) -> None:
    assert address(url) is None
