"""Conversations drawn as sequence diagrams."""

from __future__ import annotations

from bot.evidence.conversation import converse
from bot.evidence.diagram import conversation_svg
from tests.bot.evidence.test_conversation import MAC, message, the_issue


def test_unheard_answers_are_drawn_as_lost() -> None:
    svg = conversation_svg(converse(the_issue())[0])
    assert f"<title>DHCP conversation of {MAC}</title>" in svg
    assert svg.count("ack, which does not arrive") == 4
    assert "request (to everybody)" in svg
    assert "gives up" in svg


def test_heard_answers_arrive() -> None:
    talk = [message(1, "client", "request", "10.1.0.1"), message(1.1, "server", "ack"), message(1.2, "client", "ack")]
    assert "does not arrive" not in conversation_svg(converse(talk)[0])
