"""Pages are read again exactly when what they show has changed, also when the change is in another entry's file."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

from .knowledge import Casebook, casebook_of

Subjects = dict[str, dict[str, str]]
"""For each page the subjects that it shows, each with its fingerprint when the page was read."""


def subjects_of(env: BuildEnvironment) -> Subjects:
    """Return what an environment knows of its pages' subjects, to read and to change."""
    return cast(Subjects, env.__dict__.setdefault("casebook_subjects", {}))


def note_subject(env: BuildEnvironment, subject: str, book: Casebook) -> None:
    """Record that the page that is being read shows a subject, with the subject's present fingerprint."""
    subjects_of(env).setdefault(env.docname, {})[subject] = book.fingerprint(subject)


def outdated(app: Sphinx, env: BuildEnvironment, added: set[str], changed: set[str], removed: set[str]) -> list[str]:
    """Return the pages that show something of the casebook which is no longer what it was."""
    book = casebook_of(app.config)
    return [
        docname
        for docname, shown in subjects_of(env).items()
        if docname not in removed and any(book.fingerprint(subject) != seen for subject, seen in shown.items())
    ]


def forget(app: Sphinx, env: BuildEnvironment, docname: str) -> None:
    """Drop what is known of a page that is read again or gone."""
    subjects_of(env).pop(docname, None)


def merge(app: Sphinx, env: BuildEnvironment, docnames: Iterable[str], other: BuildEnvironment) -> None:
    """Take over what a parallel reader found out about its pages."""
    found = subjects_of(other)
    subjects_of(env).update({name: found[name] for name in docnames if name in found})
