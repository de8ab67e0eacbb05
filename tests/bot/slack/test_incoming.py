"""What Slack makes of a message is undone before anybody reads it."""

from __future__ import annotations

import pytest

from bot.slack.incoming import is_written, place_of, plain


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<@U0BLIP> eth0 &lt;BROADCAST,UP&gt; &amp;&amp; up", "eth0 <BROADCAST,UP> && up"),
        ("ask <@U0BOB> or <@U0EVE|eve>", "ask @somebody or @eve"),
        ("<!channel> <!here|@here> <!subteam^S1|@ops> <#C1|net> <#C2|>", "@channel @here @ops #net #channel"),
        ("see <https://bugs.example/1|bug 1> and <http://a.example>", "see bug 1 and http://a.example"),
        ("mail <mailto:a@b.example|a@b.example>", "mail a@b.example"),
        ("```dhclient[12]: DHCPREQUEST```", "dhclient[12]: DHCPREQUEST"),
        ("`no`", "no"),
        ("mac fa:16:3e:00:00:01 at 12:30:05", "mac fa:16:3e:00:00:01 at 12:30:05"),
        ("&amp;lt;", "&lt;"),
        (":fire::+1: :skin-tone-2:", ""),
        ("<unclosed", "<unclosed"),
        (None, ""),
        (["x"], ""),
    ],
)
def test_a_message_is_read_as_it_was_typed(text: object, expected: str) -> None:
    assert plain(text, "U0BLIP") == expected


@pytest.mark.parametrize("text", ["<" * 200_000, "<a" * 100_000, ":a" * 100_000, "<@" + "A" * 200_000, "`" * 200_000])
def test_long_nonsense_is_read_in_linear_time(text: str) -> None:
    """The patterns are bounded: with one that is not, this would not end while anybody waits."""
    assert len(plain(text, "U0BLIP")) <= 200_000


def test_an_event_without_channel_or_time_has_no_place() -> None:
    assert place_of({"channel": "C1"}, "T1") is None
    assert place_of({"ts": "1.0"}, "T1") is None


def test_only_what_a_person_wrote_counts() -> None:
    assert is_written({"user": "U1", "subtype": "file_share"})
    assert not is_written({"user": "U1", "subtype": "channel_join"})
    assert not is_written({"user": "U1", "bot_id": "B1"})
    assert not is_written({})
