"""Sequence diagrams as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

from kb.sequence import Arrow, sequence_svg

NAMESPACE = "{http://www.w3.org/2000/svg}"
MESSAGES = [
    Arrow("guest", "server", "DHCPREQUEST", "01:00:00"),
    Arrow("server", "guest", "DHCPACK", "01:00:01", "lost"),
    Arrow("guest", "guest", "gives up", "01:02:00", "note"),
]


def test_diagram_is_well_formed_and_says_everything_in_words() -> None:
    root = ElementTree.fromstring(sequence_svg("A lost answer", ["guest", "server"], MESSAGES))
    assert root.findtext(f"{NAMESPACE}title") == "A lost answer"
    description = root.findtext(f"{NAMESPACE}desc") or ""
    assert "guest to server: DHCPREQUEST." in description
    assert "DHCPACK, which does not arrive." in description


def test_diagram_takes_its_colours_from_the_page() -> None:
    svg = sequence_svg("x", ["a", "b"], [Arrow("a", "b", "m")])
    assert 'fill="currentColor"' in svg
    assert "var(--sequence-line" in svg


def test_hostile_words_are_escaped() -> None:
    svg = sequence_svg("<script>", ["<b>", "b"], [Arrow("<b>", "b", '"><img src=x>')])
    assert "<script>" not in svg
    assert "<img" not in svg
    ElementTree.fromstring(svg)


def test_long_conversations_are_cut_and_say_so() -> None:
    svg = sequence_svg("x", ["a", "b"], [Arrow("a", "b", "m")] * 500)
    assert "300 more messages are left out" in svg
