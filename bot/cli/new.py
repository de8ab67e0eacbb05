"""`blip new`: scaffold an entry that loads, with a TODO wherever a person has to think."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from kb.errors import InputError, NotFoundError
from kb.load import BUILT_IN, load
from kb.nearest import nearest

_TEMPLATE = """\
---
title: {title}
summary: "TODO: one or two sentences (40 to 300 characters): what one sees, and why it happens"
family: {family}
status: draft
reviewed: {today}
affects:
  - {{component: TODO, versions: TODO in words, on: TODO distribution or role of the machine}}
symptoms:
  - sees: "TODO: what an operator observes"
    from: network        # network, guest, host, dhcp-server, network-node, switch, api or operator
    phrasings: []        # 4 to 12, as different people would say it: terse, rambling, with the wrong theory
red_herrings: []         # - {{theory: …, disproved_by: <check>, because: …}}
expect:                  # always, usually, sometimes, rarely or never, for each outcome that matters
{expect}
signals: []              # - {{pattern: <regular expression>, means: …, example: <a line it matches>}}
cause:
  text: "TODO: why it happens"
  certainty: unknown     # confirmed, likely, suspected or unknown: never more than the sources say
fixes: []                # - {{kind: fix|workaround|cover-up, does: …, command: …, side_effect: …}}
reproduce:
  steps: ["TODO: how to make it happen"]
  mean_time_to_failure: unknown
examples: {{must_match: [], must_not_match: []}}
references:
  - {{tracker: document, id: TODO, relation: discussion, note: TODO}}
---
## What happens

TODO

## Tell it from its look-alikes

TODO

## What is not known

TODO
"""


@click.command()
@click.option("--id", "name", prompt="Id (the file's name, such as guest-loses-arp)", help="The id of the incident.")
@click.option("--title", prompt="Title", help="One line that an operator would recognise.")
@click.option("--family", prompt="Family", help="The family of look-alikes.")
@click.pass_obj
def command(casebooks: tuple[Path, ...], name: str, title: str, family: str) -> None:
    """Scaffold an incident in the (first private, else the built-in) casebook."""
    knowledge = load(casebooks)
    if family not in knowledge.families:
        raise NotFoundError("family", family, nearest(family, knowledge.families, limit=3) or tuple(knowledge.families))
    if name in knowledge.incidents or name in knowledge.redirects:
        raise InputError(f"the id {name!r} is taken; choose another")
    if not name or name.strip("abcdefghijklmnopqrstuvwxyz0123456789-") or name != name.strip("-") or "--" in name:
        raise InputError(f"the id {name!r} must be small letters, digits and single hyphens")
    wanted = [check.id for check in knowledge.checks.values() if check.universal]
    wanted += [check for check in knowledge.families[family].split_by if check not in wanted]
    expect = "\n".join(f"  {check}: {{}}  # {', '.join(knowledge.checks[check].outcomes)}" for check in wanted)
    path = (casebooks[0] if casebooks else BUILT_IN) / "incidents" / f"{name}.md"
    quoted = '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '"'
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        _TEMPLATE.format(title=quoted, family=family, today=date.today().isoformat(), expect=expect),
        encoding="utf-8",
    )
    click.echo(f"{path} is ready to be written. Then: blip lint {path}")
