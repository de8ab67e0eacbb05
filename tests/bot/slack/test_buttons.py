"""Buttons in Slack: the outcomes of a check, and whether a conclusion was right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from bot.case import Case
from bot.conversation import Conversation
from bot.slack.desk import FORGOTTEN, NOTED, OLDER, Place
from bot.slack.listeners.feedback import RIGHT, WRONG
from bot.slack.views import CANNOT_TELL
from bot.store import CaseStore
from kb.model import Frequency
from tests.bot.slack.rules import words
from tests.bot.slack.stand_in import DIRECT, TEAM, USER, Slack

STORY = (
    "one of our servers drops off the network a few hours after the nightly backup, dhclient is gone, "
    "networking restart brings it back"
)
FLAGSHIP = "qemu-bridged-network-loss"


def buttons(message: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the buttons of a message."""
    return [button for block in message["blocks"] if block["type"] == "actions" for button in block["elements"]]


def meaning(button: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a button stands for."""
    return dict(json.loads(button["value"]))


def whispered(slack: Slack, count: int = 1) -> str:
    """Wait for something that only the person who pressed can see."""
    payload = slack.wait("chat.postEphemeral", count)[-1]
    assert payload["user"] == USER
    return str(payload["text"])


def kept(store: CaseStore, message: Mapping[str, Any]) -> Case:
    """Return the case of a message's thread."""
    case = store.load(Place(TEAM, DIRECT, message["thread_ts"]).key)
    assert case is not None
    return case


def concluded(slack: Slack, conversation: Conversation, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Press what the flagship incident shows most often, check by check, until the bot has its conclusion."""
    expect = conversation.knowledge.incidents[FLAGSHIP].expect
    order = list(Frequency)
    for count in range(2, 12):
        choices = {meaning(button)["outcome"]: button for button in buttons(message)}
        check = meaning(buttons(message)[0])["check"]
        shown = {name: often for name, often in expect.get(check, {}).items() if often in order[:2]}
        slack.press(message, choices[min(shown, key=lambda name: order.index(shown[name]), default=None)])
        message = slack.posted(count)[-1]
        if not buttons(message):
            return message
    raise AssertionError("ten checks did not bring a conclusion")


@pytest.fixture
def asked(slack: Slack) -> Mapping[str, Any]:
    """A message with a check and its buttons."""
    slack.say(STORY, channel=DIRECT)
    return slack.posted(1)[0]


def test_a_button_moves_the_case_on_and_is_replaced_by_what_was_chosen(
    slack: Slack, store: CaseStore, conversation: Conversation, asked: Mapping[str, Any]
) -> None:
    press = meaning(buttons(asked)[0])
    slack.press(asked, buttons(asked)[0])
    answer = slack.posted(2)[1]
    assert kept(store, asked).findings[press["check"]] == press["outcome"]
    assert answer["thread_ts"] == asked["thread_ts"]
    assert not buttons(asked)
    label = conversation.knowledge.checks[press["check"]].outcomes[press["outcome"]].label
    assert f"Answered by alice: {label}" in list(words(asked["blocks"]))


def test_the_story_ends_with_cause_fix_and_reports(
    slack: Slack, conversation: Conversation, asked: Mapping[str, Any]
) -> None:
    verdict = concluded(slack, conversation, asked)
    text = "\n".join(words(verdict["blocks"]))
    assert "goes deaf under heavy traffic" in text
    assert "Cause:" in text
    assert "Fix:" in text
    assert "997978" in text
    assert verdict["blocks"][-1]["type"] == "context_actions"


def test_a_press_that_is_delivered_twice_counts_once(slack: Slack, store: CaseStore, asked: Mapping[str, Any]) -> None:
    pressed = buttons(asked)[0]
    for _ in range(2):
        slack.press(asked, pressed, action_ts="1700000000.000001")
    slack.posted(2)
    slack.say("summary", channel=DIRECT, thread=asked["thread_ts"])
    assert len(slack.posted(3)) == 3
    assert slack.done("chat.postEphemeral") == []


def test_pressing_the_same_answer_again_says_that_it_is_known(slack: Slack, asked: Mapping[str, Any]) -> None:
    pressed = buttons(asked)[0]
    slack.press(asked, pressed)
    slack.posted(2)
    slack.press(asked, pressed)
    assert whispered(slack) == NOTED


def test_pressing_another_answer_of_an_old_message_corrects_the_case(
    slack: Slack, store: CaseStore, asked: Mapping[str, Any]
) -> None:
    first, second = buttons(asked)[:2]
    slack.press(asked, first)
    slack.posted(2)
    slack.press(asked, second)
    slack.posted(3)
    assert kept(store, asked).findings[meaning(second)["check"]] == meaning(second)["outcome"]


def test_not_being_able_to_tell_moves_on_to_another_check(
    slack: Slack, store: CaseStore, asked: Mapping[str, Any]
) -> None:
    pressed = buttons(asked)[-1]
    assert pressed["text"]["text"] == CANNOT_TELL
    slack.press(asked, pressed)
    slack.posted(2)
    assert kept(store, asked).skipped == {meaning(pressed)["check"]}
    slack.press(asked, pressed)
    assert whispered(slack) == OLDER


def test_a_button_from_before_the_case_was_begun_anew_does_nothing(slack: Slack, asked: Mapping[str, Any]) -> None:
    slack.say("new case", channel=DIRECT, thread=asked["thread_ts"])
    slack.posted(2)
    slack.press(asked, buttons(asked)[0])
    assert whispered(slack) == OLDER


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('{"case":"another","check":"what-recovers","outcome":"by-itself","turn":1}', FORGOTTEN),
        ("what-recovers=by-itself", OLDER),
        (None, OLDER),
        ('{"case":["x"],"turn":"many"}', OLDER),
    ],
)
def test_a_button_that_means_nothing_any_more_is_answered_to_the_one_who_pressed_it(
    slack: Slack, asked: Mapping[str, Any], value: str | None, said: str
) -> None:
    slack.press(asked, {**buttons(asked)[0], "value": value})
    assert whispered(slack) == said
    assert buttons(asked), "the message keeps its buttons"


def test_a_button_of_a_finished_case_gets_a_reply(
    slack: Slack, store: CaseStore, conversation: Conversation, asked: Mapping[str, Any]
) -> None:
    unused = buttons(asked)
    concluded(slack, conversation, asked)
    before = len(slack.done("chat.postMessage"))
    other = next(
        each for each in unused if meaning(each)["outcome"] not in (None, *kept(store, asked).findings.values())
    )
    slack.press(asked, other)
    assert len(slack.posted(before + 1)) == before + 1


def test_a_button_of_a_check_that_the_casebook_lost_gets_a_reply(slack: Slack, asked: Mapping[str, Any]) -> None:
    gone = {**meaning(buttons(asked)[0]), "check": "no-such-check", "outcome": "x"}
    slack.press(asked, {**buttons(asked)[0], "value": json.dumps(gone)})
    assert "no-such-check" in slack.posted(2)[1]["text"]


@pytest.mark.parametrize(("opinion", "said"), [("right", RIGHT), ("wrong", WRONG)])
def test_an_opinion_on_the_conclusion_is_thanked_for(
    slack: Slack, asked: Mapping[str, Any], opinion: str, said: str
) -> None:
    slack.press(asked, {"action_id": "feedback", "type": "feedback_buttons", "value": f"{opinion} {FLAGSHIP}"})
    assert whispered(slack) == said
