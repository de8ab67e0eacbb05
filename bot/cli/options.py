"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from kb.reports import Reports


def _opened(_context: click.Context, _option: click.Parameter, directory: Path | None) -> Reports | None:
    if directory is None:
        return None
    # Most runs have no reports, and what searches them takes a while to import.
    from kb.reports import Reports

    return Reports.load(directory)


reports = click.option(
    "--reports",
    type=click.Path(path_type=Path),
    metavar="DIRECTORY",
    envvar="BLIP_REPORTS",
    callback=_opened,
    help="Imported bug reports to show beside the casebook, as `blip reports build` wrote them (or BLIP_REPORTS).",
)
"""The imported reports of a command, opened; None without any."""
