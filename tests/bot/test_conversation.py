"""The conversation on the real casebook: the story of The Issue, and everything else that people send."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.case import MAX_TURNS, Case
from bot.conversation import Conversation, Message
from bot.reply import Bullets, Choices, Code, Heading, Reply
from bot.understand import Understanding
from kb.load import KnowledgeBase

OPENING = (
    "one of our servers drops off the network a few hours after the nightly backup, dhclient is gone, networking "
    "restart brings it back"
)
ISSUE = "qemu-bridged-network-loss"


def talk(conversation: Conversation, *texts: str) -> tuple[Case, Reply]:
    """Send messages one after the other and return where that ends."""
    case, reply = Case.new(), conversation.greeting()
    for text in texts:
        case, reply = conversation.answer(case, Message(text=text))
    return case, reply


def first(conversation: Conversation, case: Case) -> str:
    return str(conversation.state(case)["candidates"][0]["id"])


def test_the_opening_names_the_suspect_the_red_herring_and_the_first_check(conversation: Conversation) -> None:
    case, reply = talk(conversation, OPENING)
    text = reply.markdown()
    state = conversation.state(case)
    assert first(conversation, case) == ISSUE
    assert state["verdict"] == "unsure"
    assert "because of:" in text, "the words that earned the suspicion are shown"
    assert "The DHCP server is broken" in text
    assert state["next_check"]["outcomes"]
    assert any(isinstance(part, Choices) and part.check == state["next_check"]["id"] for part in reply.parts)


def test_outcomes_lead_to_cause_fix_workarounds_bug_and_soak(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    answers = {
        "scope": "one-guest",
        "reply-seen-on-tap": "present",
        "reply-seen-in-guest": "absent",
        "tap-tx-drops": "keeps-growing",
        "nic-model": "virtio",
        "nic-backend": "userspace",
        "last-packet-before-renewal": "traffic-stopped-first",
        "qemu-version": "0-13-to-1-0",
        "onset": "heavy-traffic",
        "loss-pattern": "lasting",
        "what-recovers": "guest-network-restart",
        "what-still-works": "nothing",
        "guest-rx-counter": "rx-frozen",
    }
    for _ in range(8):
        check = conversation.state(case)["next_check"]
        if check is None:
            break
        answer = {check["id"]: answers[check["id"]]} if check["id"] in answers else {}
        case, reply = conversation.answer(case, Message(findings=answer) if answer else Message(text="skip"))
    assert conversation.state(case)["verdict"] == "identified"
    assert first(conversation, case) == ISSUE
    text = reply.markdown()
    for expected in (
        "Cause:",
        "Fix:",
        "Workaround:",
        "Side effect:",
        "launchpad 997978",
        "2.3 h",
        "99 %",
        "What it is not:",
    ):
        assert expected in text
    assert "https://bugs.launchpad.net/bugs/997978" in text


@pytest.mark.parametrize(
    "text",
    [
        "the disk is full, no space left on device on the database server",
        "our printer is out of toner",
        "thank you and good night",
    ],
)
def test_what_is_not_in_the_casebook_gets_an_honest_answer(conversation: Conversation, text: str) -> None:
    case, reply = talk(conversation, text)
    assert conversation.state(case)["verdict"] == "unknown"
    assert "Nothing in the casebook fits" in reply.markdown()
    assert "http" not in reply.markdown()


@pytest.mark.parametrize("text", ["", "   \n", "\x00\x07", "🔥🔥🔥", "...", "<>", "\u200b"])
def test_a_message_without_a_word_gets_a_short_answer_and_opens_nothing(conversation: Conversation, text: str) -> None:
    case, reply = talk(conversation, text)
    assert case.turns == ()
    assert 0 < len(reply.markdown()) < 600


def test_a_huge_paste_is_answered_and_not_kept_whole(conversation: Conversation) -> None:
    case, reply = talk(conversation, OPENING + "\n" + "lorem ipsum dolor sit amet " * 4000)
    assert len(case.model_dump_json()) < 60_000
    assert reply.parts


def test_a_paste_of_nothing_but_marks_is_answered_at_once(conversation: Conversation) -> None:
    """Composing such a text takes time that grows with its square, so that a message is never composed whole."""
    _, reply = talk(conversation, "vm gone " + "a" + "\u0301\u0323" * 60_000)
    assert reply.parts


def test_a_button_sets_a_finding_and_an_unknown_one_is_told(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    case, reply = conversation.answer(case, Message(findings={"reply-seen-in-guest": "absent"}))
    assert conversation.state(case)["findings"]["reply-seen-in-guest"] == "absent"
    _, reply = conversation.answer(case, Message(findings={"reply-seen-in-gest": "absent"}))
    assert "did you mean 'reply-seen-in-guest'" in reply.markdown()
    _, reply = conversation.answer(case, Message(findings={"reply-seen-in-guest": "absnt"}))
    assert "did you mean 'absent'" in reply.markdown()


@pytest.mark.parametrize(
    ("text", "check", "outcome"),
    [
        ("do you see the replies on the tap? no", "reply-seen-on-tap", "absent"),
        ("do you see the replies on the tap? yes, they are there", "reply-seen-on-tap", "present"),
        ("the replies are on the tap", "reply-seen-on-tap", "present"),
        ("there are no drops on the tap", "tap-tx-drops", "none"),
        ("by the way, only this vm is affected", "scope", "one-guest"),
    ],
)
def test_a_fact_that_nobody_asked_for_counts(conversation: Conversation, text: str, check: str, outcome: str) -> None:
    case, reply = talk(conversation, OPENING, text)
    assert conversation.state(case)["findings"].get(check) == outcome
    assert "I understood" in reply.markdown()


@pytest.mark.parametrize("answer", ["absent", "Absent", "3", "No, the guest never sees them", "no"])
def test_an_answer_is_understood_however_it_is_given(knowledge: KnowledgeBase, answer: str) -> None:
    assert Understanding(knowledge).answer(knowledge.checks["reply-seen-in-guest"], answer) == "absent"


def test_an_answer_that_fits_nothing_is_asked_back_once(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    asked = conversation.state(case)["next_check"]["id"]
    case, reply = conversation.answer(case, Message(text="purple, I guess"))
    assert case.asked == asked
    assert any(isinstance(part, Choices) and part.check == asked for part in reply.parts)
    case, reply = conversation.answer(case, Message(text="still purple"))
    assert "not sure which outcome" not in reply.markdown()


def test_skip_moves_on_to_another_check(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    asked = conversation.state(case)["next_check"]["id"]
    for words in ("skip", "I can't run that"):
        skipped, reply = conversation.answer(case, Message(text=words))
        assert conversation.state(skipped)["next_check"]["id"] != asked
        assert "Skipped" in reply.markdown()


def test_a_pasted_log_line_is_read_as_evidence(conversation: Conversation) -> None:
    case, _ = talk(
        conversation, "new connections fail on every guest", "kernel: nf_conntrack: table full, dropping packet"
    )
    state = conversation.state(case)
    assert state["findings"]["host-kernel-log"] == "conntrack-full"
    assert (first(conversation, case), state["verdict"]) == ("nf-conntrack-table-full", "identified")


def test_a_stated_version_rules_out_what_it_cannot_be(conversation: Conversation) -> None:
    told = "one virtio guest goes deaf under load, only a reboot of the guest helps"
    old, _ = talk(conversation, told, "the host has qemu-kvm 1.0+noroms-0ubuntu13")
    new, _ = talk(conversation, told, "the host has qemu-kvm 8.2.2+ds-0ubuntu1")
    chances = [dict(conversation.opinion(case).belief.ranked(200))[ISSUE] for case in (old, new)]
    assert chances[0] > 5 * chances[1]


def test_undo_restores_the_case_before(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    later, _ = conversation.answer(case, Message(findings={"tap-tx-drops": "none"}))
    undone, reply = conversation.answer(later, Message(text="undo"))
    assert conversation.state(undone) == conversation.state(case)
    assert "Taken back" in reply.markdown()
    empty, _ = conversation.answer(undone, Message(text="undo"))
    assert empty.turns == ()
    _, reply = conversation.answer(empty, Message(text="undo"))
    assert "nothing to undo" in reply.markdown()


def test_a_later_answer_corrects_an_earlier_one(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    case, _ = conversation.answer(case, Message(findings={"tap-tx-drops": "none"}))
    case, _ = conversation.answer(case, Message(findings={"tap-tx-drops": "keeps-growing"}))
    assert conversation.state(case)["findings"]["tap-tx-drops"] == "keeps-growing"


def test_why_explains_the_check_and_why_not_the_red_herring(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    _, reply = conversation.answer(case, Message(text="why?"))
    assert "bits" in reply.markdown() or "to confirm it" in reply.markdown()
    _, reply = conversation.answer(case, Message(text="why not DHCP?"))
    assert "only looks right" in reply.markdown()


def test_the_summary_is_a_case_file(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING, "the replies are on the tap")
    _, reply = conversation.answer(case, Message(text="summary"))
    (file,) = [part.text for part in reply.parts if isinstance(part, Code)]
    assert OPENING in file
    assert "`reply-seen-on-tap: present`" in file
    assert "Verdict:" in file


def test_the_summary_tells_no_address_of_the_operator(conversation: Conversation) -> None:
    case, _ = talk(conversation, "vm 203.0.113.77 (52:54:00:ab:cd:ef) is gone after the backup, ask db7.example.org")
    _, reply = conversation.answer(case, Message(text="summary"))
    assert not any(secret in reply.markdown() for secret in ("203.0.113.77", "52:54:00:ab:cd:ef", "db7.example.org"))


def test_a_case_with_its_verdict_still_answers_shortly(conversation: Conversation) -> None:
    findings = {"reply-seen-on-tap": "present", "reply-seen-in-guest": "absent", "tap-tx-drops": "keeps-growing"}
    more = {"nic-backend": "userspace", "nic-model": "virtio", "qemu-version": "0-13-to-1-0", "scope": "one-guest"}
    case, _ = talk(conversation, OPENING)
    case, reply = conversation.answer(case, Message(findings=findings | more))
    assert isinstance(reply.parts[2], Heading)
    case, reply = conversation.answer(case, Message(text="thanks a lot, we will try that tonight"))
    assert "It is still" in reply.markdown()


def test_the_case_survives_more_turns_than_it_keeps(conversation: Conversation) -> None:
    case, _ = talk(conversation, OPENING)
    case, _ = conversation.answer(case, Message(findings={"scope": "one-guest"}))
    for number in range(MAX_TURNS + 5):
        case, _ = conversation.answer(
            case, Message(text=f"and by the way, detail number {number} is not important at all")
        )
    assert len(case.turns) == MAX_TURNS
    assert conversation.state(case)["findings"]["scope"] == "one-guest"
    assert OPENING in case.description


def test_help_and_greeting_say_what_one_can_write(conversation: Conversation) -> None:
    _, reply = talk(conversation, "help")
    assert any(isinstance(part, Bullets) for part in reply.parts)
    assert "undo" in reply.markdown()


texts = st.text(max_size=300) | st.sampled_from(
    [
        "skip",
        "undo",
        "why",
        "summary",
        "yes",
        "no",
        "1",
        "99",
        "<!channel>",
        "why not dhcp",
        "restart",
        OPENING,
        "a?b? c?",
    ]
)
messages = st.builds(
    Message,
    text=texts,
    findings=st.dictionaries(
        st.sampled_from(["scope", "nic-model", "", "x"]), st.sampled_from(["one-guest", "virtio", ""]), max_size=2
    ),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(messages, max_size=5))
def test_no_sequence_of_messages_raises(conversation: Conversation, sent: list[Message]) -> None:
    case = Case.new()
    for message in sent:
        case, reply = conversation.answer(case, message)
        assert reply.markdown().strip()
        probabilities = [candidate["probability"] for candidate in conversation.state(case)["candidates"]]
        assert all(0 <= probability <= 1 for probability in probabilities)
        assert Case.model_validate_json(case.model_dump_json()) == case
