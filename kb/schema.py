"""The JSON Schemas of the entries' front matter, written for editors: `python -m kb.schema`."""

from __future__ import annotations

import json
from pathlib import Path

from kb.load import FOLDERS
from kb.model import schema_of

DIRECTORY = Path(__file__).parent / "schema"


def schemas() -> dict[Path, str]:
    """Return the text of each schema file, generated from the model."""
    return {
        DIRECTORY / f"{kind.__name__.lower()}.schema.json": json.dumps(schema_of(kind), indent=2, ensure_ascii=False)
        + "\n"
        for kind in FOLDERS.values()
    }


if __name__ == "__main__":
    DIRECTORY.mkdir(exist_ok=True)
    for path, text in schemas().items():
        path.write_text(text, encoding="utf-8")
