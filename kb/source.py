"""One entry file -> plain data with positions, or everything that is wrong with how it is written.

YAML gives scalars types by their looks (`no` is false, `1.10` is 1.1, `on` is true), which loses what was written.
Here every scalar stays the text that it is; the model gives it its type.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

from kb.errors import Problem

MAX_BYTES = 256 * 1024

Loc = tuple[str | int, ...]


@dataclass
class Source:
    """What one file says: its front matter as plain data, where each value stands, and its body."""

    path: Path
    data: dict[str, object] = field(default_factory=dict)
    body: str = ""
    keys: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    values: dict[Loc, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, loc: Loc, message: str, *, at_key: bool = False) -> None:
        """Note that the value (or key) at `loc` is wrong; what is not in the file stands for its nearest parent."""
        known = self.keys if at_key else self.values
        place = loc
        while place and place not in known:
            place = place[:-1]
        line, column = known.get(place, (1, 1))
        self.problems.append(Problem(self.path, line, column, dotted(loc), message))


def dotted(loc: Loc) -> str:
    """Write a location as people read it: `symptoms[0].phrasings`."""
    text = ""
    for part in loc:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_source(path: Path) -> Source:
    """Read and take apart an entry file; whatever is wrong with it is in the result's `problems`."""
    source = Source(path)
    try:
        raw = path.read_bytes()
    except OSError as error:
        source.problem((), f"cannot be read: {error.strerror}")
        return source
    text = _decode(source, raw)
    if text is None:
        return source
    lines = text.splitlines(keepends=True)
    end = next((number for number, line in enumerate(lines) if number and line.rstrip() == "---"), None)
    if lines[0].rstrip() != "---" or end is None:
        source.problem((), "the file must start with front matter between two lines '---'")
        return source
    source.body = "".join(lines[end + 1 :])
    # The first line is the opening ---: keeping it as an empty line keeps the line numbers of the file.
    _compose(source, "\n" + "".join(lines[1:end]))
    return source


def _decode(source: Source, raw: bytes) -> str | None:
    if raw.startswith(b"\xef\xbb\xbf"):
        source.problem((), "starts with a byte order mark; save the file as UTF-8 without one")
        return None
    if len(raw) > MAX_BYTES:
        source.problem((), f"has {len(raw)} bytes; an entry has at most {MAX_BYTES}")
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        column = error.start - raw.rfind(b"\n", 0, error.start)
        source.problems.append(Problem(source.path, line, column, "", "is not UTF-8 here; save the file as UTF-8"))
        return None
    if not text.strip():
        source.problem((), "is empty; expected front matter between two lines '---', then the narrative")
        return None
    return text.replace("\r\n", "\n")


def _compose(source: Source, text: str) -> None:
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        source.problems.append(Problem(source.path, line, column, "", _explain(text, line, error)))
        return
    except yaml.YAMLError as error:
        source.problem((), f"is no YAML: {error}")
        return
    if not isinstance(node, yaml.MappingNode):
        source.problem((), "the front matter must be a list of 'field: value' lines")
        return
    source.data = _mapping(source, node, (), set())


def _explain(text: str, line: int, error: yaml.MarkedYAMLError) -> str:
    lines = text.split("\n")
    here = lines[line - 1] if line <= len(lines) else ""
    if "\t" in here[: len(here) - len(here.lstrip())] or "'\\t'" in str(error.problem):
        return "a tab cannot indent YAML; use spaces"
    return f"is no YAML: {error.problem or error.context}"


def _plain(source: Source, node: yaml.Node, loc: Loc, seen: set[int]) -> object:
    source.values[loc] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if id(node) in seen:
        source.problem(loc, "aliases (*name) are not allowed; write the value out")
        return None
    seen.add(id(node))
    if isinstance(node, yaml.MappingNode):
        return _mapping(source, node, loc, seen)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(source, item, (*loc, index), seen) for index, item in enumerate(node.value)]
    if not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
        source.problem(loc, f"the tag {node.tag!r} is not allowed; write plain text")
        return None
    return None if node.tag == "tag:yaml.org,2002:null" else str(node.value)


def _mapping(source: Source, node: yaml.MappingNode, loc: Loc, seen: set[int]) -> dict[str, object]:
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        line, column = key_node.start_mark.line + 1, key_node.start_mark.column + 1
        if not isinstance(key_node, yaml.ScalarNode):
            source.problems.append(Problem(source.path, line, column, dotted(loc), "a field's name must be plain text"))
            continue
        key = str(key_node.value)
        place = (*loc, key)
        if key in data:
            first = source.keys[place][0]
            message = f"is given twice; it stands on line {first} already"
            source.problems.append(Problem(source.path, line, column, dotted(place), message))
            continue
        source.keys[place] = (line, column)
        data[key] = _plain(source, value_node, place, seen)
    return data
