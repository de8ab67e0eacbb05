"""How a check is run: its cost in a few words, and its commands to copy."""

from __future__ import annotations

from collections.abc import Iterator

from docutils import nodes

from kb.model import Check, Risk

from .rendering import VANTAGE, CasebookDirective, Inline, badge, code, definitions, paragraph


def run_here(check: Check) -> Iterator[Inline]:
    """Say in labels where a check is run, how long it takes and what it risks."""
    yield badge(VANTAGE[check.where], "vantage")
    yield from (" ", badge(f"{check.cost.minutes:g} min", "minutes"))
    if check.cost.risk is not Risk.READ_ONLY:
        yield from (" ", badge(check.cost.risk.value, f"risk-{check.cost.risk.value}"))


def command_blocks(page: CasebookDirective, check: Check) -> Iterator[nodes.Node]:
    """Show a check's commands, each with where it is run, then what stands for what in them."""
    if check.cost.warning:
        yield nodes.warning("", page.paragraph(check.cost.warning))
    for command in check.run:
        if command.on:
            yield paragraph(f"On {command.on}:", classes=["where"])
        yield code(command.command)
        if command.instead:
            older = nodes.literal(command.instead, command.instead)
            yield paragraph("On older hosts: ", older, classes=["older"])
    if check.placeholders:
        yield definitions(((f"${name}", page.prose(text)) for name, text in check.placeholders.items()), "placeholders")
