"""The documentation keeps step with the code: keys, commands, options, settings, rules and dependencies are in it."""

from __future__ import annotations

import importlib
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from bot.cli import COMMANDS
from bot.cli.match import matched
from bot.conversation import Conversation
from kb import model
from kb.load import FOLDERS, load, load_directories
from kb.model import Entry
from tests.site import ROOT

DOCS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))}
ENTRANCES = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md")}
_SHELL = re.compile(r"```(?:shell|console)\n(.*?)```", re.DOTALL)


def models() -> Iterator[type[BaseModel]]:
    for value in vars(model).values():
        if isinstance(value, type) and issubclass(value, model.Part) and value not in (model.Part, Entry):
            yield value


def keys_of(kind: type[BaseModel]) -> set[str]:
    inherent = Entry.model_fields if issubclass(kind, Entry) else {}
    return {field.alias or name for name, field in kind.model_fields.items() if name not in inherent}


def shown_commands() -> Iterator[tuple[str, str]]:
    for name, text in (DOCS | ENTRANCES).items():
        for block in _SHELL.findall(text):
            for line in block.replace("\\\n", " ").splitlines():
                if re.match(r"(?:\w+=\S+ )*(?:\.venv/bin/)?blip\b", line):
                    yield name, re.sub(r"^(?:\w+=\S+ )*", "", line)


@pytest.mark.parametrize("kind", list(models()), ids=lambda kind: kind.__name__)
def test_every_front_matter_key_is_explained(kind: type[BaseModel]) -> None:
    assert {key for key in keys_of(kind) if f"`{key}`" not in DOCS["adding"]} == set()


def test_every_folder_of_the_casebook_is_explained() -> None:
    assert {folder for folder in FOLDERS if f"kb/{folder}/" not in DOCS["adding"]} == set()


def test_every_value_of_a_closed_list_is_explained() -> None:
    for values in (model.Vantage, model.Frequency, model.Commonness, model.Status, model.Certainty, model.Risk):
        assert {value for value in values if f"`{value}`" not in DOCS["adding"]} == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_documented(command: str) -> None:
    assert any(f"blip {command}" in text for text in DOCS.values())


@pytest.mark.parametrize(("page", "line"), list(shown_commands()))
def test_every_shown_command_exists_with_its_options(page: str, line: str) -> None:
    words = line.split()[1:]
    if words[0] == "--kb":
        words = words[2:]
    name = words[0]
    assert name in COMMANDS, page
    command: click.Command | None = importlib.import_module(f"bot.cli.{name}").command
    if isinstance(command, click.Group):
        command = command.commands.get(words[1])
    assert command is not None
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known


def test_every_setting_that_the_code_reads_is_documented() -> None:
    files = [ROOT / "conf.py", *(ROOT / "bot").rglob("*.py"), *(ROOT / "kb").rglob("*.py")]
    named = {name for path in files for name in re.findall(r"[\"']((?:BLIP|SLACK)_[A-Z_]+)[\"']", path.read_text())}
    assert {name for name in named if not any(f"`{name}`" in text for text in DOCS.values())} == set()


def dependencies() -> set[str]:
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = pyproject["project"]
    lists = [
        project["dependencies"],
        *project["optional-dependencies"].values(),
        *pyproject["dependency-groups"].values(),
    ]
    return {re.split(r"[\[<>=!~ ;]", dependency)[0] for listed in lists for dependency in listed}


def test_every_dependency_earns_its_place_in_a_line_and_no_line_is_left_over() -> None:
    section = DOCS["decisions"].partition("## Dependencies")[2]
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", section, re.MULTILINE)) - {"package", "---"}
    assert explained == dependencies()


def test_every_page_begins_with_a_description() -> None:
    for name, text in DOCS.items():
        assert re.match(r"---\ndescription: \S.{30,}\n", text), name


def test_the_example_entry_is_one_that_loads(tmp_path: Path) -> None:
    example = re.findall(r"```yaml\n(---\n.*?)```", DOCS["adding"], re.DOTALL)
    assert len(example) == 1
    shutil.copytree(ROOT / "kb", tmp_path / "kb", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (tmp_path / "kb" / "incidents" / "example-of-the-documentation.md").write_text(example[0], encoding="utf-8")
    assert "example-of-the-documentation" in load_directories([tmp_path / "kb"]).incidents


@pytest.mark.parametrize("name", ENTRANCES)
def test_every_link_of_the_readme_and_of_contributing_leads_to_a_file(name: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", ENTRANCES[name]) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link.partition("#")[0]).exists()] == []


def test_every_target_that_a_newcomer_is_told_of_is_there() -> None:
    targets = re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.MULTILINE)
    told = {
        target for text in (DOCS | ENTRANCES).values() for target in re.findall(r"(?:`|^)make ([a-z]+)", text, re.M)
    }
    assert {"run", "test"} <= told <= set(targets)


def test_the_answer_in_the_readme_is_the_bots() -> None:
    """Probabilities and words move with every entry; the first suspect and the check are what the picture promises."""
    (text,) = re.findall(r'blip match "([^"]+)"', ENTRANCES["README"])
    found = matched(Conversation(load()), text)
    assert f"% {found['matches'][0]['title']} (" in ENTRANCES["README"]
    assert f"### {found['next_check']['question']}\n" in ENTRANCES["README"]
