"""What is said to the bot in Slack, and what it says where; over HTTP and a WebSocket, with a stand-in of Slack."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from bot.conversation import Conversation
from bot.slack import Connection
from bot.slack.desk import Place
from bot.store import CaseStore
from tests.bot.slack.rules import words
from tests.bot.slack.stand_in import BOT, CHANNEL, DIRECT, TEAM, Slack

STORY = (
    "one of our servers drops off the network a few hours after the nightly backup, dhclient is gone, "
    "networking restart brings it back"
)
AT_BLIP = f"<@{BOT}>"


def shown(message: Mapping[str, Any]) -> str:
    """Return the words of a posted message."""
    return "\n".join(words(list(message["blocks"])))


def test_a_mention_is_answered_in_its_thread_with_suspects_and_a_check(slack: Slack) -> None:
    event = slack.say(f"{AT_BLIP} {STORY}")
    [answer] = slack.posted(1)
    assert (answer["channel"], answer["thread_ts"]) == (CHANNEL, event["ts"])
    assert "goes deaf under heavy traffic" in shown(answer)
    assert any(block["type"] == "actions" for block in answer["blocks"])


def test_a_mention_that_also_arrives_as_a_message_of_its_channel_is_answered_once(slack: Slack) -> None:
    slack.say(f"{AT_BLIP} {STORY}")
    slack.say("hello", channel=DIRECT)
    assert len(slack.posted(2)) == 2


def test_a_direct_message_is_answered_in_a_thread_of_its_own(slack: Slack) -> None:
    event = slack.say(STORY, channel=DIRECT)
    [answer] = slack.posted(1)
    assert (answer["channel"], answer["thread_ts"]) == (DIRECT, event["ts"])


def test_a_thread_goes_on_without_a_mention(slack: Slack, store: CaseStore) -> None:
    event = slack.say(f"{AT_BLIP} {STORY}")
    [asked] = slack.posted(1)
    press = next(json.loads(block["elements"][0]["value"]) for block in asked["blocks"] if block["type"] == "actions")
    slack.say(press["outcome"], thread=event["ts"])
    answer = slack.posted(2)[1]
    assert answer["thread_ts"] == event["ts"]
    case = store.load(Place(TEAM, CHANNEL, event["ts"]).key)
    assert case is not None
    assert case.findings[press["check"]] == press["outcome"]


@pytest.mark.parametrize(
    "event",
    [
        {"text": "our VM has no address"},
        {"text": "our VM has no address", "thread": "1699990000.000100"},
        {"text": f"{AT_BLIP} look", "subtype": "message_changed"},
        {"text": f"{AT_BLIP} look", "subtype": "message_deleted"},
        {"text": f"{AT_BLIP} look", "bot_id": "B0ALERTS"},
        {"text": f"{AT_BLIP} look", "user": BOT},
    ],
    ids=["no mention", "foreign thread", "edit", "deletion", "another bot", "itself"],
)
def test_what_is_not_said_to_the_bot_is_ignored(slack: Slack, event: dict[str, Any]) -> None:
    slack.deliver(
        {"type": "message", "channel": CHANNEL, "user": "U1", "ts": slack.ts(), "channel_type": "channel"} | event
    )
    asked = slack.say(STORY, channel=DIRECT)
    assert [answer["thread_ts"] for answer in slack.posted(1)] == [asked["ts"]]


def test_people_who_talk_to_each_other_in_the_thread_are_left_alone(slack: Slack) -> None:
    event = slack.say(f"{AT_BLIP} {STORY}")
    slack.posted(1)
    slack.say("<@U0BOB> can you restart networking in the guest?", thread=event["ts"])
    for count, word in enumerate(("why", "summary"), start=2):
        slack.say(word, thread=event["ts"])
        slack.posted(count)
    assert slack.until(lambda: any("Case file" in payload["text"] for payload in slack.done("chat.postMessage")))
    assert len(slack.posted(3)) == 3
    assert "can you restart" not in str(slack.done("chat.postMessage"))


def test_two_threads_are_two_cases(slack: Slack, store: CaseStore) -> None:
    first = slack.say(f"{AT_BLIP} {STORY}")
    second = slack.say(f"{AT_BLIP} large downloads hang, ping and ssh work")
    slack.posted(2)
    cases = [store.load(Place(TEAM, CHANNEL, event["ts"]).key) for event in (first, second)]
    assert [case.description for case in cases if case] == [STORY, "large downloads hang, ping and ssh work"]


@pytest.mark.parametrize("retry", [0, 1])
def test_an_event_that_is_delivered_again_is_answered_once(slack: Slack, retry: int) -> None:
    event = {"type": "app_mention", "channel": CHANNEL, "user": "U1", "text": f"{AT_BLIP} {STORY}", "ts": slack.ts()}
    slack.deliver(event, name="Ev1")
    slack.deliver(event, name="Ev1", retry=retry)
    slack.say("hello", channel=DIRECT)
    assert len(slack.posted(2)) == 2


def test_a_retry_whose_first_delivery_never_arrived_is_answered(slack: Slack) -> None:
    event = {"type": "app_mention", "channel": CHANNEL, "user": "U1", "text": f"{AT_BLIP} {STORY}", "ts": slack.ts()}
    slack.deliver(event, name="Ev1", retry=2)
    assert len(slack.posted(1)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":fire: :fire::skin-tone-2:",
        "🔥🔥🔥",
        "\x00\x07\x1b[31m\u202e",
        "<!channel> <!here> <@U0BOB> the VMs lost the network @channel @here",
        "&lt;!channel&gt; <!subteam^S1|@ops> *bold* _it_ ~gone~ ```code``` &amp;amp;",
        "dhcp " * 20_000,
        "(" * 5000 + "<" * 5000,
    ],
    ids=["empty", "emoji codes", "emoji", "control", "pings", "markup", "100 kB", "brackets"],
)
def test_hostile_text_gets_one_sensible_answer_that_pings_nobody(slack: Slack, text: str) -> None:
    event = slack.say(f"{AT_BLIP} {text}")
    slack.posted(1)
    slack.say("summary", thread=event["ts"])
    for answer in slack.posted(2):
        assert shown(answer).strip()


def test_text_without_a_word_is_answered_with_what_the_bot_is_for(slack: Slack) -> None:
    slack.say(":fire: :fire:", channel=DIRECT)
    assert "Tell me what you see" in shown(slack.posted(1)[0])


def test_too_many_calls_are_waited_for(slack: Slack) -> None:
    slack.busy["chat.postMessage"] = 1
    slack.say(STORY, channel=DIRECT)
    assert "goes deaf" in shown(slack.posted(1)[0])
    assert [call.error for call in slack.calls if call.method == "chat.postMessage"] == ["ratelimited", None]


def test_blocks_that_slack_refuses_are_sent_as_text(slack: Slack) -> None:
    slack.refuse["chat.postMessage"] = "invalid_blocks"
    slack.say(STORY, channel=DIRECT)
    [answer] = slack.posted(1)
    assert "goes deaf" in answer["text"]
    assert not answer.get("blocks")


def test_a_failure_is_owned_up_to_without_its_details(
    slack: Slack, conversation: Conversation, store: CaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the password is hunter2")

    with monkeypatch.context() as broken:
        broken.setattr(conversation, "answer", fail)
        event = slack.say(STORY, channel=DIRECT)
        [sorry] = slack.posted(1)
    assert "Something went wrong" in sorry["text"]
    assert "hunter2" not in str(slack.calls)
    slack.say(STORY, channel=DIRECT, thread=event["ts"])
    assert "goes deaf" in shown(slack.posted(2)[1])


def test_a_case_survives_a_reply_that_cannot_be_posted(slack: Slack, store: CaseStore) -> None:
    slack.refuse["chat.postMessage"] = "fatal_error"
    event = slack.say(STORY, channel=DIRECT)
    # The reply and the apology.
    assert slack.until(lambda: sum(call.error == "fatal_error" for call in slack.calls) == 2)
    case = store.load(Place(TEAM, DIRECT, event["ts"]).key)
    assert case is not None
    assert case.description == STORY


def test_messages_of_one_thread_that_arrive_together_are_all_kept(slack: Slack, store: CaseStore) -> None:
    root = slack.say(STORY, channel=DIRECT)
    slack.posted(1)
    texts = [f"and the switch of rack {number} was replaced some days ago" for number in range(6)]
    said = [
        threading.Thread(target=slack.say, args=(text,), kwargs={"channel": DIRECT, "thread": root["ts"]})
        for text in texts
    ]
    for thread in said:
        thread.start()
    for thread in said:
        thread.join()
    slack.posted(7)
    case = store.load(Place(TEAM, DIRECT, root["ts"]).key)
    assert case is not None
    assert sorted(case.description.splitlines()) == sorted([STORY, *texts])


def test_opening_the_app_shows_prompts_to_begin_with(slack: Slack) -> None:
    slack.deliver({"type": "app_home_opened", "user": "U1", "channel": DIRECT, "tab": "messages"})
    [payload] = slack.wait("assistant.threads.setSuggestedPrompts")
    assert "backup" in str(payload["prompts"])


def test_a_new_socket_is_taken_when_slack_asks_for_it(slack: Slack, connection: Connection) -> None:
    slack.drop()
    assert slack.until(lambda: slack.sockets == 2)
    slack.say(STORY, channel=DIRECT)
    assert len(slack.posted(1)) == 1
