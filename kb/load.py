"""Files -> KnowledgeBase. Every mistake in every file is reported at once, each as path:line:column."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from kb.complaint import complaint
from kb.errors import KnowledgeBaseError, NotFoundError, Problem
from kb.model import Check, Entry, Family, Incident
from kb.nearest import hint, nearest
from kb.source import Loc, Source, read_source

BUILT_IN = Path(__file__).parent
FOLDERS: dict[str, type[Entry]] = {"incidents": Incident, "checks": Check, "families": Family}


@dataclass(frozen=True)
class KnowledgeBase:
    """Everything the casebooks say, checked: every name in an entry leads to an entry that exists."""

    incidents: Mapping[str, Incident]
    checks: Mapping[str, Check]
    families: Mapping[str, Family]
    redirects: Mapping[str, str]
    """Former ids of incidents and checks, and the id that each goes by now."""

    def incident(self, name: str) -> Incident:
        """Return the incident of that id, or of that former id.

        Raises:
            NotFoundError: no incident has or had it.
        """
        found = self.incidents.get(self.redirects.get(name, name))
        if found is None:
            raise NotFoundError("incident", name, nearest(name, self.incidents, limit=3))
        return found

    def check(self, name: str) -> Check:
        """Return the check of that id, or of that former id.

        Raises:
            NotFoundError: no check has or had it.
        """
        found = self.checks.get(self.redirects.get(name, name))
        if found is None:
            raise NotFoundError("check", name, nearest(name, self.checks, limit=3))
        return found

    @property
    def active(self) -> list[Incident]:
        """The incidents that triage may name: all but the withdrawn ones."""
        return [incident for incident in self.incidents.values() if incident.withdrawn_because is None]

    def members(self, family: str) -> list[Incident]:
        """Return the incidents that belong to a family, first or among others."""
        return [incident for incident in self.active if family in incident.families]


def load(private: Iterable[Path] = ()) -> KnowledgeBase:
    """Load the built-in casebook and the private ones beside it.

    Raises:
        KnowledgeBaseError: anything at all is wrong in any of them; nothing is half-loaded.
    """
    return load_directories([BUILT_IN, *private])


def load_directories(directories: Sequence[Path]) -> KnowledgeBase:
    """Load casebooks that together must make sense: each a folder with incidents/, checks/ and families/.

    Raises:
        KnowledgeBaseError: anything at all is wrong in any of them.
    """
    knowledge, problems = read_directories(directories)
    if problems:
        raise KnowledgeBaseError(problems)
    return knowledge


def read_directories(directories: Sequence[Path]) -> tuple[KnowledgeBase, list[Problem]]:
    """Read casebooks as far as they can be read, with everything that is wrong in them, for tools that report."""
    sources: dict[Path, Source] = {}
    entries: dict[str, dict[str, Entry]] = {folder: {} for folder in FOLDERS}
    problems: list[Problem] = []
    for directory in directories:
        if not any((directory / folder).is_dir() for folder in FOLDERS):
            wanted = ", ".join(f"{folder}/" for folder in FOLDERS)
            problems.append(Problem(directory, 1, 1, "", f"is no casebook: it has none of the folders {wanted}"))
        for folder, kind in FOLDERS.items():
            for path in sorted((directory / folder).glob("*.md")):
                sources[path] = source = read_source(path)
                entry = read_entry(kind, source)
                clash = entries[folder].get(path.stem)
                if clash is not None:
                    source.problem(
                        (), f"the id {path.stem!r} is taken already by {clash.path}; choose another file name"
                    )
                elif entry is not None:
                    entries[folder][entry.id] = entry
    knowledge = KnowledgeBase(
        typing.cast("dict[str, Incident]", entries["incidents"]),
        typing.cast("dict[str, Check]", entries["checks"]),
        typing.cast("dict[str, Family]", entries["families"]),
        {},
    )
    # A file that could not be read still exists: a name that leads to it is not a second mistake.
    names = {folder: {path.stem for path in sources if path.parent.name == folder} for folder in FOLDERS}
    for source, entry in ((sources[entry.path], entry) for kind in entries.values() for entry in kind.values()):
        _check_names(source, entry, knowledge, names)
    redirects = _redirects(entries, sources)
    for source in sources.values():
        problems.extend(source.problems)
    return KnowledgeBase(knowledge.incidents, knowledge.checks, knowledge.families, redirects), problems


def read_entry(kind: type[Entry], source: Source) -> Entry | None:
    """Turn one file's data into an entry of its kind, or note in the source why it is none."""
    if source.problems:
        return None
    given = source.data | {"id": source.path.stem, "path": source.path, "body": source.body}
    for name in Entry.model_fields:
        if name in source.data:
            source.problem((name,), "is not written in the front matter: it comes from the file itself", at_key=True)
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        details = error.errors(include_url=False)
        for detail in details:
            # A list whose items are wrong is called too short as well, which is no second mistake.
            inner = any(other["loc"][: len(detail["loc"])] == detail["loc"] != other["loc"] for other in details)
            if not inner:
                _note(kind, source, detail)
    return None


def _note(kind: type[Entry], source: Source, detail: Any) -> None:
    loc: Loc = tuple(part for part in detail["loc"] if part != "[key]")
    fault = detail["type"]
    if fault == "extra_forbidden":
        fields = _fields_at(kind, loc[:-1])
        source.problem(
            loc, f"is not a known field{hint(str(loc[-1]), fields)}; expected {', '.join(fields)}", at_key=True
        )
    elif fault == "missing":
        source.problem(loc, "is missing; it is required")
    elif loc == ("id",):
        source.problem((), f"the file name {source.path.name!r} must be small letters, digits and single hyphens")
    else:
        at_key = "[key]" in detail["loc"]
        source.problem(loc, complaint(detail), at_key=at_key)


def _fields_at(kind: type[BaseModel], loc: Loc) -> list[str]:
    """Return the names of the fields that may stand at a place of an entry."""
    annotation: Any = kind
    for part in loc:
        models = _models(annotation)
        if models and isinstance(part, str):
            field = next((f for name, f in models[0].model_fields.items() if part in (name, f.alias)), None)
            annotation = field.annotation if field else None
        else:
            # A list's or mapping's items: the last type argument is the item's type for both.
            annotation = next((arg for arg in reversed(typing.get_args(annotation)) if arg is not Ellipsis), None)
    models = _models(annotation)
    if not models:
        return []
    inherent = Entry.model_fields if issubclass(models[0], Entry) else {}
    return [field.alias or name for name, field in models[0].model_fields.items() if name not in inherent]


def _models(annotation: Any) -> list[type[BaseModel]]:
    """Return the models that an annotation allows: itself, or those of `X | None`."""
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    return [option for option in options if isinstance(option, type) and issubclass(option, BaseModel)]


def _check_names(source: Source, entry: Entry, knowledge: KnowledgeBase, names: Mapping[str, set[str]]) -> None:
    """Note every name in an entry that leads nowhere."""
    for loc, folder, name in _names_in(entry):
        if name not in names[folder]:
            kind = FOLDERS[folder].__name__.lower()
            message = f"there is no {kind} {name!r}{hint(name, names[folder])}"
            source.problem(loc, message, at_key=loc[-1] == name)
    for loc, check_id, outcome in _outcomes_in(entry):
        check = knowledge.checks.get(check_id)
        if check is not None and outcome not in check.outcomes:
            known = ", ".join(check.outcomes)
            message = f"check {check_id!r} has no outcome {outcome!r}{hint(outcome, check.outcomes)}; it has {known}"
            source.problem(loc, message, at_key=loc[-1] == outcome)


def _names_in(entry: Entry) -> Iterator[tuple[Loc, str, str]]:
    if isinstance(entry, Incident):
        yield ("family",), "families", entry.family
        yield from ((("also_in", index), "families", name) for index, name in enumerate(entry.also_in))
        yield from ((("expect", name), "checks", name) for name in entry.expect)
        for index, herring in enumerate(entry.red_herrings):
            yield ("red_herrings", index, "disproved_by"), "checks", herring.disproved_by
    elif isinstance(entry, Family):
        yield from ((("split_by", index), "checks", name) for index, name in enumerate(entry.split_by))
    elif isinstance(entry, Check):
        for outcome_id, outcome in entry.outcomes.items():
            yield from ((("outcomes", outcome_id, "implies", name), "checks", name) for name in outcome.implies)


def _outcomes_in(entry: Entry) -> Iterator[tuple[Loc, str, str]]:
    if isinstance(entry, Incident):
        for check_id, outcomes in entry.expect.items():
            yield from ((("expect", check_id, outcome), check_id, outcome) for outcome in outcomes)
    elif isinstance(entry, Check):
        for outcome_id, outcome in entry.outcomes.items():
            for check_id, name in outcome.implies.items():
                yield ("outcomes", outcome_id, "implies", check_id), check_id, name


def _redirects(entries: Mapping[str, Mapping[str, Entry]], sources: Mapping[Path, Source]) -> dict[str, str]:
    """Collect former ids, and note those that are somebody's present id or were claimed before."""
    redirects: dict[str, str] = {}
    for folder in ("incidents", "checks"):
        for entry in entries[folder].values():
            formerly = entry.formerly if isinstance(entry, Incident | Check) else ()
            for index, former in enumerate(formerly):
                taken = entries[folder].get(former) or entries[folder].get(redirects.get(former, ""))
                if taken is not None:
                    sources[entry.path].problem(("formerly", index), f"{former!r} is the id of {taken.path} already")
                redirects.setdefault(former, entry.id)
    return redirects
