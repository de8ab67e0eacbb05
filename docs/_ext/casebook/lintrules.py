"""The rules of `blip lint`, each in its own words."""

from __future__ import annotations

from docutils import nodes

from kb.lint import RULES, rule_name

from .rendering import CasebookDirective


class LintRules(CasebookDirective):
    """List the rules from the docstrings of the functions that they are."""

    def run(self) -> list[nodes.Node]:
        """Return a list of the rules' names and what they ask for."""
        result = nodes.definition_list(classes=["outcomes"])
        for rule in RULES:
            name = rule_name(rule)
            text = " ".join((rule.__doc__ or "").split())
            term = nodes.term("", "", nodes.literal(name, name))
            result += nodes.definition_list_item("", term, nodes.definition("", self.paragraph(text)))
        return [result]
