"""`blip lint`: what a careful reviewer would say of entries. Exit 0: nothing, 1: something, 2: it could not run."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from kb.lint import lint
from kb.load import BUILT_IN, FOLDERS, read_directories


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.pass_obj
def command(casebooks: tuple[Path, ...], paths: tuple[Path, ...]) -> None:
    """Review all entries, or those at PATHS (files or casebooks)."""
    roots = dict.fromkeys(path.resolve() for path in (BUILT_IN, *casebooks))
    only: set[Path] | None = set() if paths else None
    for path in paths:
        root, files = _casebook_of(path.resolve())
        roots[root] = None
        if only is not None:
            only |= files
    knowledge, problems = read_directories([_shown(root) for root in roots])
    if only is not None:
        problems = [problem for problem in problems if problem.path.resolve() in only | roots.keys()]
    # The rules compare entries, so they wait until all of them load.
    if not problems:
        problems = lint(knowledge, only)
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.echo(f"{len(problems)} to mend", err=True)
    sys.exit(1 if problems else 0)


def _casebook_of(path: Path) -> tuple[Path, set[Path]]:
    """Return the casebook that a path lies in or is, and the entries it stands for."""
    if path.is_file():
        if path.parent.name not in FOLDERS:
            raise click.UsageError(f"{path} does not lie in a folder named {', '.join(FOLDERS)}")
        return path.parent.parent, {path}
    root = path.parent if path.name in FOLDERS else path
    if not any((root / folder).is_dir() for folder in FOLDERS):
        raise click.UsageError(f"{path} is no casebook: it has none of the folders {', '.join(FOLDERS)}")
    return root, {file for folder in FOLDERS for file in (root / folder).glob("*.md") if path in file.parents}


def _shown(root: Path) -> Path:
    """Return a folder as people call it: from here, where that is shorter."""
    return root.relative_to(Path.cwd()) if root.is_relative_to(Path.cwd()) else root
